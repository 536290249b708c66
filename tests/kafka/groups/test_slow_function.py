"""A function that takes half a second a record."""

import signal
from collections.abc import Callable, Sequence

from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
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


def numbered(texts: Sequence[str]) -> list[Record]:
    """Records with these texts, in two partitions by turns."""
    return [
        Record(f"{n:04d} {text}".encode(), f"k{n % 2}".encode(), (), n % 2)
        for n, text in enumerate(texts)
    ]


def only_member(stream: Stream) -> str:
    """The id of the one member of the group: another id is another membership."""
    (member,) = stream.topics.group(stream.group).members
    return str(member.member_id)


def test_slow_function_keeps_its_membership(
    stream: Stream, report_figure: Callable[[str], None]
) -> None:
    stream.create(2)
    sent = numbered(["slow"] * RECORDS)
    stream.send(*sent)
    processor = stream.with_step(STEP, SLOW, SETTINGS).start()
    stream.members(1)
    member = only_member(stream)
    wait_for(
        lambda: stream.behind() <= RECORDS // 2, MAX_POLL * 10, "half of the records committed"
    )
    assert only_member(stream) == member
    met = inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
    assert processor.exit_code() == 0
    processor.start()
    delivery_count = assert_delivered(stream, sent, once=True)
    report_figure(f"{delivery_count}; 1 x SIGTERM with {met} in flight")


def test_second_member_joins_busy_one(stream: Stream) -> None:
    """The rebalance waits for a batch at most, and the group expels no member."""
    stream.create(2)
    sent = numbered(["slow"] * RECORDS)
    stream.send(*sent)
    stream.with_step(STEP, SLOW, SETTINGS).start()
    stream.members(1)
    stream.with_step(STEP, SLOW, SETTINGS).start()
    stream.members(2)
    assert_delivered(stream, sent)


def test_slow_batch_is_cut_and_reread(stream: Stream, report_figure: Callable[[str], None]) -> None:
    """The batches have grown large by the time the records get slow.

    None of those that time did not allow for is left out.
    """
    stream.create(2)
    texts = ["quick"] * 5000 + ["slowish"] * 400 + ["quick"] * 100
    sent = numbered(texts)
    processor = stream.with_step(STEP, SLOW, SETTINGS).start().running()
    stream.members(1)
    stream.send(*sent)
    wait_for(
        lambda: 100 < stream.behind() <= 400, MAX_POLL * 10, "some of the slow records committed"
    )
    met = inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
    assert processor.exit_code() == 0
    processor.start()
    delivery_count = assert_delivered(stream, sent, once=True)
    report_figure(f"{delivery_count}; 1 x SIGTERM with {met} in flight")


def test_sudden_slowness_keeps_membership(stream: Stream) -> None:
    """As when a service it calls begins to time out.

    The large batch it was in the middle of is cut at the next record.
    """
    stream.create(2)
    texts = ["quick"] * 5000 + ["slow"] * RECORDS + ["quick"] * 100
    sent = numbered(texts)
    processor = stream.with_step(STEP, SLOW, SETTINGS).start().running()
    stream.members(1)
    member = only_member(stream)
    stream.send(*sent)
    wait_for(
        lambda: stream.behind() <= 100 + RECORDS // 2,
        MAX_POLL * 10,
        "half of the slow records committed",
    )
    assert only_member(stream) == member
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    processor.start()
    assert_delivered(stream, sent, once=True)
