"""Memory does not grow with what senders put into headers."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from config import Settings
from config.spring import spel
from connectors.errors.exceptions import PartitionKeyError
from connectors.produce.partitioner import Partitioner
from connectors.produce.spel import evaluate
from connectors.records.forwarding import Forwarding, forward
from connectors.records.messages import CONTENT_TYPE, TYPES, Headers, charset
from formats.caching import remember_short
from formats.content_types import charset_of
from tests.fakes.messages import message
from tests.support.processor import REPOSITORY
from text import UndecodableText, reverse

RECORDS = 5_000  # a round
ROOM_BYTES = 1_000_000  # a hundredth of what is sent
LENGTHS = (20_000, 400_000)  # of each kind in turn; the longest now and then


def padding(number: int) -> str:
    return f"{number:06}" + "x" * LENGTHS[number % 200 == 0]


def content_types(number: int) -> Headers:
    name = padding(number)
    forms = (
        f"text/plain;charset={name}",
        f'"text/plain;a={name}"',
        f'{{"parameters":{{"charset":"{name}"}}}}',
        f"text/{name}",
    )
    return [("x", b"1"), (CONTENT_TYPE, forms[number % 4].encode())]


def types(number: int) -> Headers:
    name = padding(number)
    forms = (f'{{"x":"{name}"}}', f'{{"{name}":"java.lang.String"}}', f'["{name}"]', f"[{name}")
    return [("x", b"1"), (CONTENT_TYPE, b"text/plain"), (TYPES, forms[number % 4].encode())]


def short_charsets(number: int) -> Headers:
    return [("x", b"1"), (CONTENT_TYPE, f"text/plain;charset=unheard-{number}".encode())]


def process(stream: Iterator[Headers]) -> None:
    """What the processor does with a record's headers, in all the ways that settings ask for."""
    forwarding = Forwarding()
    expressions = [spel.of_record("payload"), spel.of_record("headers['x']")]
    partitioner = Partitioner(
        Settings(partition_key_expression=spel.of_record("key")), spel.of_record("key")
    )
    partitioner.found(5)
    for headers in stream:
        received = message(b"v\xff", headers=headers, key=b"k")
        forwarding(headers)
        forward(headers, b"text/plain")
        partitioner.with_partition(
            received, headers, ("out", b"v", b"k", -1, None, None, 0, headers)
        )
        for expression in expressions:
            with suppress(PartitionKeyError):
                evaluate(expression, received, b"v\xff", headers, "utf-8")
        with suppress(UndecodableText):
            reverse(b"v\xff", charset(headers))


def kept_bytes() -> int:
    """What the product's code has allocated and keeps: threads of other tests may run meanwhile."""
    code = [
        tracemalloc.Filter(inclusive=True, filename_pattern=f"{REPOSITORY}/{each}")
        for each in ("connectors/*", "formats/*", "text.py")
    ]
    return sum(each.size for each in tracemalloc.take_snapshot().filter_traces(code).traces)


@pytest.mark.parametrize("kind", [content_types, types, short_charsets])
def test_memory_is_flat_under_any_headers(kind: Callable[[int], Headers]) -> None:
    # What is remembered in any case, and what Python allocates once.
    process(map(kind, range(2 * RECORDS, 2 * RECORDS + 600)))
    gc.collect()
    tracemalloc.start()
    try:
        kept = []
        # In the first one, entries of caches are replaced that were made before.
        for start in (0, RECORDS):
            process(map(kind, range(start, start + RECORDS)))
            gc.collect()
            kept.append(kept_bytes())
    finally:
        tracemalloc.stop()
    assert kept[1] - kept[0] < ROOM_BYTES


def test_long_keys_are_not_cached() -> None:
    asked: list[bytes | None] = []

    @remember_short(3, entries=2)
    def remembered(key: bytes | None) -> int:
        asked.append(key)
        return len(asked)

    assert [remembered(key) for key in (None, b"abc", b"abcd", None, b"abc", b"abcd")] == [
        1,
        2,
        3,
        1,
        2,
        4,
    ]
    assert [remembered(key) for key in (b"new", b"abc")] == [5, 6]  # a third key empties it


def test_errors_are_not_cached() -> None:
    @remember_short(3)
    def refused(key: bytes) -> int:
        raise ValueError(key)

    for _ in range(2):
        with pytest.raises(ValueError, match="abc"):
            refused(b"abc")


def test_content_types_are_cached_by_bytes() -> None:
    assert charset_of(b"text/plain;charset=koi8-r") is charset_of(
        bytes(bytearray(b"text/plain;charset=koi8-r"))
    )
