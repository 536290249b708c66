"""Many changes of state under load.

Nothing is lost or doubled, states are as reported, and what is paused does not move.
"""

import time
from collections.abc import Callable

import pytest
from confluent_kafka import Consumer

from tests.support.brokers.admin import quick
from tests.support.load.records import Record
from tests.support.processor import SECONDS
from tests.support.settings import PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.bindings import change_state
from tests.support.waiting import let_pass, wait_for

RATE = 1000
LOOKED_AT = 25  # each so many-th time it is looked whether anything moves
FOREIGN: dict[str, dict[str, str]] = {  # protocol -> librdkafka's properties
    "range": {"partition.assignment.strategy": "range"},
    "cooperative-sticky": {"partition.assignment.strategy": "cooperative-sticky"},
    "consumer": {"group.protocol": "consumer"},
}

PAUSE, STOP = ("PAUSED", "paused", "RESUMED"), ("STOPPED", "stopped", "STARTED")


@pytest.mark.parametrize(
    ("targets", "times", "apart"),
    [
        (PAUSE, 50, 20),
        (STOP, 5, 400),
        pytest.param(PAUSE, 1000, 20, marks=pytest.mark.long),
        pytest.param(STOP, 100, 400, marks=pytest.mark.long),
    ],
    ids=lambda value: value[0].lower() if isinstance(value, tuple) else str(value),
)
def test_commands_under_load_lose_nothing(
    stream: Stream,
    report_figure: Callable[[str], None],
    targets: tuple[str, str, str],
    times: int,
    apart: int,
) -> None:
    """`apart`: records that are sent between two."""
    off, is_off, on = targets
    stream.create(4)
    processor = stream.processor().start().running()
    stream.members(1)
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    took: dict[str, list[float]] = {off: [], on: []}
    for number in range(times):
        for state, then in ((off, is_off), (on, "running")):
            began = time.monotonic()
            change_state(processor, state, then)
            took[state].append(time.monotonic() - began)
            assert processor.binding("output")["state"] == (
                "stopped" if then == "stopped" else "running"
            )
            if then == is_off and number % LOOKED_AT == 0:
                still(stream)
        numbers.advance(apart)
    sent = numbers.finish()
    stream.drain()
    delivery_count = stream.count(sent)
    reported = ", ".join(
        f"{state} reported after {max(each) * 1000:.0f} ms at most" for state, each in took.items()
    )
    report_figure(f"{times} times: {reported}; {delivery_count}")
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_paused_input_survives_rebalances(stream: Stream, protocol: str) -> None:
    """Someone else of the group comes, reads without committing, and goes.

    The partitions come back, and are held.
    """
    stream.create(4)
    processor = stream.processor(PROTOCOLS[protocol]).start().running()
    stream.members(1)
    change_state(processor, "PAUSED", "paused")
    stream.send(*(Record(f"{number:03d}".encode(), partition=number % 4) for number in range(400)))
    for _ in range(2):
        come_and_go(stream, FOREIGN[protocol])
        stream.members(1)
        still(stream)
        assert processor.binding()["state"] == "paused"
    assert (stream.arrived(), stream.behind()) == ([], 400)
    change_state(processor, "RESUMED", "running")
    stream.drain()
    assert sorted((record.value or b"")[::-1] for record in stream.arrived()) == [
        f"{number:03d}".encode() for number in range(400)
    ]


def still(stream: Stream) -> None:
    """Nothing arrives in the output; what was in the producer's hands had a fifth of a second."""
    let_pass(0.2)
    before = stream.topics.ends(stream.target)
    let_pass(0.3)
    assert stream.topics.ends(stream.target) == before


def come_and_go(stream: Stream, protocol: dict[str, str]) -> None:
    """A consumer joins the group, has its share of the partitions, and leaves."""
    foreign = Consumer(
        quick(stream.kafka.bootstrap)
        | {"group.id": stream.group, "enable.auto.commit": False}
        | protocol
    )

    def shares() -> bool:
        foreign.poll(0.1)
        return stream.topics.settled(stream.group, 2)

    try:
        foreign.subscribe([stream.source])
        wait_for(shares, SECONDS, "a second member")
    finally:
        foreign.close()
