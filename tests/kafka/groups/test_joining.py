"""A group that does not let the processor in.

What no waiting helps ends it with a line, all else is seen in its health.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from confluent_kafka import Consumer

from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW
from tests.support.settings import PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.health import DETAILS, health
from tests.support.waiting import wait_for

ReportFigure = Callable[[str], None]
CONSUMER = "spring.cloud.stream.kafka.binder.consumer-properties"
NEWER = PROTOCOLS["consumer"]


class ClassicKafka(Kafka):
    """A broker that knows only the classic group protocol, and takes one member into a group."""

    def _settings(self, node: int) -> dict[str, object]:
        return super()._settings(node) | {
            "group.coordinator.rebalance.protocols": "classic",
            "group.max.size": 1,
        }


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with ClassicKafka(tmp_path_factory.mktemp("classic")) as running:
        yield running


@pytest.fixture
def classic_stream(classic: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    made = Stream(classic, tmp_path, name)
    yield made
    made.end()


class Member:
    """Another member of the stream's group, which holds all partitions."""

    def __init__(self, stream: Stream, **properties: str) -> None:
        mine = {
            "bootstrap.servers": stream.kafka.bootstrap,
            "group.id": stream.group,
            "log_level": 0,
        }
        self._consumer = Consumer(
            mine | {name.replace("_", "."): value for name, value in properties.items()}
        )
        self._consumer.subscribe([stream.source])
        wait_for(
            lambda: self._consumer.poll(0.1) or self._consumer.assignment(),
            20,
            "the other member has joined",
        )

    def leave(self) -> None:
        self._consumer.close()


REFUSED = {
    "session": ({f"{CONSUMER}.session.timeout.ms": "3600000"}, "session.timeout.ms"),
    "assignor": (NEWER | {f"{CONSUMER}.group.remote.assignor": "nope"}, "group.remote.assignor"),
}


@pytest.mark.parametrize(("settings", "named"), REFUSED.values(), ids=REFUSED)
def test_refused_for_good(stream: Stream, settings: dict[str, str], named: str) -> None:
    stream.create()
    assert_ends(stream, settings, named)


def test_refused_protocol(classic_stream: Stream) -> None:
    classic_stream.create()
    assert_ends(classic_stream, NEWER, "group.protocol")


def assert_ends(stream: Stream, settings: dict[str, str], named: str) -> None:
    """With one line that names the property, and `--check` finds it as well."""
    processor = stream.processor(settings).start()
    assert processor.exit_code() == 1
    (line,) = [
        line for line in processor.output.splitlines() if " ERROR " in line and "FATAL" not in line
    ]
    assert named in line
    checked = stream.processor(settings, (str(DATAFLOW), "--check")).start()
    assert checked.exit_code() == 1
    (line,) = [line for line in checked.output.splitlines() if "FAILED" in line]
    assert line.startswith(f"  FAILED group {stream.group}: ")
    assert named in line


def test_full_group(classic_stream: Stream, report_figure: ReportFigure) -> None:
    classic_stream.create()
    assert_waits(
        report_figure,
        classic_stream,
        {},
        Member(classic_stream),
        "Consumer group has reached maximum size",
    )


def test_other_protocol_in_group(stream: Stream, report_figure: ReportFigure) -> None:
    stream.create()
    member = Member(stream, partition_assignment_strategy="roundrobin")
    assert_waits(
        report_figure,
        stream,
        PROTOCOLS["cooperative-sticky"],
        member,
        "Inconsistent group protocol",
    )


def test_instance_id_in_use(stream: Stream, report_figure: ReportFigure) -> None:
    """With KIP-848 the broker refuses it, and the client ends for good.

    Another takes its place until the id is free.
    """
    stream.create()
    member = Member(stream, group_protocol="consumer", group_instance_id="one")
    assert_waits(
        report_figure,
        stream,
        NEWER | {f"{CONSUMER}.group.instance.id": "one"},
        member,
        "The instance ID is still used",
    )


def assert_waits(
    report_figure: ReportFigure, stream: Stream, settings: dict[str, str], member: Member, why: str
) -> None:
    """Neither ready nor UP while `member` is there; alive throughout; reading once it has left."""
    processor = stream.processor(settings | DETAILS).start().first_answer()

    def seen() -> bool:
        status, troubles, readiness, liveness, state = health(processor)
        assert (readiness, liveness, state) == (503, 200, "stopped")
        return status == "UNKNOWN" and why in troubles

    wait_for(seen, 30, f"health says: {why}")
    status, troubles, *_ = health(processor)
    member.leave()
    left = monotonic()
    wait_for(lambda: health(processor) == ("UP", "", 200, 200, "running"), 60, "the input running")
    report_figure(
        f"{status} while it lasts ({troubles}), UP {monotonic() - left:.1f} s after the other "
        f"member has left"
    )
    stream.send(Record(b"abc"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"cba"]


def test_fenced_instance_id(stream: Stream) -> None:
    stream.create()
    settings = {f"{CONSUMER}.group.instance.id": "one"}
    older = stream.processor(settings).start().running()
    stream.processor(settings).start().running()
    assert older.exit_code() == 5
    assert "another process uses this group.instance.id" in older.output


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_second_member_has_no_partitions(stream: Stream, protocol: str) -> None:
    stream.create()
    processors = [
        stream.processor(PROTOCOLS[protocol] | DETAILS).start().running() for _ in range(2)
    ]
    for processor in processors:
        assert health(processor) == ("UP", "", 200, 200, "running")


def test_pattern_client_refuses(stream: Stream) -> None:
    """Java takes it, librdkafka does not: one line, no page."""
    stream.create()
    pattern = {
        "spring.cloud.stream.bindings.input.destination": f"{stream.source}[[:nope:]]",
        "spring.cloud.stream.kafka.bindings.input.consumer.destination-is-pattern": "true",
    }
    processor = stream.processor(pattern).start()
    assert processor.exit_code() == 1
    assert "Traceback" not in processor.output
    assert "a property of the client" in processor.output
