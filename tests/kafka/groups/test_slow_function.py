"""A function that takes half a second a record."""

import signal
from collections.abc import Callable

from tests.support.faults import inject_when_in_flight
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.waiting import wait_for

SLOW = """
import time


def slow(value):
    time.sleep(0.02 if b"slowish" in value else 0.5 if b"slow" in value else 0)
    return reverse(value)
"""
STEP = 'records = map_value("slow", records, slow)'
# seconds; a processor that handed the function more than 7 records at a time would be thrown out.
MAX_POLL = 4
RECORDS = 24

SETTINGS = {
    "spring.cloud.stream.kafka.binder.consumer-properties.max.poll.interval.ms": str(
        MAX_POLL * 1000
    )
}


def test_a_slow_function_costs_neither_the_membership_nor_the_stop(
    stream: Stream, tell: Callable[[str], None]
) -> None:
    stream.create(2)
    sent = [
        Record(f"{n:02d} slow".encode(), f"k{n % 2}".encode(), (), n % 2) for n in range(RECORDS)
    ]
    stream.send(*sent)
    processor = stream.own_flow(STEP, SLOW, SETTINGS).start()
    stream.members(1)
    (member,) = stream.topics.group(stream.group).members
    wait_for(
        lambda: stream.behind() <= RECORDS // 2, MAX_POLL * 10, "half of the records committed"
    )
    assert [now.member_id for now in stream.topics.group(stream.group).members] == [
        member.member_id
    ], "the same membership"
    met = inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
    assert processor.exit_code() == 0
    processor.start()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}; 1 x SIGTERM with {met} in flight")
    assert books.nothing_lost, books
    assert books.doubled == 0


def test_a_second_processor_joins_while_the_function_is_busy(stream: Stream) -> None:
    """The rebalance waits for a batch at most, and nobody is thrown out."""
    stream.create(2)
    sent = [
        Record(f"{n:02d} slow".encode(), f"k{n % 2}".encode(), (), n % 2) for n in range(RECORDS)
    ]
    stream.send(*sent)
    stream.own_flow(STEP, SLOW, SETTINGS).start()
    stream.members(1)
    stream.own_flow(STEP, SLOW, SETTINGS).start()
    stream.members(2)
    stream.drain()
    books = stream.count(sent)
    assert books.nothing_lost, books


def test_a_batch_that_takes_longer_than_expected_is_cut_and_its_rest_is_read_again(
    stream: Stream, tell: Callable[[str], None]
) -> None:
    """The batches have grown large by the time the records get slow; none of those that time did
    not allow for is left out.
    """
    stream.create(2)
    texts = ["quick"] * 5000 + ["slowish"] * 400 + ["quick"] * 100
    sent = [
        Record(f"{n:04d} {text}".encode(), f"k{n % 2}".encode(), (), n % 2)
        for n, text in enumerate(texts)
    ]
    processor = stream.own_flow(STEP, SLOW, SETTINGS).start().running()
    stream.members(1)
    stream.send(*sent)
    wait_for(
        lambda: 100 < stream.behind() <= 400, MAX_POLL * 10, "some of the slow records committed"
    )
    met = inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
    assert processor.exit_code() == 0
    processor.start()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}; 1 x SIGTERM with {met} in flight")
    assert books.nothing_lost, books
    assert books.doubled == 0


def test_a_function_that_suddenly_becomes_slow_costs_no_membership_either(stream: Stream) -> None:
    """As when a service it calls begins to time out: the large batch it was in the middle of is cut
    at the next record.
    """
    stream.create(2)
    texts = ["quick"] * 5000 + ["slow"] * RECORDS + ["quick"] * 100
    sent = [
        Record(f"{n:04d} {text}".encode(), f"k{n % 2}".encode(), (), n % 2)
        for n, text in enumerate(texts)
    ]
    processor = stream.own_flow(STEP, SLOW, SETTINGS).start().running()
    stream.members(1)
    (member,) = stream.topics.group(stream.group).members
    stream.send(*sent)
    wait_for(
        lambda: stream.behind() <= 100 + RECORDS // 2,
        MAX_POLL * 10,
        "half of the slow records committed",
    )
    assert [now.member_id for now in stream.topics.group(stream.group).members] == [
        member.member_id
    ], "the same membership"
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    processor.start()
    stream.drain()
    books = stream.count(sent)
    assert books.nothing_lost, books
    assert books.doubled == 0
