"""Pods of Kubernetes, without a cluster.

Each has a uid, the kubelet restarts a container at once, and updates overlap.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.exit_codes import Exit
from tests.support.brokers.kafka import Kafka
from tests.support.faults import fault_scenario
from tests.support.load.records import Record
from tests.support.pods import CLASSIC, CLIENT, LONG_SESSION, Kubelet, pod, processor_in
from tests.support.settings import EXACTLY_ONCE, MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.verify.groups import SOON, leave, partitions, shared
from tests.support.waiting import let_pass, wait_for

SESSION_S = 20.0
AT_WORK_S = 5.0  # times the tests' patience it is still less than a session


def grow_to_four(stream: Stream) -> None:
    """Add partitions up to four, and send a record to each."""
    stream.topics.grow(stream.source, 4)
    stream.send(*(Record(b"%d" % number, partition=number) for number in range(4)))


def assert_four_arrive(stream: Stream) -> None:
    arrived = stream.await_arrivals(4)
    assert sorted(record.value or b"" for record in arrived) == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "names", [("", ""), ("processor-v1-0", "processor-v2-0")], ids=["deployment", "statefulset"]
)
def test_pods_of_one_index_do_not_fence(
    stream: Stream, rng: random.Random, names: tuple[str, str], report_figure: Callable[[str], None]
) -> None:
    """An update of a StatefulSet.

    The old pod and the new one have the same index until the old one has stopped.
    """
    life = fault_scenario.FaultScenario(stream, fault_scenario.EXACTLY_ONCE, "range", rng)
    old, new = (processor_in(stream, pod(name), life.settings(0)) for name in names)
    kubelet = Kubelet(old.start(), new.start())
    for _ in range(20):  # about 20 s, in which two that fence each other restart some ten times
        life.numbers.advance(300)
        kubelet.restart_ended()
    shared(stream, old, new)
    leave(old)
    row = life.finish("two pods of one index")
    report_figure(f"{row}; restarts {kubelet.exit_codes}")
    row.check()
    assert kubelet.exit_codes == []


@pytest.mark.parametrize("protocol", CLASSIC)
@pytest.mark.parametrize("restarted", ["container", "pod"])
def test_restart_after_kill_reuses_its_id(
    stream: Stream,
    protocol: str,
    restarted: str,
    report_figure: Callable[[str], None],
) -> None:
    """Without a stable id a kill -9 would stall the partitions for a session, here ten minutes."""
    stream.create(4)
    numbers = stream.numbers(300)
    settings = LONG_SESSION | PROTOCOLS[protocol]
    indexes = [{"spring.cloud.stream.instance-index": str(index)} for index in range(2)]
    first, second = (
        processor_in(stream, pod(f"processor-v1-{n}"), settings | index).start()
        for n, index in enumerate(indexes)
    )
    shared(stream, first, second)
    numbers.advance(300)
    second.kill()
    if restarted == "pod":  # a StatefulSet gives the new pod the name of the old one
        second = processor_in(stream, pod("processor-v1-1"), settings | indexes[1])
    second.start()
    wait_for(lambda: partitions(second), 40, "the partitions of the killed one assigned again")
    shared(stream, first, second)
    sent = numbers.finish()
    delivery_count = assert_delivered(stream, sent)
    report_figure(f"{delivery_count}")


@pytest.mark.parametrize("protocol", CLASSIC)
def test_partitions_added_without_leader(stream: Stream, protocol: str) -> None:
    """A static member that comes back gets what it had.

    The group has to look at its topics once more.
    """
    stream.create(2)
    only = processor_in(stream, pod(), LONG_SESSION | PROTOCOLS[protocol]).start()
    shared(stream, only)
    only.kill()
    grow_to_four(stream)
    only.start()
    assert_four_arrive(stream)


@pytest.mark.parametrize("protocol", CLASSIC)
def test_partitions_added_with_leader_back(stream: Stream, protocol: str) -> None:
    """The member that took the leader's place has to watch the topics, as the leader did."""
    stream.create(2)
    first, second = (
        processor_in(stream, pod(), LONG_SESSION | SOON | PROTOCOLS[protocol]) for _ in range(2)
    )
    shared(stream, first.start())
    shared(stream, first, second.start())
    first.kill()
    shared(stream, first.start(), second)
    grow_to_four(stream)
    assert_four_arrive(stream)


@pytest.mark.parametrize("protocol", CLASSIC)
def test_stopped_member_leaves(stream: Stream, protocol: str) -> None:
    """A static member would keep its partitions for a session at each update and scale-down."""
    stream.create(4)
    first, second = (
        processor_in(stream, pod(), LONG_SESSION | PROTOCOLS[protocol]).start() for _ in range(2)
    )
    shared(stream, first, second)
    leave(second)
    shared(stream, first)


@pytest.mark.parametrize("protocol", CLASSIC)
def test_failed_member_leaves(stream: Stream, protocol: str) -> None:
    """Data Flow's local deployer does not restart a failed process: the others take over."""
    stream.create(4)
    settings = LONG_SESSION | PROTOCOLS[protocol] | EXACTLY_ONCE
    failing = stream.processor(settings).start()
    shared(stream, failing)
    other = stream.processor(settings).start()  # with the same index: it fences the one before
    shared(stream, failing, other)
    stream.send(*(Record(b"%d" % number, partition=number) for number in range(4)))
    assert failing.exit_code() == Exit.FENCED
    shared(stream, other)
    stream.drain()


@pytest.fixture
def streams(own_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Callable[[str], Stream]]:
    """Makes streams on one Kafka that the test kills."""
    with ExitStack() as stack:

        def make(part: str) -> Stream:
            (folder := tmp_path / part).mkdir()
            stream = Stream(own_kafka, folder, f"{name}-{part}")
            stack.callback(stream.end)
            return stream

        yield make


def test_outage_beyond_session(
    own_kafka: Kafka, streams: Callable[[str], Stream], report_figure: Callable[[str], None]
) -> None:
    """The client forgets its member id.

    A dynamic member would wait for its old membership to end, which takes another session.

    Commits are under way when the broker dies: what is sent again later is not taken for another
    process's.
    """
    session = SOON | {f"{CLIENT}.session.timeout.ms": f"{1000 * SESSION_S:.0f}"}
    made = {
        f"{mode}-{protocol}": streams(f"{mode}-{protocol}")
        for mode in MODES
        for protocol in CLASSIC
    }
    flows = []
    for part, stream in made.items():
        mode, protocol = next(
            (mode, part.removeprefix(f"{mode}-")) for mode in MODES if part.startswith(mode)
        )
        stream.create(4)
        prefix = dict.fromkeys(MODES[mode], f"{part}-")
        settings = session | PROTOCOLS[protocol] | prefix
        pair = [
            stream.processor(settings | {"spring.cloud.stream.instance-index": str(index)}).start()
            for index in range(2)
        ]
        shared(stream, *pair)
        flows.append(stream.numbers(100))
    for numbers in flows:
        numbers.advance(100)
    own_kafka.kill()
    let_pass(SESSION_S + 5)
    own_kafka.restart()
    for stream in made.values():
        stream.send(*(Record(b"after %d" % number, partition=number) for number in range(4)))
    for part, stream in made.items():
        wait_for(
            lambda stream=stream: (
                sum((each.value or b"").endswith(b"retfa") for each in stream.arrived()) == 4
            ),  # type: ignore[misc]
            AT_WORK_S,
            "all partitions at work",
        )
        for processor in stream.processors:
            processor.assert_alive()
            report_figure(
                f"{part}: {processor.output.count('partitions lost')} lost, "
                f"{processor.output.count('was fenced')} fenced"
            )
    for stream in made.values():
        stream.topics.grow(stream.source, 6)
        stream.send(*(Record(b"%d" % number, partition=number) for number in (4, 5)))
    for stream in made.values():
        wait_for(
            lambda stream=stream: {b"4", b"5"} <= {each.value for each in stream.arrived()},  # type: ignore[misc]
            30,
            "added partitions read",
        )


def test_stop_while_joining(stream: Stream) -> None:
    """The group knows a static member from its request on, which waits for others' heartbeats."""
    stream.create(4)
    slow = LONG_SESSION | {f"{CLIENT}.heartbeat.interval.ms": "3000"}
    first = processor_in(stream, pod(), slow).start()
    shared(stream, first)
    second = processor_in(stream, pod(), slow).start()
    wait_for(
        lambda: "PREPARING" in stream.topics.describe_group(stream.group),
        30,
        "the group rebalances",
    )
    leave(second)
    assert "took longer than" not in second.output
    stream.members(1)
    stream.send(*(Record(b"%d" % number, partition=number) for number in range(4)))
    stream.await_arrivals(4)
