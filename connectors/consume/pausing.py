"""A resume that librdkafka does not drop."""

from confluent_kafka import Consumer, TopicPartition


def resume(consumer: Consumer, partitions: list[TopicPartition]) -> None:
    """Have the client fetch these partitions again.

    Librdkafka drops a resume without an error when it changes the partition at that moment:
    fetching starts, or a rebalance begins (its issue 5591). The second call then takes effect.
    Otherwise it changes nothing.

    Args:
        consumer: The present client.
        partitions: Assigned ones.
    """
    for _ in range(2):
        consumer.resume(partitions)
