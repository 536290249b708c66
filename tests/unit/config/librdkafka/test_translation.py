"""Java properties and their counterparts in librdkafka."""

import confluent_kafka
import pytest

import config
from config.kafka.java_property import Config
from tests.support.config.clients import BINDER, OUTPUT, QUIET, consumer, producer, warnings


@pytest.mark.parametrize(
    ("java", "expected"),
    [
        ("fetch.max.wait.ms=7", {"fetch.wait.max.ms": 7}),
        ("request.timeout.ms=7000", {"socket.timeout.ms": 7000}),
        ("metadata.max.age.ms=7", {"topic.metadata.refresh.interval.ms": 7}),
        ("send.buffer.bytes=-1", {"socket.send.buffer.bytes": 0}),
        ("receive.buffer.bytes=7", {"socket.receive.buffer.bytes": 7}),
        ("fetch.max.bytes=7", {"fetch.max.bytes": 1_000_000}),
        ("check.crcs=yes", {"check.crcs": True}),
        ("isolation.level=READ_UNCOMMITTED", {"isolation.level": "read_uncommitted"}),
        ("group.instance.id=pod-1", {"group.instance.id": "pod-1"}),
        ("client.id=me", {"client.id": "me"}),
        (
            "reconnect.backoff.ms=9000",
            {"reconnect.backoff.ms": 9000, "reconnect.backoff.max.ms": 9000},
        ),
        (
            "session.timeout.ms=400000",
            {"session.timeout.ms": 400_000, "max.poll.interval.ms": 400_000},
        ),
    ],
)
def test_consumer_properties(java: str, expected: Config) -> None:
    given = consumer(f"{BINDER}.configuration.{java}")
    assert {name: given[name] for name in expected} == expected
    confluent_kafka.Consumer(given | QUIET).close()


@pytest.mark.parametrize(
    ("assignors", "expected"),
    [
        ("org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"),
        (
            (
                "org.apache.kafka.clients.consumer.RangeAssignor, "
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
            ),
            "range",
        ),
        ("RoundRobinAssignor,RangeAssignor", "roundrobin,range"),
        ("StickyAssignor,RangeAssignor", "range"),
        ("cooperative-sticky", "cooperative-sticky"),
    ],
)
def test_assignors_are_translated(assignors: str, expected: str) -> None:
    given = consumer(f"{BINDER}.configuration.partition.assignment.strategy={assignors}")
    assert given["partition.assignment.strategy"] == expected
    confluent_kafka.Consumer(given | QUIET).close()


@pytest.mark.parametrize(
    ("java", "expected"),
    [
        ("delivery.timeout.ms=7000", {"message.timeout.ms": 7000}),
        ("request.timeout.ms=7000", {"request.timeout.ms": 7000}),
        ("max.request.size=2000000", {"message.max.bytes": 2_000_000}),
        ("buffer.memory=33554432", {"queue.buffering.max.kbytes": 32_768}),
        ("batch.size=0", {"batch.size": 1}),
        ("acks=-1", {"acks": "all"}),
        (
            "acks=1",
            {"acks": "1", "enable.idempotence": False, "max.in.flight.requests.per.connection": 1},
        ),
        ("retries=0", {"retries": 0, "enable.idempotence": False}),
        (
            "max.in.flight.requests.per.connection=5",
            {"max.in.flight.requests.per.connection": 1, "enable.idempotence": True},
        ),
        (
            "partitioner.class=org.apache.kafka.clients.producer.internals.DefaultPartitioner",
            {"partitioner": "murmur2_random"},
        ),
        ("compression.type=LZ4", {"compression.type": "lz4"}),
    ],
)
def test_producer_properties(java: str, expected: Config) -> None:
    given = producer(f"{BINDER}.configuration.{java}")
    assert {name: given[name] for name in expected} == expected
    confluent_kafka.Producer(given | QUIET)


def test_active_codec_level_counts() -> None:
    levels = [
        f"{BINDER}.configuration.compression.{codec}.level={level}"
        for codec, level in (("gzip", 3), ("zstd", 19))
    ]
    assert "compression.level" not in producer(*levels)
    assert producer(*levels, f"{OUTPUT}.compression-type=gzip")["compression.level"] == 3
    assert producer(*levels, f"{OUTPUT}.compression-type=zstd")["compression.level"] == 12


def test_new_protocol_leaves_session_to_broker() -> None:
    given = consumer(f"{BINDER}.configuration.group.protocol=CONSUMER")
    assert not given.keys() & {
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "partition.assignment.strategy",
    }
    confluent_kafka.Consumer(given | QUIET).close()


def test_max_poll_records_is_batch_size() -> None:
    argv = ["--spring.kafka.consumer.max-poll-records=50"]
    assert config.load(argv, {}).batch_size == 50
    assert config.load([*argv, "--python-processor.batch-size=70"], {}).batch_size == 70


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (f"{BINDER}.configuration.no.such.thing=x", "Kafka's Java client has no such property"),
        (f"{BINDER}.configuration.fetch.max.wait.msec=x", "did you mean fetch.max.wait.ms?"),
        (
            f"{BINDER}.configuration.group.id=x",
            "the group is spring.cloud.stream.bindings.input.group",
        ),
        (
            "--spring.kafka.consumer.group-id=x",
            "the group is spring.cloud.stream.bindings.input.group",
        ),
        (f"{BINDER}.configuration.interceptor.classes=x", "a Java class cannot be used here"),
        (
            f"{BINDER}.configuration.enable.auto.commit=true",
            "offsets are committed once their records are delivered",
        ),
        (f"{BINDER}.configuration.acks=0", "a record can be lost, doubled or out of order"),
    ],
)
def test_unsupported_property_is_logged_once(argument: str, words: str) -> None:
    [line] = warnings(argument)
    assert words in line


@pytest.mark.parametrize(
    "argument",
    [
        f"{BINDER}.configuration.metrics.recording.level=DEBUG",
        f"{BINDER}.configuration.key.serializer=org.apache.kafka.common.serialization.ByteArraySerializer",
        f"{BINDER}.configuration.default.api.timeout.ms=1",
        f"{BINDER}.configuration.linger.ms=",
    ],
)
def test_no_effect_is_ignored(argument: str) -> None:
    assert warnings(argument) == ()
