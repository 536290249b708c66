"""What existed when the group began to read from the end: partitions that came later are read from
their beginning.
"""

import logging
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.commit.offset_tracker import CommitMetadata, OffsetTracker, parse_metadata
from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.start-offsets")

SAME_START_S = 60.0  # instances that are deployed together join within this time


class GroupStart:
    """How many partitions each topic had when the group began.

    The first member that finds nothing committed of a topic counts its partitions. The count is
    committed with every offset, so other members and later starts know it. A member that finds
    offsets without a count (committed by another program or an earlier version) takes what has an
    offset as what existed.
    """

    def __init__(self, tracker: OffsetTracker, *, resets: bool) -> None:
        """`tracker` keeps the counts, since it makes the metadata of commits; `resets`: the group
        begins again with each process.
        """
        self._tracker = tracker
        self._resets = resets
        # Partitions of each topic when this process joined first.
        self._first_seen: dict[str, int] | None = None

    def observe(self, consumer: Consumer) -> None:
        """Count the partitions of every topic before this process joins first. Blocks for at most
        REQUEST_TIMEOUT_S seconds.

        Not from a callback of the consumer (see callback_guard).
        """
        if self._first_seen is None:
            self._first_seen = _count_partitions(consumer)

    def learn(self, topic: str, metadata: CommitMetadata) -> None:
        """Take over what another member, or an earlier start, has committed with an offset of the
        present topic.
        """
        if self._resets:
            return
        if metadata.began is not None:
            self._tracker.began = metadata.began
        if metadata.partitions is not None:
            self._tracker.initial_partitions.setdefault(topic, metadata.partitions)

    def drop(self, topic: str) -> None:
        """The topic was deleted and created again: none of its partitions existed."""
        self._tracker.initial_partitions[topic] = 0

    def existed(self, consumer: Consumer, key: TopicPartitionKey) -> bool | None:
        """Whether a partition without a committed offset existed when the group began, None while
        no broker tells.

        Blocks for some requests of REQUEST_TIMEOUT_S seconds.
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
        """Learn from what is committed of the topic's first `number` partitions; False if that of
        one is not told.
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
        """How many partitions of a topic existed of which the group has committed nothing."""
        began = self._tracker.began
        if began is not None and time.time() - began > SAME_START_S:
            return 0  # the group is older than its interest in this topic
        if self._first_seen is None:
            # No broker has answered: the group begins now, as far as can be seen.
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
    """Partitions of each topic; None when no broker answers."""
    try:
        topics = consumer.list_topics(timeout=REQUEST_TIMEOUT_S)
    except KafkaException as error:
        log.debug("the topics are unknown: %s", error.args[0].str())
        return None
    return {name: len(found.partitions) for name, found in topics.topics.items()}
