"""Nothing is lost and the order is kept, whatever happens to the processors and to the broker."""

import random
import signal
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.faults import strike
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import let_pass

RECORDS = 100_000
RATE = 2500  # a second: slow enough that 100,000 flow through all of a test's faults, fast enough that each meets hundreds
PARTITIONS = 6  # two for each of three processors
OUTAGE = 10  # seconds
LONG_OUTAGE = 150  # seconds; past two minutes client and broker give up other things than in a short one

ASSIGNORS = {
    "range": "org.apache.kafka.clients.consumer.RangeAssignor",
    "cooperative-sticky": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
}


class Trial:
    """A stream under fire, and the list of what hit it: fault -> how many records were in flight each time."""

    def __init__(self, stream: Stream, assignor: str, chance: random.Random) -> None:
        self.stream, self.chance = stream, chance
        self.hits: dict[str, list[int]] = defaultdict(list)
        self._settings = {"spring.cloud.stream.kafka.binder.consumer-properties.partition.assignment.strategy": ASSIGNORS[assignor]}
        stream.create(PARTITIONS)
        self.numbers = stream.numbers(RATE)

    def join(self) -> Processor:
        """One more processor takes part."""
        made = self.stream.processor(self._settings).start().first_answer()
        self.stream.members(len(self.stream.processors))
        return made

    def a_moment(self) -> None:
        """Let a random number of records pass."""
        self.numbers.advance(self.chance.randrange(RATE // 10, RATE))

    def kill(self, processor: Processor) -> None:
        self.hits["kill -9"].append(strike(self.stream, processor, processor.kill))

    def terminate(self, processor: Processor) -> None:
        """SIGTERM after the first HTTP answer: the processor drains and its exit code is 0."""
        processor.first_answer()
        self.hits["SIGTERM"].append(strike(self.stream, processor, lambda: processor.signal(signal.SIGTERM)))
        assert processor.exit_code() == 0

    def outage(self, processor: Processor, seconds: float) -> None:
        """The broker dies and comes back; the processors are the same ones afterwards."""
        pids = [one.child.pid for one in self.stream.processors]
        self.hits["broker killed"].append(strike(self.stream, processor, self.stream.kafka.kill))
        let_pass(seconds)
        self.stream.kafka.restart()
        self.a_moment()
        for one in self.stream.processors:
            one.assert_alive()
        assert [one.child.pid for one in self.stream.processors] == pids

    def verdict(self, tell: Callable[[str], None]) -> None:
        """Let the flow end, check the books, stop what runs."""
        sent = self.numbers.finish(at_least=RECORDS)
        self.stream.drain()
        books = self.stream.count(sent)
        hits = "; ".join(
            f"{len(met)} x {fault} with {min(met)} to {max(met)} records in flight" for fault, met in self.hits.items()
        )
        tell(f"{books}; {hits}")
        assert books.nothing_lost, books
        for one in self.stream.processors:
            one.signal(signal.SIGTERM)
        assert [one.exit_code() for one in self.stream.processors] == [0] * len(self.stream.processors)


@pytest.mark.parametrize("assignor", ASSIGNORS)
def test_deaths_stops_joins_and_a_broker_that_dies_lose_nothing(
    own_stream: Stream, assignor: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    trial = Trial(own_stream, assignor, chance)
    first = trial.join()
    faults = [trial.kill] * 8 + [trial.terminate] * 4
    chance.shuffle(faults)
    for fault in faults:
        if chance.random() < 0.6:  # otherwise it is hit again while it starts and finds its place in the group
            own_stream.members(1)
        trial.a_moment()
        fault(first)
        first.start()
    own_stream.members(1)

    second, third = trial.join(), trial.join()
    trial.a_moment()
    trial.kill(second)
    trial.a_moment()
    second.start()
    trial.a_moment()
    trial.kill(third)  # perhaps before the group has taken note of the first death
    third.start()
    own_stream.members(3)
    trial.a_moment()
    trial.terminate(first)
    trial.a_moment()
    first.start()
    own_stream.members(3)

    trial.outage(chance.choice([first, second, third]), OUTAGE)
    trial.verdict(tell)


@pytest.mark.long
@pytest.mark.parametrize("assignor", ASSIGNORS)
def test_a_broker_away_for_more_than_two_minutes_is_waited_out(
    own_stream: Stream, assignor: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    trial = Trial(own_stream, assignor, chance)
    first = trial.join()
    trial.join()
    trial.a_moment()
    trial.outage(first, LONG_OUTAGE)
    trial.outage(first, OUTAGE)
    trial.verdict(tell)


def test_a_stopped_stream_goes_on_where_it_was_without_a_double(own_stream: Stream, tell: Callable[[str], None]) -> None:
    """Orderly stops under load commit all they have delivered: here at least once is exactly once."""
    own_stream.create(PARTITIONS)
    numbers = own_stream.numbers(RATE)
    processor = own_stream.processor()
    met: list[Any] = []
    for _ in range(3):
        processor.start().first_answer()
        own_stream.members(1)
        numbers.advance(RATE)
        met.append(strike(own_stream, processor, lambda: processor.signal(signal.SIGTERM)))
        assert processor.exit_code() == 0
    processor.start()
    sent = numbers.finish()
    own_stream.drain()
    books = own_stream.count(sent)
    tell(f"{books}; 3 x SIGTERM with {min(met)} to {max(met)} records in flight")
    assert books.nothing_lost, books
    assert books.doubled == 0
