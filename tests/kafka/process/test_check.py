"""`--check` says what works, in one line each, and ends."""

from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.children import free_port
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream

CHECK = (str(DATAFLOW), "--check")
BROKERS = "spring.cloud.stream.kafka.binder.brokers"


def tried(stream: Stream, settings: dict[str, str] | None = None) -> tuple[int, list[str]]:
    """The exit code, and the lines about brokers, topics and the group."""
    checked = stream.processor(settings, CHECK).start()
    code = checked.exit_code()
    warnings, _, rest = f"\n{checked.output}".partition("\nTried\n")
    lines, _, changed = rest.partition("\nSettings that differ from the defaults")
    assert warnings.strip() == "" or warnings.startswith("\nWarnings\n")
    assert "  spring.cloud.stream.bindings.input.destination = " in changed
    assert "(default)" not in changed
    assert "Traceback" not in checked.output
    steps, *findings = lines.splitlines()
    assert steps == "  ok     steps: reverse"
    return code, findings


def test_check_passes_with_everything_there(stream: Stream) -> None:
    stream.create(2)
    code, lines = tried(stream)
    assert lines == [
        (
            f"  ok     broker {stream.kafka.bootstrap}: answers over PLAINTEXT; the cluster has 1 "
            f"broker(s)"
        ),
        f"  ok     input {stream.source}: 2 partition(s)",
        f"  ok     output {stream.target}: 2 partition(s)",
        (
            f"  ok     dead letters {stream.dead_letters}: does not exist; "
            "the processor will create it"
        ),
        f"  ok     group {stream.group}: 0 member(s)",
    ]
    assert code == 0
    assert stream.topics.partitions(stream.dead_letters) == 0  # nothing is changed


class CreatingKafka(Kafka):
    """Creates a topic that a client asks for, as a broker does by default."""

    def _settings(self, node: int) -> dict[str, object]:
        return super()._settings(node) | {"auto.create.topics.enable": "true"}


def test_check_creates_no_topic(tmp_path: Path, name: str) -> None:
    with CreatingKafka(tmp_path / "kafka") as kafka:
        stream = Stream(kafka, tmp_path, name)
        try:
            code, lines = tried(stream)
            assert code == 0
            assert (
                f"  ok     input {stream.source}: does not exist; the processor will create it"
                in lines
            )
            assert stream.topics.names() <= {"__consumer_offsets"}
        finally:
            stream.end()


def test_group_with_members(stream: Stream) -> None:
    stream.create()
    stream.processor().start().running()
    stream.members(1)
    code, lines = tried(stream)
    assert (code, lines[-1]) == (0, f"  ok     group {stream.group}: 1 member(s)")


def test_missing_topic_that_cannot_be_created(stream: Stream) -> None:
    stream.topics.create(stream.source, 1)
    code, lines = tried(stream, {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"})
    assert code == 1
    assert [line for line in lines if "FAILED" in line] == [
        f"  FAILED output {stream.target}: Broker: Unknown topic or partition",
    ]


def test_missing_broker_beside_live_one(stream: Stream) -> None:
    stream.create()
    away = f"127.0.0.1:{free_port()}"
    code, lines = tried(stream, {BROKERS: f"{away},{stream.kafka.bootstrap}"})
    assert code == 1
    assert lines[0].startswith(
        f"  FAILED broker {away}: Connect to ipv4#{away} failed: Connection refused"
    )
    assert all(line.startswith("  ok ") for line in lines[1:])


def test_check_is_first_on_new_cluster(own_stream: Stream) -> None:
    """Which has no coordinator of groups yet."""
    own_stream.create()
    code, lines = tried(own_stream)
    assert (code, lines[-1]) == (0, f"  ok     group {own_stream.group}: 0 member(s)")


def test_unanswering_broker(own_stream: Stream) -> None:
    with own_stream.kafka.frozen():
        code, lines = tried(own_stream)
    assert (code, lines) == (
        1,
        [f"  FAILED broker {own_stream.kafka.bootstrap}: no answer within 5 s"],
    )


BINDER = "spring.cloud.stream.kafka.binder"
OUTPUT = "spring.cloud.stream.bindings.output.producer"
REFUSED = {
    "replicas": ({f"{BINDER}.replication-factor": "3"}, "creating topic", True),
    "topic property": (
        {"spring.cloud.stream.kafka.bindings.output.producer.topic.properties.no.such.key": "1"},
        "no.such.key",
        True,
    ),
    "partitions": ({f"{OUTPUT}.partition-count": "3"}, "expected partitions", False),
    "transactions": (
        EXACTLY_ONCE | {f"{BINDER}.producer-properties.transaction.timeout.ms": "3600000"},
        "transaction.timeout.ms",
        False,
    ),
    "offsets": (
        {f"{BINDER}.consumer-properties.auto.offset.reset": "none"},
        "auto.offset.reset",
        False,
    ),
}


@pytest.mark.parametrize(("settings", "named", "is_output_missing"), REFUSED.values(), ids=REFUSED)
def test_what_a_start_would_refuse(
    stream: Stream,
    settings: dict[str, str],
    named: str,
    is_output_missing: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """The brokers judge what a start would ask of them, and change nothing."""
    stream.topics.create(stream.source, 1)
    if not is_output_missing:
        stream.topics.create(stream.target, 1)
    code, lines = tried(
        stream, settings | {"spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq": "false"}
    )
    (line,) = [line for line in lines if "FAILED" in line]
    assert (code, named in line) == (1, True), line
    assert stream.topics.partitions(stream.target) == (0 if is_output_missing else 1)


def test_transactions_of_running_process(stream: Stream) -> None:
    """The check registers an id of its own: the process that runs is not fenced."""
    stream.create()
    processor = stream.processor(EXACTLY_ONCE).start().running()
    code, lines = tried(stream, EXACTLY_ONCE)
    assert (code, lines[-1]) == (0, "  ok     transactional.id tx-0: transactions work")
    stream.send(Record(b"ab"))
    stream.await_arrivals(1)
    processor.assert_alive()
