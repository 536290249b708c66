"""Replicas and settings of the topics that a processor creates, on three nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.stream import Stream
from tests.support.verify.binding_errors import bound

BINDER = "spring.cloud.stream.kafka.binder"
INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"


@pytest.fixture
def wide_stream(three_node_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on a Kafka of three nodes."""
    made = Stream(three_node_kafka, tmp_path, name)
    yield made
    made.end()


def test_topics_get_their_replicas(wide_stream: Stream) -> None:
    stream = wide_stream
    settings = {
        f"{BINDER}.replication-factor": "2",
        f"{BINDER}.min-partition-count": "4",
        f"{INPUT}.topic.replication-factor": "3",
        f"{INPUT}.topic.properties.retention.ms": "7200000",
        f"{OUTPUT}.topic.replicas-assignment.0": "3,1",
        f"{OUTPUT}.topic.replicas-assignment.1": "[2, 3]",
        f"{OUTPUT}.topic.properties.cleanup.policy": "compact",
        f"{INPUT}.dlq-producer-properties.topic.properties.retention.ms": "3600000",
        f"{INPUT}.dlq-partitions": "1",
    }
    bound(stream.processor(settings).start(), stream, stream.dead_letters)
    assert [len(replicas) for replicas in stream.topics.replicas(stream.source)] == [3, 3, 3, 3]
    assert stream.topics.replicas(stream.target) == [[3, 1], [2, 3]]
    assert [len(replicas) for replicas in stream.topics.replicas(stream.dead_letters)] == [
        2,
        2,
        2,
        2,
    ]
    assert stream.topics.settings(stream.source)["retention.ms"] == "7200000"
    assert stream.topics.settings(stream.target)["cleanup.policy"] == "compact"
    assert stream.topics.settings(stream.dead_letters)["retention.ms"] == "3600000"


def test_default_factor_is_binders_or_brokers(
    wide_stream: Stream,
) -> None:
    bound(wide_stream.processor({f"{OUTPUT}.topic.replication-factor": "1"}).start(), wide_stream)
    assert [len(replicas) for replicas in wide_stream.topics.replicas(wide_stream.source)] == [3]
    assert [len(replicas) for replicas in wide_stream.topics.replicas(wide_stream.target)] == [1]
