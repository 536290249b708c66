"""Topics are found, created, enlarged, altered or awaited as in Spring's Kafka binder."""

import pytest

from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.verify.binding_errors import bound, error, last_words
from tests.support.waiting import wait_for

BINDER = "spring.cloud.stream.kafka.binder"
INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
PARTITION_COUNT = "spring.cloud.stream.bindings.output.producer.partition-count"
INSTANCES = "spring.cloud.stream.instance-count"
SOON = {"spring.cloud.stream.binding-retry-interval": "1"}


# ---- names


@pytest.mark.parametrize("topic", ["no topic", "..", "a/b", "naïve", "x" * 250])
@pytest.mark.parametrize("binding", ["input", "output"])
def test_invalid_topic_name_is_one_line(stream: Stream, binding: str, topic: str) -> None:
    processor = stream.processor(
        {f"spring.cloud.stream.bindings.{binding}.destination": topic}
    ).start()
    assert f"{topic!r} is no topic name" in last_words(processor)


def test_bad_dlq_name_is_one_line(stream: Stream) -> None:
    assert "'no topic' is no topic name" in last_words(
        stream.processor({f"{INPUT}.dlq-name": "no topic"}).start()
    )


# ---- created


def test_dlq_topic_has_input_partition_count(stream: Stream) -> None:
    stream.topics.create(stream.source, 3)
    bound(stream.processor().start(), stream, stream.dead_letters)
    assert stream.topics.partitions(stream.dead_letters) == 3


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ({f"{BINDER}.replication-factor": "2"}, "only 1 broker(s) are registered"),
        ({f"{INPUT}.topic.properties.retention.ms": "soon"}, "retention.ms"),
        ({f"{OUTPUT}.topic.replicas-assignment.0": "9"}, "no such broker is registered"),
    ],
)
def test_refused_creation_is_one_line(
    stream: Stream, settings: dict[str, str], reported: str
) -> None:
    line = last_words(stream.processor(settings).start())
    assert "creating topic" in line
    assert reported in line


@pytest.mark.parametrize("partitions", ["1=0", "0=x"])
def test_invalid_assignment_is_one_line(stream: Stream, partitions: str) -> None:
    partition, brokers = partitions.split("=")
    line = last_words(
        stream.processor({f"{INPUT}.topic.replicas-assignment.{partition}": brokers}).start()
    )
    assert "topic.replicas-assignment" in line
    assert "allowed is" in line


# ---- enlarged


def test_partitions_are_added_if_allowed(stream: Stream) -> None:
    stream.create(2)
    settings = {
        INSTANCES: "3",
        PARTITION_COUNT: "5",
        f"{BINDER}.min-partition-count": "4",
        f"{BINDER}.auto-add-partitions": "true",
    }
    processor = stream.processor(settings).start().running()
    wait_for(
        lambda: stream.topics.partitions(stream.source) == 4, 10, "four partitions of the input"
    )
    wait_for(
        lambda: stream.topics.partitions(stream.target) == 5, 10, "five partitions of the output"
    )
    assert f"topic {stream.target} now has 5 partitions instead of 2" in processor.output


def test_few_partitions_leave_consumers_idle(stream: Stream) -> None:
    stream.create(1)
    processor = stream.processor({INSTANCES: "3"}).start().running()
    assert (
        f"The number of expected partitions for topic {stream.source} was: 3, but 1 has been "
        f"found instead. "
        "There will be 2 idle consumers" in processor.output
    )
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


@pytest.mark.parametrize(
    ("settings", "topic"),
    [
        ({PARTITION_COUNT: "3"}, "target"),
        ({INSTANCES: "3", f"{INPUT}.auto-rebalance-enabled": "false"}, "source"),
    ],
)
def test_fixed_partitions_wait_for_enough(
    stream: Stream, settings: dict[str, str], topic: str
) -> None:
    stream.create(2)
    name = getattr(stream, topic)
    processor = stream.processor(settings | SOON).start().first_answer()
    assert error(processor) == (
        f"The number of expected partitions for topic {name} was: 3, but 2 have been found "
        f"instead. "
        "Consider either increasing the partition count of the topic or enabling "
        "`autoAddPartitions`"
    )
    stream.topics.grow(name, 3)
    processor.running()


# ---- altered


@pytest.mark.parametrize("alters", [True, False])
def test_existing_topic_settings(stream: Stream, alters: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    created = {
        f"{INPUT}.topic.properties.retention.ms": "1000",
        f"{INPUT}.topic.properties.max.message.bytes": "2000000",
    }
    stream.processor(created).start().running().end()
    settings = {
        f"{INPUT}.topic.properties.retention.ms": "7200000",
        f"{OUTPUT}.topic.properties.compression.type": "lz4",
        f"{BINDER}.auto-alter-topics": str(alters).lower(),
    }
    processor = stream.processor(settings).start().running()
    found, target = stream.topics.settings(stream.source), stream.topics.settings(stream.target)
    assert found["retention.ms"] == ("7200000" if alters else "1000")
    assert found["max.message.bytes"] == "2000000"
    assert target["compression.type"] == ("lz4" if alters else "producer")
    assert (f"topic {stream.source} now has retention.ms=7200000" in processor.output) == alters


# ---- without permission to create
