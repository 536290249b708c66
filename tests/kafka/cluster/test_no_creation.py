"""A processor that may create no topics."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.verify.binding_errors import error, last_words

BINDER = "spring.cloud.stream.kafka.binder"
INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
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


@pytest.fixture(scope="module")
def reporting_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka that writes down every request."""
    reported = "-Dorg.slf4j.simpleLogger.log.kafka.request.logger=debug"
    with Kafka(tmp_path_factory.mktemp("reporting"), options=[reported]) as running:
        yield running


@pytest.fixture
def reported_stream(reporting_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    made = Stream(reporting_kafka, tmp_path, name)
    yield made
    made.end()


def asked(stream: Stream) -> set[str]:
    """The kinds of request that processors have made of this stream's broker.

    Clients of the tests are called rdkafka.
    """
    requests = [json.loads(line) for line in REQUEST.findall(stream.kafka.log())]
    headers = [request["requestHeader"] for request in requests]
    return {
        header["requestApiKeyName"]
        for header in headers
        if header["clientId"].startswith(("admin-", "consumer-", "producer-"))
    }


def test_no_creation_needs_no_admin_client(
    reported_stream: Stream,
) -> None:
    stream = reported_stream
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


def test_refused_dlq_topic_is_one_line(
    stream: Stream,
) -> None:
    stream.create()
    line = last_words(stream.processor(NO_CREATION | {f"{INPUT}.enable-dlq": "true"}).start())
    assert stream.dead_letters in line


@pytest.mark.parametrize("interval", ["0", "-1"])
def test_bind_failure_is_final_at_interval_0(stream: Stream, interval: str) -> None:
    processor = stream.processor(
        NO_CREATION | {"spring.cloud.stream.binding-retry-interval": interval}
    ).start()
    assert f"Failed to obtain partition information for the topic {stream.source}" in last_words(
        processor
    )
