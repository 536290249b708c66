"""Functions as careless users write them: the flow under the record fuzzer imports them.

What a function does depends on the value alone. `expected_results` repeats the choice, so that a
test knows the outcome of each record.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Never

from confluent_kafka import KafkaError, KafkaException

LARGER_THAN_ALLOWED_BYTES = 1_100_000  # max.request.size of the producer is 1 MiB by default

_flaky: set[bytes] = set()


def keep(value: bytes) -> Any:
    """The predicate of a filter."""
    return _chosen(KEEP, value)[0](value)


def split(value: bytes) -> Any:
    """The mapper of a flat_map: some values with numbers behind them."""
    return _chosen(SPLIT, value)[0](value)


def convert(value: bytes) -> Any:
    """The mapper of a map."""
    return _chosen(CONVERT, value)[0](value)


def expected_results(value: bytes) -> int | None:
    """How many records `keep`, `split` and `convert` one after the other make of a record with this
    value; None: a dead letter.
    """
    kept = _chosen(KEEP, value)[1]
    if not kept:
        return kept
    parts = _chosen(SPLIT, value)[1]
    results = [] if parts is None else [expected_of_convert(part) for part in _parts(value, parts)]
    return None if parts is None or None in results else sum(result or 0 for result in results)


def expected_of_convert(value: bytes) -> int | None:
    """How many records `convert` makes of a record with this value; None: a dead letter."""
    return _chosen(CONVERT, value)[1]


def behaviour(value: bytes) -> str:
    """The names of the functions chosen for a record with this value, for messages."""
    chosen = [_chosen(KEEP, value), _chosen(SPLIT, value), _chosen(CONVERT, value)]
    chosen += [_chosen(CONVERT, part) for part in _parts(value, chosen[1][1] or 0)]
    return ", ".join(function.__name__ for function, _ in chosen)


Function = Callable[[bytes], Any]


def _chosen(table: list[tuple[Function, int | None]], value: bytes) -> tuple[Function, int | None]:
    return table[zlib.crc32(value, len(table)) % len(table)]


def _parts(value: bytes, count: int) -> list[bytes]:
    return [b"%b/%d" % (value, number) for number in range(count)]


# ---- odd things to raise or return


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


def _raiser(name: str, make: Callable[[bytes], BaseException]) -> Function:
    def raises(value: bytes) -> Never:
        raise make(value)

    raises.__name__ = f"raise_{name}"
    return raises


def _giver(name: str, make: Callable[[bytes], object]) -> Function:
    def gives(value: bytes) -> object:
        return make(value)

    gives.__name__ = f"return_{name}"
    return gives


def _constant(result: object) -> Function:
    return _giver(repr(result), lambda _: result)


def _noted(note: Any) -> Exception:
    error = ValueError("noted")
    error.__notes__ = note
    return error


def _circle(_: bytes) -> Exception:
    error = ValueError("circle")
    error.__cause__ = error.__context__ = error
    return error


def _long_chain(_: bytes) -> Exception:
    error = ValueError("first")
    for number in range(3000):
        later = ValueError(f"later {number}")
        later.__context__ = error
        error = later
    return error


def deep(value: bytes) -> bytes:
    return deep(value) + b"."


def flaky(value: bytes) -> bytes:
    """Fails at the first attempt only."""
    if value not in _flaky:
        _flaky.add(value)
        raise ConnectionError("try again")
    _flaky.discard(value)
    return value


def stop(value: bytes) -> bytes:
    return next(iter([])) or value


async def later(value: bytes) -> bytes:
    await asyncio.sleep(0)
    return value


def _broken_off(value: bytes) -> Iterator[bytes]:
    yield value + b"/0"
    raise ValueError("broken off")


def _exited(value: bytes) -> Iterator[bytes]:
    yield value + b"/0"
    raise SystemExit


def same(value: bytes) -> bytes:
    return value


def as_text(value: bytes) -> str:
    return value.decode("latin-1")


def _number(count: int) -> Function:
    return _giver(f"{count}_values", lambda value: _parts(value, count))


_DEAD, _DROPPED = None, 0

_TRUE: list[object] = [True, 1, "yes", [0]]
_FALSE: list[object] = [False, None, 0, "", []]

KEEP: list[tuple[Function, int | None]] = [
    *[(_constant(kept), 1) for kept in _TRUE] * 4,
    *[(_constant(dropped), _DROPPED) for dropped in _FALSE],
    (_giver("undecided", lambda _: Undecided()), _DEAD),
    (_raiser("ValueError", ValueError), _DEAD),
    (_raiser("BaseException", OwnBaseException), _DEAD),
]

SPLIT: list[tuple[Function, int | None]] = [
    *[(_number(1), 1)] * 6,
    *[(_number(3), 3)] * 6,
    (_number(0), _DROPPED),
    (_number(50), 50),
    (_giver("tuple", lambda value: tuple(_parts(value, 2))), 2),
    (_giver("generator", lambda value: (part for part in _parts(value, 2))), 2),
    (_giver("text", as_text), _DEAD),
    (_giver("bytes", same), _DEAD),
    (_giver("number", len), _DEAD),
    (_giver("none", lambda _: None), _DEAD),
    (_giver("number_inside", lambda value: [value + b"/0", 5]), _DEAD),
    (_giver("broken_off", _broken_off), _DEAD),
    (_giver("exited", _exited), _DEAD),
    (_raiser("KeyError", KeyError), _DEAD),
    (stop, _DEAD),
]

CONVERT: list[tuple[Function, int | None]] = [
    *[(same, 1)] * 40,
    (as_text, 1),
    (Subtle, 1),
    (flaky, 1),
    (_giver("none", lambda _: None), _DROPPED),
    (_giver("number", len), _DEAD),
    (_giver("float", lambda _: float("nan")), _DEAD),
    (_giver("bool", bool), _DEAD),
    (_giver("list", list), _DEAD),
    (_giver("dict", lambda value: {"value": value}), _DEAD),
    (_giver("object", lambda _: object()), _DEAD),
    (_giver("surrogates", lambda _: "\ud800"), _DEAD),
    (_giver("too_large", lambda _: bytes(LARGER_THAN_ALLOWED_BYTES)), _DEAD),
    (later, _DEAD),
    (stop, _DEAD),
    (deep, _DEAD),
    (_raiser("ValueError", ValueError), _DEAD),
    (_raiser("KeyError", KeyError), _DEAD),
    (_raiser("Unprintable", Unprintable), _DEAD),
    (_raiser("Misprinted", Misprinted), _DEAD),
    (_raiser("OddlyNamed", OddlyNamed), _DEAD),
    (_raiser("surrogates", lambda _: ValueError("\ud800\0\udfff")), _DEAD),
    (_raiser("huge_message", lambda _: ValueError("x" * LARGER_THAN_ALLOWED_BYTES)), _DEAD),
    (_raiser("SyntaxError", lambda _: SyntaxError("m", (5, "x", [], {}))), _DEAD),  # type: ignore[arg-type]  # that is the point
    (_raiser("notes", lambda _: _noted(["a", 5, Unprintable()])), _DEAD),
    (_raiser("number_as_notes", lambda _: _noted(5)), _DEAD),
    (_raiser("circle", _circle), _DEAD),
    (_raiser("long_chain", _long_chain), _DEAD),
    (
        _raiser(
            "group",
            lambda _: ExceptionGroup(
                "several", [ValueError(), ExceptionGroup("inner", [Unprintable()])]
            ),
        ),
        _DEAD,
    ),
    (
        _raiser(
            "UnicodeDecodeError", lambda value: UnicodeDecodeError("utf-8", value, 0, 1, "bad")
        ),
        _DEAD,
    ),
    (_raiser("MemoryError", lambda _: MemoryError()), _DEAD),
    (_raiser("BufferError", lambda _: BufferError()), _DEAD),
    (
        _raiser("fatal_KafkaException", lambda _: KafkaException(KafkaError(KafkaError._FATAL))),
        _DEAD,
    ),
    (_raiser("KafkaException_of_text", lambda _: KafkaException("text")), _DEAD),
    (_raiser("StopAsyncIteration", lambda _: StopAsyncIteration()), _DEAD),
    (_raiser("exit_0", lambda _: SystemExit(0)), _DEAD),
    (_raiser("exit_text", lambda _: SystemExit("text")), _DEAD),
    (_raiser("CancelledError", lambda _: asyncio.CancelledError()), _DEAD),
    (_raiser("GeneratorExit", lambda _: GeneratorExit()), _DEAD),
    (_raiser("KeyboardInterrupt", lambda _: KeyboardInterrupt()), _DEAD),
    (_raiser("BaseException", OwnBaseException), _DEAD),
    (
        _raiser(
            "BaseExceptionGroup", lambda _: BaseExceptionGroup("several", [OwnBaseException()])
        ),
        _DEAD,
    ),
]
