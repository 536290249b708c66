"""What careless functions raise and return."""

from typing import Any


class Unprintable(Exception):  # noqa: N818 - a user's name
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Misprinted(Exception):  # noqa: N818 - a user's name
    def __str__(self) -> str:
        return 5  # type: ignore[return-value]  # noqa: PLE0307 - that is the point


class OddlyNamed(Exception):  # noqa: N818 - a user's name
    pass


OddlyNamed.__module__ = None  # type: ignore[assignment]  # that is the point
OddlyNamed.__qualname__ = "\ud800" * 3


class OwnBaseException(BaseException):
    pass


class UndecidedError(Exception):
    """As numpy's arrays, whose truth value is ambiguous."""


class Undecided:
    def __bool__(self) -> bool:
        raise UndecidedError


class Subtle(bytes):
    """Bytes, and no more than that to a client."""


def noted(note: Any) -> Exception:
    error = ValueError("noted")
    error.__notes__ = note
    return error


def circle(_: bytes) -> Exception:
    error = ValueError("circle")
    error.__cause__ = error.__context__ = error
    return error


def long_chain(_: bytes) -> Exception:
    error = ValueError("first")
    for number in range(3000):
        later = ValueError(f"later {number}")
        later.__context__ = error
        error = later
    return error
