"""Topic and partition as a key of dictionaries."""

from collections.abc import Iterable

from confluent_kafka import Message, TopicPartition

TopicPartitionKey = tuple[str, int]


def topic_partition(message: Message) -> TopicPartitionKey:
    """Return topic and partition of a received message."""
    return message.topic(), message.partition()  # type: ignore[return-value]  # both are there on a received message


def key_of(partition: TopicPartition) -> TopicPartitionKey:
    """Return topic and partition without the offset."""
    return partition.topic, partition.partition


def format_partitions(keys: Iterable[TopicPartitionKey]) -> str:
    """Return the partitions as a log line names them, sorted."""
    return ", ".join(f"{topic}-{partition}" for topic, partition in sorted(keys))
