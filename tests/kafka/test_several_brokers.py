"""A cluster of three brokers, of which one at a time is away."""

import random
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.faults import strike
from tests.support.kafka import Kafka
from tests.support.records import Record
from tests.support.stream import Stream
from tests.support.waiting import let_pass

RATE = 2500


@pytest.fixture
def cluster(tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on three nodes."""
    with Kafka(tmp_path / "kafka", nodes=3) as kafka:
        made = Stream(kafka, tmp_path, name)
        yield made
        made.end()


def apart(cluster: Stream) -> int:
    """Create the topics so that the output is on a node of its own, away from the input and the group's coordinator; returns the node."""
    coordinator = cluster.topics.group(cluster.group).coordinator.id
    output = coordinator % 3 + 1
    cluster.topics.create(cluster.source, only_on=coordinator)
    cluster.topics.create(cluster.target, only_on=output)
    return output


def test_what_is_not_delivered_is_not_committed(cluster: Stream) -> None:
    """Only the output's node is away: offsets could be committed, and the processor is killed before it has delivered."""
    output = apart(cluster)
    processor = cluster.processor().start().running()
    cluster.members(1)
    sent = [Record(f"{n:04d}".encode(), b"k") for n in range(2000)]
    with cluster.kafka.away(output):
        cluster.send(*sent)
        let_pass(3)  # many commit intervals
        assert cluster.behind() == len(sent)
        processor.kill()
    processor.start()
    cluster.drain()
    books = cluster.count(sent)
    assert books.nothing_lost, books


def test_a_stop_waits_for_what_is_not_delivered(cluster: Stream) -> None:
    output = apart(cluster)
    processor = cluster.processor().start().running()
    cluster.members(1)
    sent = [Record(f"{n:04d}".encode(), b"k") for n in range(2000)]
    with cluster.kafka.away(output):
        cluster.send(*sent)
        let_pass(1)
        processor.signal(signal.SIGTERM)
        let_pass(2)
        processor.assert_alive()
    assert processor.exit_code() == 0
    processor.start()
    cluster.drain()
    books = cluster.count(sent)
    assert books.nothing_lost, books
    assert books.doubled == 0


@pytest.mark.long
def test_each_of_three_brokers_dies_once_under_load(cluster: Stream, chance: random.Random, tell: Callable[[str], None]) -> None:
    cluster.create(6)
    first, second = cluster.processor().start().running(), cluster.processor().start().running()
    cluster.members(2)
    numbers = cluster.numbers(RATE)
    met = []
    for node in (1, 2, 3):
        numbers.advance(chance.randrange(RATE, 3 * RATE))
        met.append(strike(cluster, first, partial(cluster.kafka.kill, node)))
        numbers.advance(5 * RATE)
        cluster.kafka.restart(node)
    sent = numbers.finish(at_least=100_000)
    cluster.drain()
    books = cluster.count(sent)
    tell(f"{books}; 3 x one of three brokers killed with {min(met)} to {max(met)} records in flight")
    assert books.nothing_lost, books
    for one in (first, second):
        one.assert_alive()
