"""The raw producer writes what other clients refuse to send, and a real broker takes it."""

import pytest
from confluent_kafka import Consumer, Message, TopicPartition

from tests.support.brokers.admin import quick
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS, Topics
from tests.support.load.raw_produce import RawProduceError, RawRecord, raw_send
from tests.support.waiting import wait_for

MESSAGE_TOO_LARGE = 10  # Kafka's error code


@pytest.fixture
def topic(kafka: Kafka, name: str) -> str:
    return Topics(kafka.bootstrap).create(name, 2)


def consumed(kafka: Kafka, topic: str, count: int, partition: int = 0) -> list[Message]:
    """The first `count` records of the partition."""
    consumer = Consumer(
        quick(kafka.bootstrap) | {"group.id": "reader", "enable.auto.commit": False}
    )
    found: list[Message] = []

    def complete() -> bool:
        found.extend(consumer.consume(count - len(found), 0.5))
        return len(found) == count

    try:
        consumer.assign([TopicPartition(topic, partition, 0)])
        wait_for(complete, SECONDS, f"{count} records in {topic}")
    finally:
        consumer.close()
    return found


def test_records_read_as_written(kafka: Kafka, topic: str) -> None:
    records = [
        RawRecord(b"value", b"key", [(b"a", b"1"), (b"a", None), (b"", b"")], timestamp=-5),
        RawRecord(None, None),
        RawRecord(b"", b"", timestamp=1),
        RawRecord(b"x" * 900_000, bytes(200)),
        RawRecord(b"last", headers=[(b"n%d" % number, b"v") for number in range(300)]),
    ]
    assert raw_send(kafka.bootstrap, topic, records, partition=1) == [0, 1, 2, 3, 4]
    messages = consumed(kafka, topic, 5, partition=1)
    assert [(one.key(), one.value()) for one in messages] == [
        (record.key, record.value) for record in records
    ]
    for message, record in zip(messages, records, strict=True):
        assert (message.headers() or []) == [
            (name.decode(), value) for name, value in record.headers
        ]
    assert [messages[0].timestamp()[1], messages[2].timestamp()[1]] == [-5, 1]


def test_header_name_is_not_utf_8(kafka: Kafka, topic: str) -> None:
    raw_send(kafka.bootstrap, topic, [RawRecord(b"value", b"key", [(b"caf\xe9", b"v")])])
    (message,) = consumed(kafka, topic, 1)
    assert (message.value(), message.key()) == (b"value", b"key")
    with pytest.raises(SystemError):  # confluent-kafka decodes the name without a check
        message.headers()


def test_refused_batch_raises_code(kafka: Kafka, topic: str) -> None:
    with pytest.raises(RawProduceError) as refused:
        raw_send(kafka.bootstrap, topic, [RawRecord(b"x" * 2_000_000)])
    assert refused.value.code == MESSAGE_TOO_LARGE
