"""One clear line says what is wrong, and nothing is lost."""

import socket

import pytest

from tests.support import children
from tests.support.load.records import Record, read
from tests.support.processor import REPOSITORY, Processor
from tests.support.stream import Stream

UNREADABLE = b"confid\xff\xfeential"
NO_NEW_TOPICS = {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"}
IN_REPOSITORY = {"PYTHONPATH": str(REPOSITORY)}


def only_line(processor: Processor) -> str:
    """The one line of a processor that could not start; its exit code is 1."""
    assert processor.exit_code() == 1, processor.output
    lines = processor.output.splitlines()
    assert len(lines) == 1, processor.output
    return lines[0]


def test_taken_port_is_named(stream: Stream) -> None:
    port = children.free_port()
    with socket.create_server(("", port)):
        processor = stream.processor({"server.port": str(port)}).start()
        assert processor.exit_code() == 1
    (line,) = [line for line in processor.output.splitlines() if "server.port" in line]
    assert str(port) in line
    assert "Traceback" not in processor.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.port", "http"),
        ("server.port", "70000"),
        ("python-processor.commit-interval", "soon"),
        ("python-processor.batch-size", "0"),
        ("spring.lifecycle.timeout-per-shutdown-phase", "-1s"),
        ("spring.cloud.stream.bindings.input.consumer.concurrency", "many"),
        ("spring.cloud.stream.kafka.binder.auto-create-topics", "perhaps"),
        ("spring.cloud.stream.kafka.bindings.input.consumer.start-offset", "yesterday"),
    ],
)
def test_bad_setting_is_named_with_origin(stream: Stream, name: str, value: str) -> None:
    settings = {name: value}
    line = only_line(stream.processor(settings).start())
    assert name in line
    assert value in line
    assert "SPRING_APPLICATION_JSON" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spring.cloud.stream.bindings.output.destination", "no topic name"),
        ("spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms", "soon"),
        ("spring.cloud.stream.kafka.binder.producer-properties.compression.type", "zip"),
    ],
)
def test_name_refused_by_kafka(stream: Stream, name: str, value: str) -> None:
    processor = stream.processor({name: value}).start()
    assert processor.exit_code() == 1
    (line,) = [line for line in processor.output.splitlines() if value in line]
    assert "Traceback" not in processor.output
    assert line


def test_invalid_json_is_refused(stream: Stream) -> None:
    processor = stream.processor(environ={"SPRING_APPLICATION_JSON": "{not json"}).start()
    assert "SPRING_APPLICATION_JSON" in only_line(processor)


def test_undecodable_record_ends_process(
    stream: Stream,
) -> None:
    """No dead letter topic, and none may be created.

    Rather than losing the record the processor stops.
    """
    stream.create()
    sent = [
        Record(b"first", b"k"),
        Record(b"second", b"k"),
        Record(UNREADABLE, b"k"),
        Record(b"last", b"k"),
    ]
    stream.send(*sent)
    processor = stream.processor(NO_NEW_TOPICS).start()
    assert processor.exit_code() == 1
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-0@2" in line]
    assert "utf-8" in line.lower()
    assert "confid" not in processor.output
    assert "Traceback" not in processor.output
    assert stream.topics.committed(stream.group, stream.source).get(0, 0) <= 2
    processor.start()
    assert processor.exit_code() == 1, (
        "the record stands in the way until the function or the data is changed"
    )

    other = (
        'records = map_value("hex", records, lambda value: value.hex() if b"\\xff" in value '
        "else reverse(value))"
    )
    stream.with_step(other, settings=NO_NEW_TOPICS).start()
    stream.drain()
    arrived = [record.value for record in stream.arrived()]
    assert arrived[-2:] == [UNREADABLE.hex().encode(), b"tsal"]
    assert {b"tsrif", b"dnoces"} <= set(arrived)


def test_undecodable_record_is_dead_letter(stream: Stream) -> None:
    stream.create()
    stream.send(
        Record(b"first", b"k"), Record(UNREADABLE, b"k", [("h", b"1")]), Record(b"last", b"k")
    )
    processor = stream.processor().start()
    stream.drain()
    assert [record.value for record in stream.arrived()] == [b"tsrif", b"tsal"]
    (dead,) = read(stream.kafka.bootstrap, stream.dead_letters)
    assert (dead.value, dead.key, dead.headers[0]) == (UNREADABLE, b"k", ("h", b"1"))
    assert dict(dead.headers)["x-original-offset"] == (1).to_bytes(8, "big")
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-0@1" in line]
    assert "utf-8" in line.lower()
    assert "confid" not in processor.output


def test_more_than_one_worker_is_refused(stream: Stream) -> None:
    program = ("-m", "bytewax.run", "-w", "2", "dataflow")
    line = only_line(stream.processor(program=program, environ=IN_REPOSITORY).start())
    assert "2 Bytewax workers" in line


CLUSTER = [
    {"BYTEWAX_WORKERS_PER_PROCESS": "2"},
    {"BYTEWAX_PROCESS_ID": "0", "BYTEWAX_ADDRESSES": "127.0.0.1:2101;127.0.0.1:2102"},
    {"BYTEWAX_DATAFLOW_API_ENABLED": "1"},
]
IN_KUBERNETES = [
    {"BYTEWAX_POD_NAME": "processor-0", "BYTEWAX_STATEFULSET_NAME": "processor"},
    {"BYTEWAX_RECOVERY_DIRECTORY": "."},
]


@pytest.mark.parametrize(
    "environ", CLUSTER + IN_KUBERNETES, ids=lambda environ: next(iter(environ))
)
def test_bytewax_variables_fail(stream: Stream, environ: dict[str, str]) -> None:
    assert next(iter(environ)) in only_line(stream.processor(environ=environ).start())


@pytest.mark.parametrize("environ", CLUSTER, ids=lambda environ: next(iter(environ)))
def test_bytewax_run_starts_no_cluster(stream: Stream, environ: dict[str, str]) -> None:
    """What the tool does not refuse itself is refused here.

    The rest ends in its usage text with exit code 2.
    """
    processor = stream.processor(
        program=("-m", "bytewax.run", "dataflow"), environ=environ | IN_REPOSITORY
    )
    assert next(iter(environ)) in only_line(processor.start())
