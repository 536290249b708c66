"""A cluster of three brokers, of which one at a time is away."""

import random
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka.cimpl import NewTopic

from tests.support.brokers.admin import quick_admin
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.brokers.topics import SECONDS
from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.verify.metrics import EXPOSED, SENDS, value
from tests.support.waiting import let_pass, wait_for

RATE = 2500
BINDER = "spring.cloud.stream.kafka.binder"
# A busy machine delays a heartbeat by more than the two seconds of other tests.
LONG_SESSION = {f"{BINDER}.consumer-properties.session.timeout.ms": "30000"}
# seconds; a call for a transaction takes up to 20.
MAX_POLL = {"at-least-once": 4, "exactly-once": 24}
SMALL_QUEUE = {
    "python-processor.commit-interval": "60s",  # when idle it commits all the same
    f"{BINDER}.producer-properties.buffer.memory": f"{1 << 20}",  # a tenth of what is sent
}


@pytest.fixture
def cluster(three_node_kafka: ProxiedKafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on three nodes."""
    made = Stream(three_node_kafka, tmp_path, name)
    yield made
    made.end()
    three_node_kafka.restore()


def apart(cluster: Stream) -> int:
    """Create the output on a node that holds neither the input nor the group's coordinator.

    Returns that node.
    """
    coordinator = cluster.topics.group(cluster.group).coordinator.id
    output = coordinator % 3 + 1
    cluster.topics.create(cluster.source, only_on=coordinator)
    cluster.topics.create(cluster.target, only_on=output)
    return output


def test_undelivered_record_is_not_committed(cluster: Stream) -> None:
    """Only the output's node is away.

    Offsets could be committed, and the processor is killed before it has delivered.
    """
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
    assert_delivered(cluster, sent)


def test_stop_waits_for_deliveries(cluster: Stream) -> None:
    output = apart(cluster)
    processor = cluster.processor(LONG_SESSION).start().running()
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
    assert_delivered(cluster, sent, once=True)


# The mode, how the output is blocked, and what the task then waits for: its commit, which is due
# first, or room in the producer's queue.
BLOCKED = [
    ("at-least-once", "its node is away", "the commit"),
    ("at-least-once", "too few replicas are in sync", "the queue"),
    ("exactly-once", "its node is away", "the queue"),
    ("exactly-once", "too few replicas are in sync", "the commit"),
]


@pytest.mark.parametrize(("mode", "how", "waits_for"), BLOCKED)
def test_blocked_output_keeps_membership(
    cluster: Stream, report_figure: Callable[[str], None], *, mode: str, how: str, waits_for: str
) -> None:
    """For longer than the poll interval."""
    coordinator = cluster.topics.group(cluster.group).coordinator.id
    leader, follower = coordinator % 3 + 1, (coordinator + 1) % 3 + 1
    cluster.topics.create(cluster.source, only_on=coordinator)
    if how == "its node is away":
        cluster.topics.create(cluster.target, only_on=leader)
        away = leader
    else:
        # Drops its requests when it is garbage-collected.
        admin = quick_admin(cluster.kafka.bootstrap)
        new = NewTopic(
            cluster.target,
            1,
            replica_assignment=[[leader, follower]],
            config={"min.insync.replicas": "2"},
        )
        admin.create_topics([new])[cluster.target].result(SECONDS)
        away = follower
    impatient = {f"{BINDER}.consumer-properties.max.poll.interval.ms": f"{MAX_POLL[mode] * 1000}"}
    settings = EXPOSED | impatient | MODES[mode] | (SMALL_QUEUE if waits_for == "the queue" else {})
    processor = cluster.processor(settings).start().running()
    cluster.members(1)
    (member,) = cluster.topics.group(cluster.group).members
    sent = [Record(f"{n:06d} ".encode() + b"x" * 493, b"k", (), 0) for n in range(20_000)]
    cluster.send(sent[0])
    cluster.drain()  # the first commit is due at once, the second after the interval
    assert processor.request("POST", "/actuator/bindings/input", {"state": "PAUSED"})[0] == 204
    cluster.send(*sent[1:])
    with cluster.kafka.away(away):
        assert processor.request("POST", "/actuator/bindings/input", {"state": "RESUMED"})[0] == 204

        def taken() -> float:
            return value(processor, f"{SENDS}_count", name="output") or 0

        wait_for(lambda: taken() > 1, 30, "the first batch taken")
        let_pass(1.5 * MAX_POLL[mode])
        held = taken()
        assert held < len(sent) / 2
        assert held > 1000 or waits_for == "the commit"
        assert cluster.behind() == len(sent) - 1
        assert [now.member_id for now in cluster.topics.group(cluster.group).members] == [
            member.member_id
        ], "the same membership"
        # 200, whatever is away.
        assert processor.get("/actuator/health")["status"] in {"UP", "UNKNOWN"}
    cluster.drain(120)
    processor.assert_alive()
    assert not any(f"partitions {gone}" in processor.output for gone in ("lost", "revoked"))
    delivery_count = cluster.count(sent)
    report_figure(f"{held:.0f} records taken while blocked; {delivery_count}")
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0, delivery_count


@pytest.mark.long
def test_each_broker_dies_once_under_load(
    cluster: Stream, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    cluster.create(6)
    first, second = cluster.processor().start().running(), cluster.processor().start().running()
    cluster.members(2)
    numbers = cluster.numbers(RATE)
    met = []
    for node in (1, 2, 3):
        numbers.advance(rng.randrange(RATE, 3 * RATE))
        met.append(inject_when_in_flight(cluster, first, partial(cluster.kafka.kill, node)))
        numbers.advance(5 * RATE)
        cluster.kafka.restart(node)
    sent = numbers.finish(at_least=100_000)
    delivery_count = assert_delivered(cluster, sent)
    report_figure(
        f"{delivery_count}; 3 x one of three brokers killed "
        f"with {min(met)} to {max(met)} records in flight"
    )
    for one in (first, second):
        one.assert_alive()
