"""Resuming partitions for certain."""

from confluent_kafka import Consumer, TopicPartition


def resume(consumer: Consumer, partitions: list[TopicPartition]) -> None:
    """Have the client fetch these partitions again.

    Librdkafka drops a resume, without an error, when it changes the same partition at that moment:
    it begins with the partition, or a rebalance begins (its issue 5591). The second call then has
    its effect; else it has none.
    """
    for _ in range(2):
        consumer.resume(partitions)
