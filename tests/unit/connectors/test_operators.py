"""Steps in a flow: Bytewax runs them, and refuses functions that cannot be a step."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from connectors.errors.exceptions import FunctionRefusedError, UnsafeStepError
from connectors.operators import filter_value, flat_map_value, guarded, map_value
from tests.fakes.messages import batch_of
from tests.fakes.tasks import MemoryTask, flow_of, run
from text import reverse


def name_of(function: object) -> str:
    return getattr(function, "__name__", type(function).__name__)


def test_three_operators_in_a_row() -> None:
    task = MemoryTask([batch_of(b"a b", b"", b"c"), batch_of(None)])

    def no_b(value: bytes) -> bool:
        return value != b"b"

    flow = flow_of(
        lambda r: map_value(
            "upper",
            filter_value("no b", flat_map_value("split", r, bytes.split), no_b),
            bytes.upper,
        ),
        task,
    )
    run(guarded(flow))
    assert [batch.values for batch in task.written] == [[b"A", None, None, b"C"], [None]]


def test_steps_after_failure_are_skipped() -> None:
    seen = list[bytes]()
    task = MemoryTask([batch_of(b"1", b"x")])
    run(
        guarded(
            flow_of(lambda r: map_value("later", map_value("parse", r, int), seen.append), task)
        )
    )
    assert [str(batch.error).split(":")[0] for batch in task.written] == ["f.parse"]
    assert seen == []


async def enrich(value: bytes) -> bytes:
    await asyncio.sleep(0)
    return value


async def parts(value: bytes) -> AsyncIterator[bytes]:
    yield value


def halves(value: bytes) -> Iterator[bytes]:
    yield value[:1]
    yield value[1:]


def two(first: bytes, second: bytes) -> bytes:
    return first + second


def nothing() -> bytes:
    return b""


class Orders:
    def plain(self, value: bytes) -> bytes:
        return value

    def by_keyword(self, value: bytes, *, rate: int) -> bytes:
        return value * rate


class GeneratorCall:
    def __call__(self, value: bytes) -> Iterator[bytes]:
        yield value


HERE = __file__
ARITY = [
    two,
    nothing,
    Orders.plain,
    Orders().by_keyword,
    functools.partial(two, b"", b""),
    lambda: None,
    lambda a, b: a + b,
]


def refusal(operator: Any, function: Any) -> str:
    with pytest.raises(FunctionRefusedError) as refused:
        flow_of(lambda records: operator("mine", records, function))
    line = str(refused.value)
    assert line.startswith("step 'mine': ")
    assert "\n" not in line
    return line


@pytest.mark.parametrize("operator", [map_value, filter_value])
def test_async_generator_needs_flat_map(operator: Any) -> None:
    assert "yields; a function that yields values is for flat_map_value" in refusal(operator, parts)


@pytest.mark.parametrize("operator", [map_value, filter_value, flat_map_value])
@pytest.mark.parametrize("function", ARITY)
def test_wrong_arity_is_refused(operator: Any, function: Any) -> None:
    line = refusal(operator, function)
    assert "with one value: " in line or "nothing is given to its parameter" in line
    assert f"({HERE}:" in line


@pytest.mark.parametrize("operator", [map_value, filter_value])
@pytest.mark.parametrize(
    "function", [halves, GeneratorCall(), functools.partial(halves)], ids=name_of
)
def test_generator_needs_flat_map(operator: Any, function: Any) -> None:
    assert "is for flat_map_value" in refusal(operator, function)
    flow_of(lambda records: flat_map_value("mine", records, function))


@pytest.mark.parametrize("operator", [map_value, filter_value, flat_map_value])
@pytest.mark.parametrize("given", [None, b"value", 1, [reverse]])
def test_non_function_is_refused(operator: Any, given: Any) -> None:
    assert f"{type(given).__name__} given instead of a function" in refusal(operator, given)


class Line:
    def __init__(self, value: bytes) -> None:
        self.value = value


def optional(value: bytes, rate: int = 2, *more: int, **named: int) -> bytes:
    return value * (rate + len(more) + len(named))


@pytest.mark.parametrize(
    "function",
    [
        optional,
        Orders().plain,
        functools.partial(two, b""),
        functools.partial(Orders().by_keyword, rate=2),
        functools.partial(functools.partial(Orders.plain), Orders()),
        bytes.upper,
        int,
        str,
        print,
        b"".join,
        Line,
        lambda value: value,
        lambda *values: values,
    ],
    ids=name_of,
)
@pytest.mark.parametrize("operator", [map_value, filter_value, flat_map_value])
def test_single_argument_function_is_accepted(operator: Any, function: Any) -> None:
    guarded(flow_of(lambda records: operator("mine", records, function)))


def second(value: bytes, charset: str) -> str:
    return f"{value!r} {charset}"


def by_keyword(value: bytes, *, charset: str) -> str:
    return f"{value!r} {charset}"


def third(value: bytes, prefix: str = "", charset: str = "none") -> str:
    return f"{prefix}{value!r} {charset}"


def not_at_all(value: bytes) -> str:
    return f"{value!r} utf-8"


@pytest.mark.parametrize(
    "function",
    [second, by_keyword, third, functools.partial(third, prefix=""), not_at_all],
    ids=name_of,
)
def test_charset_parameter_may_be_anywhere(function: Callable[..., Any]) -> None:
    task = MemoryTask([batch_of(b"1")])
    run(guarded(flow_of(lambda records: map_value("mine", records, function), task)))
    assert [batch.values for batch in task.written] == [[b"b'1' utf-8"]]


def test_extra_parameter_fails() -> None:
    def mapper(value: bytes, rate: int, *, charset: str) -> bytes:
        return value * rate + charset.encode()

    assert "nothing is given to its parameter rate: int" in refusal(map_value, mapper)


def test_partial_charset_wins() -> None:
    def reported(value: bytes, charset: str) -> str:
        return f"{value!r} {charset}"

    task = MemoryTask([batch_of(b"v")])
    run(
        flow_of(
            lambda records: map_value("s", records, functools.partial(reported, charset="latin-1")),
            task,
        )
    )
    assert task.written[0].values == [b"b'v' latin-1"]


@pytest.mark.parametrize("name", ["", "a.b", "two\nlines", "\0", "\ud800", 5])
@pytest.mark.parametrize("operator", [map_value, filter_value, flat_map_value])
def test_invalid_step_name_fails(operator: Any, name: Any) -> None:
    with pytest.raises(UnsafeStepError) as caught:
        flow_of(lambda records: operator(name, records, bytes.split))
    assert str(caught.value).startswith(f"step {name!r}: ")
    assert str(caught.value).isprintable()


def test_duplicate_step_name_is_refused() -> None:
    with pytest.raises(UnsafeStepError, match=r"step 's': .*already exists"):
        flow_of(lambda records: map_value("s", map_value("s", records, bytes.lower), bytes.upper))


def test_mock_object_is_refused() -> None:
    class Proxy:
        def __getattr__(self, _: str) -> Any:
            return self

        def __call__(self, value: bytes) -> bytes:
            return value

    with pytest.raises(UnsafeStepError, match="step 's': "):
        flow_of(lambda records: map_value("s", records, Proxy()))


def test_always_true_answer_is_mistake() -> None:
    coroutine = enrich(b"v")
    assert "returned coroutine; return True or False (write `async def`" in str(
        batch_of(b"v").filter("s", lambda _: coroutine).error
    )
    coroutine.close()
    assert "returned generator; return True or False" in str(
        batch_of(b"v").filter("s", lambda value: (x for x in value)).error
    )
