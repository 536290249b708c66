"""Which partitions existed when the group began to read from the end.

Later partitions are read from their beginning.
"""

import logging
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.commit.offset_tracker import CommitMetadata, OffsetTracker, parse_metadata
from connectors.records.messages import TopicPartitionKey

log = logging.getLogger("processor.start-offsets")

SAME_START_S = 60.0  # instances that are deployed together join within this time


class GroupStart:
    """How many partitions each topic had when the group began.

    The first member that finds no committed offset of a topic counts its partitions. The count is
    committed with every offset, so other members and later starts know it. A member may find
    offsets without a count, committed by another program or an earlier version. Then the partitions
    with an offset are those that existed.
    """

    def __init__(self, tracker: OffsetTracker, *, resets: bool) -> None:
        """Start without counts.

        Args:
            tracker: Keeps the counts, since it makes the metadata of commits.
            resets: Whether the group begins again with each process (reset-offsets).
        """
        self._tracker = tracker
        self._resets = resets
        # Partitions of each topic when this process joined for the first time.
        self._first_seen: dict[str, int] | None = None

    def observe(self, consumer: Consumer) -> None:
        """Count the partitions of every topic before this process joins for the first time.

        Blocks for at most REQUEST_TIMEOUT_S, so not from a callback.

        Args:
            consumer: The present client.
        """
        if self._first_seen is None:
            self._first_seen = _count_partitions(consumer)

    def learn(self, topic: str, metadata: CommitMetadata) -> None:
        """Take over what another member, or an earlier start, has committed with an offset.

        Args:
            topic: The topic of the offset. It has not been created again since.
            metadata: The text that was committed.
        """
        if self._resets:
            return
        if metadata.began is not None:
            self._tracker.began = metadata.began
        if metadata.partitions is not None:
            self._tracker.initial_partitions.setdefault(topic, metadata.partitions)

    def drop(self, topic: str) -> None:
        """Note that the topic was created again. No partition of it existed at the group's start.

        Args:
            topic: The topic.
        """
        self._tracker.initial_partitions[topic] = 0

    def existed(self, consumer: Consumer, key: TopicPartitionKey) -> bool | None:
        """Whether a partition without a committed offset existed when the group began.

        Blocks for some requests of REQUEST_TIMEOUT_S.

        Args:
            consumer: The present client.
            key: The partition.

        Returns:
            None while no broker answers.
        """
        topic, partition = key
        counts = self._tracker.initial_partitions
        if topic not in counts and not self._resets:
            number = max(partition + 1, (self._first_seen or {}).get(topic, 0))
            if not self._ask_group(consumer, topic, number):
                return None
        if topic not in counts:
            counts[topic] = self._count(topic, partition)
        if self._tracker.began is None:
            self._tracker.began = int(time.time())
        return partition < counts[topic]

    def _ask_group(self, consumer: Consumer, topic: str, number: int) -> bool:
        """Learn from the offsets that the group has committed.

        Returns False if the answer lacks one of the topic's first `number` partitions.
        """
        uncommitted = []
        found = _fetch_committed(
            consumer, [TopicPartition(topic, partition) for partition in range(number)]
        )
        if len(found) < number:
            return False
        for each in found:
            if each.offset < 0:
                uncommitted.append(each.partition)
            elif self._tracker.is_of_topic((topic, each.partition), each.metadata):
                self.learn(topic, parse_metadata(each.metadata))
        if uncommitted and len(uncommitted) < number:
            self._tracker.initial_partitions.setdefault(topic, min(uncommitted))
        return True

    def _count(self, topic: str, partition: int) -> int:
        """Return how many partitions existed of a topic of which the group has no offset."""
        began = self._tracker.began
        if began is not None and time.time() - began > SAME_START_S:
            return 0  # the group began before it read this topic
        if self._first_seen is None:
            # No broker has answered when this process joined: let the group begin now.
            return partition + 1
        return self._first_seen.get(topic, 0)


def _fetch_committed(consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
    try:
        return (
            [each for each in consumer.committed(partitions, REQUEST_TIMEOUT_S) if not each.error]
            if partitions
            else []
        )
    except KafkaException as error:
        log.debug("committed offsets are unknown: %s", error.args[0].str())
        return []


def _count_partitions(consumer: Consumer) -> dict[str, int] | None:
    """Return the number of partitions of each topic; None when no broker answers."""
    try:
        topics = consumer.list_topics(timeout=REQUEST_TIMEOUT_S)
    except KafkaException as error:
        log.debug("the topics are unknown: %s", error.args[0].str())
        return None
    return {name: len(found.partitions) for name, found in topics.topics.items()}
