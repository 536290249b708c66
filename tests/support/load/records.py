"""Records in and out of a topic, by clients that know nothing of the processor."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

Headers = Sequence[tuple[str, bytes | None]]


class Record(NamedTuple):
    """One record as it is sent (partition -1: the client chooses) or as it arrived (offset -1: not
    yet in a topic).
    """

    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    partition: int = -1
    offset: int = -1


def send(bootstrap: str, topic: str, records: Iterable[Record]) -> None:
    """Send all records and wait until the broker has them; KafkaException if it refuses one."""
    refused: list[KafkaError] = []
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            # Else the first ones can be lost (see config/librdkafka/client_config.py).
            "max.in.flight": 1,
            "message.max.bytes": 2_000_000,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    for record in records:
        producer.produce(
            topic,
            record.value,
            record.key,
            record.partition,
            on_delivery=lambda error, _: refused.append(error) if error else None,
            headers=list(record.headers),
        )
    producer.flush()
    if refused:
        raise KafkaException(refused[0])


def read(bootstrap: str, topic: str) -> list[Record]:
    """Everything committed in the topic up to its end at this moment, partition by partition in the
    order of offsets.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",  # never joined: partitions are assigned by hand
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "topic.metadata.refresh.interval.ms": 1000,
        }
    )
    found: list[Record] = []
    try:
        open_partitions = set(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, 0) for number in open_partitions])
        while open_partitions:
            for message in consumer.consume(10_000, 0.5):
                error = message.error()
                if error is None:
                    found.append(arrival(message))
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()
    return sorted(found, key=lambda record: (record.partition, record.offset))


def arrival(message: Message) -> Record:
    # A consumer gives pairs; the stub also knows the producer's forms.
    headers = cast("Headers", message.headers() or ())
    return Record(
        message.value(),
        message.key(),
        headers,
        cast("int", message.partition()),
        cast("int", message.offset()),
    )


def send_aborted(bootstrap: str, topic: str, records: Iterable[Record]) -> None:
    """Send the records in a transaction that is rolled back: they are in the topic, and committed
    readers do not see them.
    """
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"aborting {topic}"})
    producer.init_transactions()
    producer.begin_transaction()
    for record in records:
        producer.produce(
            topic, record.value, record.key, record.partition, headers=list(record.headers)
        )
    producer.flush()
    producer.abort_transaction()
