"""What the log says of a function's mistake.

Its name, the user's own frame, what it returned, and never the record.
"""

import asyncio
import functools
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.errors.exceptions import FunctionError
from connectors.functions.division import values_of
from connectors.functions.errors import describe, result_error
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from tests.fakes.messages import batch, message

SECRET = b"payload"


# results


def enrich(value: bytes) -> Any:
    return value


async def wait(value: bytes) -> bytes:
    await asyncio.sleep(0)
    return value


async def yields(value: bytes) -> AsyncIterator[bytes]:
    yield value


def halves(value: bytes) -> Iterator[bytes]:
    yield value


class Order:
    """Anything."""


ENRICH = rf"enrich \({re.escape(__file__)}:\d+\)"
RETURNED: list[tuple[Callable[[], Any], str]] = [
    (dict, r"dict; return bytes, str or None \(json\.dumps\(\.\.\.\) for JSON\)"),
    (list, r"list; return bytes, str or None \(json\.dumps\(\.\.\.\) for JSON\)"),
    (tuple, r"tuple; .*"),
    (int, r"int; .*"),
    (float, r"float; .*"),
    (bool, r"bool; .*"),
    (Order, r"Order; .*"),
    (lambda: bytearray(SECRET), r"bytearray; return bytes, str or None \(bytes\(\.\.\.\)\)"),
    (lambda: memoryview(SECRET), r"memoryview; return bytes, str or None \(bytes\(\.\.\.\)\)"),
    (
        lambda: halves(SECRET),
        r"generator; return bytes, str or None \(flat_map_value takes a function that yields\)",
    ),
    (
        lambda: "\ud800 payload",
        r"text with surrogates, which UTF-8 cannot hold; return bytes, or text without them",
    ),
]


@pytest.mark.parametrize(("make", "said"), RETURNED)
def test_bad_result_names_function(make: Callable[[], Any], said: str) -> None:
    error = result_error(enrich, "return", make())
    assert re.fullmatch(f"{ENRICH} returned {said}", str(error))
    assert "payload" not in str(error)


def test_coroutine_is_no_value() -> None:
    given = wait(SECRET)
    assert "enrich" in str(result_error(enrich, "return", given))
    assert "asyncio.run(...)" in str(result_error(enrich, "return", given))
    given.close()


@pytest.mark.parametrize("value", [b"", b"x", "", "text", "한국어", None])
def test_values_are_no_mistake(value: object) -> None:
    assert result_error(enrich, "return", value) is None


@pytest.mark.parametrize(
    "results",
    ["text", b"bytes", bytearray(b"x"), memoryview(b"x"), {"a": 1}, None, 1, True, 1.5, Order()],
    ids=lambda each: type(each).__name__,
)
def test_flat_map_refuses_non_iterables(results: Any) -> None:
    result = batch(message(SECRET)).flat_map("f.split", lambda _: results)
    assert isinstance(result.error, FunctionError)
    assert re.fullmatch(
        rf"f\.split: the record in-0@0 failed: .*<lambda> \(\S+/{Path(__file__).name}:\d+\) "
        rf"returned "
        rf"{type(results).__name__}; return a list of values, or yield them",
        str(result.error),
    )


def test_flat_map_refuses_async_generators() -> None:
    result = batch(message(SECRET)).flat_map("f.split", lambda value: cast("Any", yields(value)))
    assert "returned async_generator; return a list of values" in str(result.error)


@pytest.mark.parametrize(
    "results",
    [
        [],
        [b"a"],
        (b"a", "b"),
        {b"a"},
        {b"a": 1}.keys(),
        {1: b"a"}.values(),
        map(str, [1]),
        halves(b"a"),
        iter([b"a"]),
    ],
    ids=lambda each: type(each).__name__,
)
def test_flat_map_takes_iterables(results: Any) -> None:
    assert isinstance(values_of(enrich, results), tuple)


def shown(steps: Callable[[RecordBatch], RecordBatch]) -> str:
    """The step and error that a record fails with, once the client has rejected its value."""
    output = RecordProducer(Settings(), BrokerStatus(("127.0.0.1:1",), {}))
    given_up: list[tuple[str, BaseException]] = []
    output.produce_batch(
        steps(batch(message(SECRET))),
        lambda _: None,
        lambda _, step, __, error: given_up.append((step, error)),
    )
    output.producer.purge()
    ((step, error),) = given_up
    return f"{step}: {error}"


def as_dict(value: bytes) -> Any:
    return {"text": value.decode()}


def as_dicts(value: bytes) -> Any:
    return [as_dict(value)]


def test_error_names_the_function() -> None:
    text = shown(
        lambda b: b.map("f.first", enrich).map("f.second", as_dict).filter("f.third", bool)
    )
    assert re.fullmatch(
        r"f\.second: as_dict \(\S+\) returned dict; return bytes, str or None \(json\.dumps.*", text
    )
    text = shown(lambda b: b.map("f.first", enrich).flat_map("f.second", as_dicts))
    assert re.fullmatch(
        r"f\.second: as_dicts \(\S+\) yielded dict; yield bytes, str or None \(json\.dumps.*", text
    )


def test_objects_pass_between_steps() -> None:
    result = batch(message(SECRET)).map("f.load", as_dict).map("f.dump", json.dumps)
    assert result.values == ['{"text": "payload"}']


# names


class Orders:
    def enrich(self, value: bytes) -> bytes:
        return value

    @staticmethod
    def still(value: bytes) -> bytes:
        return value

    @classmethod
    def of_class(cls, value: bytes) -> bytes:
        return value

    def __call__(self, value: bytes) -> bytes:
        return value


@functools.wraps(enrich)
def wrapped(value: bytes) -> Any:
    return enrich(value)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (enrich, "enrich (FILE)"),
        (wrapped, "enrich (FILE)"),
        (functools.partial(functools.partial(enrich)), "enrich (FILE)"),
        (Orders().enrich, "Orders.enrich (FILE)"),
        (Orders.still, "Orders.still (FILE)"),
        (Orders.of_class, "Orders.of_class (FILE)"),
        (Orders(), "Orders (FILE)"),
        (lambda value: value, "<lambda> (FILE)"),
        (functools.lru_cache(enrich), "enrich (FILE)"),
        (bytes.upper, "bytes.upper"),
        (len, "len"),
        (b"".join, "bytes.join"),
        (int, "int"),
        (Orders, "Orders"),
    ],
)
def test_functions_have_their_qualified_name(function: Any, name: str) -> None:
    assert re.sub(rf"{re.escape(__file__)}:\d+", "FILE", describe(function)) == name
