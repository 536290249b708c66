"""Topic and partition of a record, as a key."""

from confluent_kafka import Message

TopicPartitionKey = tuple[str, int]


def topic_partition(message: Message) -> TopicPartitionKey:
    """Topic and partition of a received message."""
    return message.topic(), message.partition()  # type: ignore[return-value]  # both are there on a received message
