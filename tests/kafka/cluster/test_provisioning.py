"""Topics are found, created, enlarged, altered or waited for as Spring's Kafka binder does it, in
its words.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for

BINDER = "spring.cloud.stream.kafka.binder"
INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
PARTITION_COUNT = "spring.cloud.stream.bindings.output.producer.partition-count"
INSTANCES = "spring.cloud.stream.instance-count"
SOON = {"spring.cloud.stream.binding-retry-interval": "1"}
NO_CREATION = {f"{BINDER}.auto-create-topics": "false"}

# Every change that a topic or its partitions can suffer from a client.
ADMIN = {
    "CREATE_TOPICS",
    "CREATE_PARTITIONS",
    "DELETE_TOPICS",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "INCREMENTAL_ALTER_CONFIGS",
}
REQUEST = re.compile(r"Completed request:(\{.*)")


def error(processor: Processor) -> str:
    """What the binding that cannot be made yet tells."""
    return str(
        wait_for(
            lambda: processor.binding().get("error"), 20, "a binding that says what is the matter"
        )
    )


def bound(processor: Processor, stream: Stream, *topics: str) -> None:
    """Wait until it runs, and until every node has heard of the topics it has created."""
    processor.running()
    for topic in (stream.source, stream.target, *topics):
        wait_for(lambda topic=topic: stream.topics.partitions(topic), 10, f"topic {topic}")  # type: ignore[misc]  # bound per round


def last_words(processor: Processor) -> str:
    """The one line that says why it ended, with exit code 1."""
    assert processor.exit_code() == 1
    [line] = [line for line in processor.output.splitlines() if " INFO " not in line]
    return line


# ---- names


@pytest.mark.parametrize("topic", ["no topic", "..", "a/b", "naïve", "x" * 250])
@pytest.mark.parametrize("binding", ["input", "output"])
def test_a_name_that_kafka_does_not_allow_is_one_line(
    stream: Stream, binding: str, topic: str
) -> None:
    processor = stream.processor(
        {f"spring.cloud.stream.bindings.{binding}.destination": topic}
    ).start()
    assert f"{topic!r} is no topic name" in last_words(processor)


def test_so_is_that_of_a_dead_letter_topic(stream: Stream) -> None:
    assert "'no topic' is no topic name" in last_words(
        stream.processor({f"{INPUT}.dlq-name": "no topic"}).start()
    )


# ---- created


@pytest.fixture
def wide_stream(three: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on a Kafka of three nodes."""
    made = Stream(three, tmp_path, name)
    yield made
    made.end()


def test_replicas_and_settings_of_each_topic(wide_stream: Stream) -> None:
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


def test_without_a_factor_of_its_own_a_topic_gets_the_binder_s_or_the_broker_s(
    wide_stream: Stream,
) -> None:
    bound(wide_stream.processor({f"{OUTPUT}.topic.replication-factor": "1"}).start(), wide_stream)
    assert [len(replicas) for replicas in wide_stream.topics.replicas(wide_stream.source)] == [3]
    assert [len(replicas) for replicas in wide_stream.topics.replicas(wide_stream.target)] == [1]


def test_the_dead_letter_topic_has_as_many_partitions_as_its_input(stream: Stream) -> None:
    stream.topics.create(stream.source, 3)
    bound(stream.processor().start(), stream, stream.dead_letters)
    assert stream.topics.partitions(stream.dead_letters) == 3


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({f"{BINDER}.replication-factor": "2"}, "only 1 broker(s) are registered"),
        ({f"{INPUT}.topic.properties.retention.ms": "soon"}, "retention.ms"),
        ({f"{OUTPUT}.topic.replicas-assignment.0": "9"}, "no such broker is registered"),
    ],
)
def test_what_the_broker_refuses_to_create_is_one_line(
    stream: Stream, settings: dict[str, str], told: str
) -> None:
    line = last_words(stream.processor(settings).start())
    assert "creating topic" in line
    assert told in line


@pytest.mark.parametrize("partitions", ["1=0", "0=x"])
def test_an_assignment_that_makes_no_sense_is_one_line(stream: Stream, partitions: str) -> None:
    partition, brokers = partitions.split("=")
    line = last_words(
        stream.processor({f"{INPUT}.topic.replicas-assignment.{partition}": brokers}).start()
    )
    assert "topic.replicas-assignment" in line
    assert "allowed is" in line


# ---- enlarged


def test_partitions_are_added_where_that_is_allowed(stream: Stream) -> None:
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


def test_an_input_with_too_few_partitions_leaves_consumers_idle(stream: Stream) -> None:
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
def test_an_output_or_fixed_partitions_wait_for_enough(
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
def test_the_settings_of_a_topic_that_exists(stream: Stream, alters: bool) -> None:  # noqa: FBT001 - pytest gives it by name
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


@pytest.fixture(scope="module")
def telling_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka that writes down every request."""
    told = "-Dorg.slf4j.simpleLogger.log.kafka.request.logger=debug"
    with Kafka(tmp_path_factory.mktemp("telling"), options=[told]) as running:
        yield running


@pytest.fixture
def told_stream(telling_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    made = Stream(telling_kafka, tmp_path, name)
    yield made
    made.end()


def asked(stream: Stream) -> set[str]:
    """The kinds of request that processors have made of this stream's broker; clients of the tests
    are called rdkafka.
    """
    requests = [json.loads(line) for line in REQUEST.findall(stream.kafka.log())]
    headers = [request["requestHeader"] for request in requests]
    return {
        header["requestApiKeyName"]
        for header in headers
        if header["clientId"].startswith(("admin-", "consumer-", "producer-"))
    }


def test_without_permission_to_create_nothing_is_asked_of_an_administrator(
    told_stream: Stream,
) -> None:
    stream = told_stream
    changes = {
        f"{BINDER}.auto-add-partitions": "true",
        f"{BINDER}.auto-alter-topics": "true",
        INSTANCES: "3",
    }
    more = {
        f"{INPUT}.topic.properties.retention.ms": "7200000",
        f"{OUTPUT}.topic.properties.retention.ms": "7200000",
    }
    processor = stream.processor(NO_CREATION | SOON | changes | more).start().first_answer()
    assert error(processor).startswith(
        f"Failed to obtain partition information for the topic {stream.source}"
    )
    stream.create(1)
    processor.running()
    assert "There will be 2 idle consumers" in processor.output
    assert (
        f"no dead letters: Failed to obtain partition information for the topic "
        f"error.{stream.source}"
    ) in processor.output
    stream.send(Record(b"hello world"))
    stream.await_arrivals(1)
    assert {"METADATA", "FETCH", "PRODUCE"} <= asked(stream)
    assert asked(stream) & ADMIN == set()
    assert stream.topics.names() & {stream.dead_letters} == set()

    stream.processor(changes | more).start().running()  # and that such requests would be seen
    assert {"CREATE_PARTITIONS", "INCREMENTAL_ALTER_CONFIGS", "CREATE_TOPICS"} <= asked(stream)


def test_a_dead_letter_topic_that_was_asked_for_and_may_not_be_created_is_one_line(
    stream: Stream,
) -> None:
    stream.create()
    line = last_words(stream.processor(NO_CREATION | {f"{INPUT}.enable-dlq": "true"}).start())
    assert stream.dead_letters in line


@pytest.mark.parametrize("interval", ["0", "-1"])
def test_without_an_interval_a_failure_to_bind_is_final(stream: Stream, interval: str) -> None:
    processor = stream.processor(
        NO_CREATION | {"spring.cloud.stream.binding-retry-interval": interval}
    ).start()
    assert f"Failed to obtain partition information for the topic {stream.source}" in last_words(
        processor
    )
