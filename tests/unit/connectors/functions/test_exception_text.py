"""What is said of an exception: as Python says it, and within limits whatever its class does."""

import traceback
from typing import Any, cast

import pytest

from connectors.functions import exception_text


class OddText(str):
    """Text of a user's own."""

    __slots__ = ()

    def __getitem__(self, _: Any) -> str:
        raise RuntimeError


class NoTextError(Exception):
    def __str__(self) -> str:
        raise SystemExit(0)


class OddTextError(Exception):
    def __str__(self) -> str:
        return OddText("x" * 10_000)


class NoStringError(Exception):
    def __str__(self) -> str:
        return cast("str", None)


class EndlessError(Exception):
    """Each of its causes has a cause."""

    @property
    def __cause__(self) -> BaseException | None:
        return EndlessError()

    @__cause__.setter
    def __cause__(self, cause: BaseException | None) -> None:
        raise RuntimeError

    @property
    def __traceback__(self) -> Any:
        raise RuntimeError

    @__traceback__.setter
    def __traceback__(self, trace: Any) -> None:
        raise RuntimeError


class NoNameError(Exception):
    __module__ = cast("str", 7)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:  # noqa: BLE001 - whatever the test wants
        return caught


def with_notes(error: Exception, notes: Any) -> BaseException:
    error.__notes__ = notes
    return raised(error)


HOSTILE = [
    *(
        NoTextError(),
        OddTextError(),
        NoStringError(),
        EndlessError(),
        NoNameError("text"),
        with_notes(ValueError(), 7),
    ),
    with_notes(ValueError(), [object(), OddText("note")] * 10_000),
    ExceptionGroup("group", [NoTextError()] * 10_000),
    KeyError("x" * 1_000_000),
    type("A\nB" * 10_000, (Exception,), {})("text"),
]


@pytest.mark.parametrize("error", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_errors_have_text(error: Exception) -> None:
    met = raised(error)
    assert 0 < len(exception_text.class_name(met)) < 500
    assert len(exception_text.message(met)) <= exception_text.MESSAGE_MAX_CHARS
    assert 0 < len(exception_text.stack_trace(met)) < 200_000
    assert "\n" not in exception_text.one_line(exception_text.class_name(met))
    assert type(exception_text.message(met)) is str
    assert exception_text.places(met)[-1][0] == __file__


def chained() -> BaseException:
    try:
        try:
            raise ValueError("first")
        except ValueError:
            raise KeyError("second") from None
    except KeyError:
        try:
            raise TypeError("third")
        except TypeError as context:
            return raised(OSError(2, "fourth"), context)


@pytest.mark.parametrize(
    "error",
    [
        chained(),
        raised(ValueError()),
        raised(ValueError("a\nb")),
        with_notes(ValueError("v"), ["a", "b"]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_stack_trace_is_pythons(error: BaseException) -> None:
    assert exception_text.stack_trace(error) == "".join(traceback.format_exception(error))


def test_chain_of_causes_ends() -> None:
    error: BaseException = ValueError("0")
    for number in range(100_000):
        error = raised(ValueError(f"{number}"), error)
    assert len(list(exception_text.causes(error))) < 100
    assert len(exception_text.stack_trace(error)) < 200_000


def test_deep_stack_ends() -> None:
    def deep(value: Any) -> Any:
        return deep(value)

    with pytest.raises(RecursionError) as met:
        deep(0)
    assert len(exception_text.stack_trace(met.value)) < 200_000
