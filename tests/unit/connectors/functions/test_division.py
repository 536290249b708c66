"""What flat_map_value makes of records, in bounded memory and time."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.functions.division import BATCH_BYTES, BATCH_VALUES, RECORD_VALUES
from connectors.produce.record_producer import RecordProducer
from connectors.task.batch_times import BatchSizer
from tests.fakes.messages import batch, batch_of, message

ENDLESS: dict[str, Callable[[bytes], Any]] = {
    "empty values": lambda _: itertools.repeat(b""),
    "large values": lambda _: (bytes(1_000_000) for _ in itertools.count()),
    "objects": lambda _: (object() for _ in itertools.count()),
    "a long list": lambda value: [value] * (RECORD_VALUES + 1),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_too_many_values_fail(name: str) -> None:
    result = batch_of(b"v").flat_map("s", ENDLESS[name])
    assert "more than 1,000,000 values, or 256 MB, for one record; give fewer" in str(result.error)


def test_second_division_is_bounded_too() -> None:
    result = (
        batch_of(b"v")
        .flat_map("s", lambda value: [value] * 1000)
        .flat_map("t", lambda value: [value] * 10_000)
    )
    assert "more than 1,000,000 values" in str(result.error)


@pytest.mark.parametrize(
    "made", [[b""] * 30_000, [b"x" * (BATCH_BYTES // 4)]], ids=["many", "large"]
)
def test_too_many_values_cut_batch(made: list[bytes]) -> None:
    result = batch_of(*[b"v"] * 50).flat_map("s", lambda _: made)
    assert (result.taken, len(result.deferred)) == (
        50 - len(result.deferred),
        50 - len(result.messages) // len(made),
    )
    assert len(result.messages) // len(made) in (4, 5)
    assert result.next_offsets == {("in", 0): result.taken}


def test_one_value_per_record_cuts_nothing() -> None:
    result = batch_of(*[b"v"] * BATCH_VALUES).flat_map("s", lambda value: [value])
    assert (result.taken, result.deferred) == (BATCH_VALUES, [])


def test_several_values_count_as_one_record() -> None:
    """Of five records one is a null value, one has no values, one is dropped and one given up.

    Two go out.
    """
    made: dict[bytes, list[Any]] = {
        b"0": [b"a", b"b", b"c"],
        b"1": [],
        b"2": [None, None],
        b"3": [b"a", object(), b"c"],
    }
    output = RecordProducer(Settings(), BrokerStatus(("127.0.0.1:1",), {}))
    records = batch_of(*made, None).flat_map("s", made.__getitem__)
    output.produce_batch(
        records, lambda _: None, lambda given, _, record, __: given.give_up(record)
    )
    output.producer.purge()
    assert (output.sent, output.dropped, len(records.given_up)) == (4, 2, 1)


def test_batch_size_counts_records() -> None:
    sizer = BatchSizer(1000)
    sizer.observe(0.0001, 1, BATCH_VALUES // 10)
    assert sizer.size == 10
    sizer.observe(0.001, 10, BATCH_VALUES)
    assert sizer.size == 10
    sizer = BatchSizer(1000)
    sizer.observe(0.5, 1, BATCH_VALUES)  # many values do not make a slow function quick
    assert sizer.size == 1


def test_headers_are_read_once_per_record() -> None:
    records = batch(*(message(b"v", offset, headers=[("h", b"1")]) for offset in range(2)))
    given = list(records.flat_map("s", lambda value: [value] * 3).headers)
    assert [each is given[0] for each in given] == [True] * 3 + [False] * 3
