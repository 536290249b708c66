"""Exactly once: with a transaction id prefix nothing is lost and nothing doubled, whatever breaks."""

import random
from collections.abc import Callable

import pytest

from runtime.exits import Exit
from tests.guarantees.trial import EXACTLY_ONCE, Trial
from tests.support.records import Record
from tests.support.stream import Stream
from tests.support.waiting import wait_for

TIMEOUT = {"spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": "10000"}
PREFIX = {"spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix": "tx-"}
Tell = Callable[[str], None]


@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_deaths_and_stops(stream: Stream, chance: random.Random, tell: Tell, protocol: str) -> None:
    trial = Trial(stream, EXACTLY_ONCE, protocol, chance)
    first = trial.join()
    faults = [trial.kill] * 4 + [trial.terminate] * 3
    chance.shuffle(faults)
    for fault in faults:
        if chance.random() < 0.6:  # otherwise it is hit again while it starts and finds its place in the group
            stream.members(1)
        trial.a_moment()
        fault(first)
        first.start()
    row = trial.verdict("deaths and stops")
    tell(str(row))
    row.check()
    trial.stop()


@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_a_second_member_comes_and_goes(stream: Stream, chance: random.Random, tell: Tell, protocol: str) -> None:
    trial = Trial(stream, EXACTLY_ONCE, protocol, chance)
    trial.join()
    second = trial.join()
    for fault in (trial.terminate, trial.kill, trial.terminate):
        trial.a_moment()
        fault(second)
        trial.a_moment()
        second.start().first_answer()
        stream.members(2)
    row = trial.verdict("a second member comes and goes")
    tell(str(row))
    row.check()
    trial.stop()


@pytest.mark.long  # Kafka 4.4, a single node killed in the middle of a commit, was seen to come back without markers of its own transaction
@pytest.mark.parametrize("seconds", [1, 10, 20])
def test_an_outage(own_stream: Stream, chance: random.Random, tell: Tell, seconds: int) -> None:
    """Shorter and longer than the transaction lives."""
    trial = Trial(own_stream, EXACTLY_ONCE, "range", chance, TIMEOUT)
    trial.join()
    trial.a_moment()
    trial.outage(seconds)
    row = trial.verdict(f"{seconds} s without a broker")
    tell(str(row))
    row.check()
    trial.stop()


def test_batches_dropped_whole_are_committed_too(stream: Stream) -> None:
    """Nothing is produced, and still the offsets go on: in transactions of their own."""
    stream.create(2)
    drop = 'records = filter_value("keep", records, lambda value: value.startswith(b"keep"))'
    stream.own_flow(drop, settings=PREFIX).start()
    stream.send(*(Record(b"drop", partition=number % 2) for number in range(500)))
    stream.drain()
    stream.send(Record(b"keep"))
    stream.drain()
    assert [record.value for record in stream.arrived()] == [b"keep"]


def test_two_processes_with_one_id(stream: Stream, chance: random.Random, tell: Tell) -> None:
    """The younger one takes over; the older one says so and ends with a code of its own."""
    trial = Trial(stream, EXACTLY_ONCE, "range", chance)
    first = trial.join()
    trial.a_moment()
    second = stream.processor(trial.settings(0)).start()
    wait_for(lambda: first.child.poll() is not None, 30, "the end of the older process")
    assert first.exit_code() == Exit.FENCED, first.tail()
    assert "instance-index" in first.output
    assert "Traceback" not in first.output
    row = trial.verdict("two processes with one id")
    tell(str(row))
    row.check()
    second.assert_alive()


@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_a_frozen_process_writes_nothing_when_it_wakes(stream: Stream, chance: random.Random, tell: Tell, protocol: str) -> None:
    trial = Trial(stream, EXACTLY_ONCE, protocol, chance)
    zombie = trial.join()
    trial.join()
    trial.a_moment()
    trial.freeze(zombie)
    row = trial.verdict("frozen past its session")
    tell(str(row))
    row.check()
    trial.stop()
