"""Pods of Kubernetes, without a cluster: each has a uid, the kubelet starts a container again at once, and updates overlap."""

import random
import signal
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.exits import Exit
from tests.guarantees import trial
from tests.kafka.test_groups import leave, shared
from tests.support.kafka import Kafka
from tests.support.processor import Processor
from tests.support.records import Record
from tests.support.settings import EXACTLY_ONCE, PROTOCOLS
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

CLASSIC = ("range", "cooperative-sticky")
CLIENT = "spring.cloud.stream.kafka.binder.consumer-properties"
GUID = "spring.cloud.application.guid"
LONG_SESSION = {f"{CLIENT}.session.timeout.ms": "120000"}  # nothing here waits as long
SESSION_S = 30.0
AT_WORK_S = 5.0  # with the tests' patience still less than a session


def pod() -> dict[str, str]:
    return {GUID: str(uuid.uuid4())}


class Kubelet:
    """Starts a container again as soon as it ends, as often as that happens."""

    def __init__(self, *processors: Processor) -> None:
        self._processors = processors
        self.exit_codes: list[int] = []

    def look(self) -> None:
        for each in self._processors:
            if each.child.poll() is not None:
                self.exit_codes.append(each.exit_code())
                each.start()


@pytest.mark.parametrize("name_of_pod", [{}, {"HOSTNAME": "python-processor-0", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}])
def test_pods_of_one_index_do_not_fence_each_other(
    stream: Stream, chance: random.Random, name_of_pod: dict[str, str], tell: Callable[[str], None]
) -> None:
    """An update of a StatefulSet: the old pod and the new one have the same index until the old one has stopped."""
    life = trial.Trial(stream, trial.EXACTLY_ONCE, "range", chance)
    names = [name_of_pod and name_of_pod | {"HOSTNAME": f"stream-python-processor-v{version}-0"} for version in (1, 2)]
    old, new = (stream.processor(life.settings(0) | pod(), environ=name) for name in names)
    kubelet = Kubelet(old.start(), new.start())
    for _ in range(20):  # about 20 s, in which two that fence each other restart some ten times
        life.numbers.advance(300)
        kubelet.look()
    shared(stream, old, new)
    leave(old)
    row = life.verdict("two pods of one index")
    tell(f"{row}; restarts {kubelet.exit_codes}")
    row.check()
    assert kubelet.exit_codes == []


@pytest.mark.parametrize("protocol", CLASSIC)
def test_restarted_container_takes_its_place(stream: Stream, protocol: str, tell: Callable[[str], None]) -> None:
    """After kill -9: without a stable id the partitions would stand still for a session, which is two minutes here."""
    stream.create(4)
    numbers = stream.numbers(300)
    first, second = (stream.processor(LONG_SESSION | PROTOCOLS[protocol] | pod()).start() for _ in range(2))
    shared(stream, first, second)
    numbers.advance(300)
    second.kill()
    second.start()
    shared(stream, first, second)
    sent = numbers.finish()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}")
    assert books.nothing_lost, books


@pytest.mark.parametrize("protocol", CLASSIC)
def test_partitions_added_while_the_leader_is_dead(stream: Stream, protocol: str) -> None:
    """A static member that comes back gets what it had; the group has to look at its topics once more."""
    stream.create(2)
    only = stream.processor(LONG_SESSION | PROTOCOLS[protocol] | pod()).start()
    shared(stream, only)
    only.kill()
    stream.topics.grow(stream.source, 4)
    stream.send(*(Record(b"%d" % number, partition=number) for number in range(4)))
    only.start()
    assert sorted(record.value or b"" for record in stream.await_arrivals(4)) == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("protocol", CLASSIC)
def test_stopped_member_leaves_at_once(stream: Stream, protocol: str) -> None:
    """A static member would keep its partitions for a session, at each update and each scaling down."""
    stream.create(4)
    first, second = (stream.processor(LONG_SESSION | PROTOCOLS[protocol] | pod()).start() for _ in range(2))
    shared(stream, first, second)
    leave(second)
    shared(stream, first)


@pytest.mark.parametrize("protocol", CLASSIC)
def test_failed_member_leaves_at_once(stream: Stream, protocol: str) -> None:
    """Data Flow's local deployer starts a failed process no more: the others have to take over."""
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


def test_outage_longer_than_the_session(own_kafka: Kafka, tmp_path: Path, name: str, tell: Callable[[str], None]) -> None:
    """The client forgets its member id then; a dynamic member waits for its own old membership to end, which takes another session."""
    session = {f"{CLIENT}.session.timeout.ms": f"{1000 * SESSION_S:.0f}"}
    with ExitStack() as stack:
        streams = []
        for protocol in CLASSIC:
            (folder := tmp_path / protocol).mkdir()
            stream = Stream(own_kafka, folder, f"{name}-{protocol}")
            stack.callback(stream.end)
            stream.create(4)
            shared(stream, *(stream.processor(session | PROTOCOLS[protocol]).start() for _ in range(2)))
            streams.append(stream)
        own_kafka.kill()
        let_pass(SESSION_S + 5)
        own_kafka.restart()
        for stream in streams:
            stream.send(*(Record(b"after", partition=number) for number in range(4)))
        for stream in streams:
            wait_for(lambda stream=stream: len(stream.arrived()) == 4, AT_WORK_S, "all partitions at work")  # type: ignore[misc]  # bound per stream
            for processor in stream.processors:
                processor.assert_alive()
                tell(f"{stream.group}: {processor.output.count('partitions lost')} lost")


def test_signal_while_joining(stream: Stream) -> None:
    """A stop before the group has answered needs no deadline."""
    stream.create(1)
    processor = stream.processor(LONG_SESSION | pod()).start().first_answer()
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    assert "took longer than" not in processor.output
