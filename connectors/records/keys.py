"""Topic and partition as a key of dictionaries."""

from collections.abc import Iterable

from confluent_kafka import Message, TopicPartition

TopicPartitionKey = tuple[str, int]


def topic_partition(message: Message) -> TopicPartitionKey:
    """Return topic and partition of a record.

    Args:
        message: A received message.
    """
    return message.topic(), message.partition()  # type: ignore[return-value]  # a received message has both


def key_of(partition: TopicPartition) -> TopicPartitionKey:
    """Return topic and partition without the offset.

    Args:
        partition: With or without an offset.
    """
    return partition.topic, partition.partition


def format_partitions(keys: Iterable[TopicPartitionKey]) -> str:
    """Return the partitions as a log line shows them, sorted.

    Args:
        keys: Topics and partitions.
    """
    return ", ".join(f"{topic}-{partition}" for topic, partition in sorted(keys))
