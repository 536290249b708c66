"""Partitions that are read from their beginning, though the broker or the group says otherwise.

The group reads from the end, or the broker has an offset of a topic that was deleted. The first
offset is committed before the first record. Otherwise a next process would begin at the end, and
the lag would be counted from the former topic's offset.
"""

import logging
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from time import monotonic

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.commit.committer import Committer
from connectors.consume.starts.offset_queries import committed_offsets
from connectors.records.messages import TopicPartitionKey, format_partitions

log = logging.getLogger("processor.start-offsets")

TIMEOUT_S = 1.0  # of one request, during which records wait
RETRY_S = 1.0  # until the topics are asked for again


class UncommittedBeginnings:
    """Partitions of this process whose first offset has to be committed. On the task's thread."""

    def __init__(self, *, reads_from_end: bool) -> None:
        """Start without partitions.

        Args:
            reads_from_end: Whether the group does. Otherwise the beginnings of partitions that this
                process may have to give away are not committed.
        """
        self._reads_from_end = reads_from_end
        self.partitions: set[TopicPartitionKey] = set()  # nothing of them is committed yet
        # Topics created again, of which the group has assigned no partition to this process.
        self._topics: set[str] = set()
        self._ask_at = 0.0  # monotonic seconds

    def add(self, keys: Iterable[TopicPartitionKey]) -> None:
        """Note partitions that this process reads from their beginning."""
        self.partitions.update(keys)

    def add_awaiting(self, keys: Iterable[TopicPartitionKey]) -> None:
        """Note partitions of a new topic that this or another process will be assigned."""
        if self._reads_from_end:
            self.partitions.update(keys)

    def add_topic(self, topic: str) -> None:
        """Note a topic that was deleted and created again, until `on_assigned`."""
        if self._reads_from_end:
            self._topics.add(topic)

    def on_assigned(self, keys: Iterable[TopicPartitionKey]) -> None:
        """Note the partitions that the group has assigned. Its members commit their offsets."""
        self._topics.difference_update(topic for topic, _ in keys)

    def discard(self, keys: Iterable[TopicPartitionKey]) -> None:
        """Forget partitions that have been taken away."""
        self.partitions.difference_update(keys)

    def drop(self, topic: str) -> None:
        """Forget the partitions of a topic that was deleted and created again."""
        self.partitions = {key for key in self.partitions if key[0] != topic}

    def commit(
        self, consumer: Consumer, committer: Committer, unassigned: AbstractSet[TopicPartitionKey]
    ) -> None:
        """Have the first offsets committed, and forget the partitions.

        Blocks for some requests when there are any partitions, so not from a callback.

        Args:
            consumer: The present client.
            committer: Commits the first offsets of partitions that are assigned.
            unassigned: Partitions that may be assigned to another member by now.
        """
        if not self.partitions or monotonic() < self._ask_at:
            return
        self.partitions -= committer.ever_committed  # a later offset of the new topic
        beginnings = self.take(consumer)
        self._ask_at = monotonic() + RETRY_S if self.partitions else 0.0
        self._commit_for_next_owner(consumer, committer, beginnings.keys() & unassigned)
        committer.start_at({key: each for key, each in beginnings.items() if key not in unassigned})

    def commit_unassigned(self, consumer: Consumer, committer: Committer) -> None:
        """Commit the first offsets of topics that were created again and are not assigned yet.

        For the end of a process: it may be the group's last one. Earlier, another member could
        commit its first offset meanwhile, and lose it to this one. Blocks for some requests when
        there are any such topics.

        Args:
            consumer: The present client, still a member.
            committer: Knows the metadata of an offset.
        """
        if not self._topics:
            return
        if (existing := _existing_partitions(consumer)) is not None:
            keys = {key for key in existing if key[0] in self._topics}
            self._topics = set()
            self._commit_for_next_owner(consumer, committer, keys)
        else:
            self._report_uncommitted(", ".join(sorted(self._topics)), "no broker answers")

    def commit_revoked(
        self, consumer: Consumer, committer: Committer, revoked: Iterable[TopicPartitionKey]
    ) -> None:
        """Commit the first offsets of partitions that are revoked before `commit` was called.

        A stop can come that early. Blocks for two requests when there are any such partitions.

        Args:
            consumer: The client whose callback this is.
            committer: Knows the metadata of an offset.
            revoked: The partitions, of any topics.
        """
        if keys := self.partitions.intersection(revoked) - committer.ever_committed:
            self._commit_for_next_owner(consumer, committer, keys)

    def take(self, consumer: Consumer) -> dict[TopicPartitionKey, int]:
        """Return the first offsets of the partitions that exist, and forget these partitions.

        The broker deletes a group's offsets together with the topic. A process that ends before its
        first record would leave no offset, and the next one would start at the end. If the record
        of the first offset is deleted, the client takes the next record.

        A broker may not know of a new topic yet. Its partitions are asked for again at the next
        call.

        Blocks for one request of TIMEOUT_S, so not from a callback.

        Args:
            consumer: The present client.
        """
        if not self.partitions:
            return {}
        if (existing := _existing_partitions(consumer)) is None:  # asked again at the next call
            return {}
        known = {topic for topic, _ in existing}
        taken = {key for key in self.partitions if key[0] in known}
        self.partitions -= taken
        # The new topic may have fewer partitions. The broker refuses offsets of the others.
        return dict.fromkeys(taken & existing, 0)

    def _commit_for_next_owner(
        self, consumer: Consumer, committer: Committer, keys: AbstractSet[TopicPartitionKey]
    ) -> None:
        """Commit the first offsets once.

        From now on another member may commit offsets of these partitions.
        """
        offsets = committed_offsets(consumer, keys)
        failed, reason = keys - offsets.keys(), "no broker returns the committed offset"
        first = {key for key, offset in offsets.items() if offset < 0}
        try:
            if first:
                metadata = committer.tracker.metadata
                consumer.commit(
                    offsets=[TopicPartition(*key, 0, metadata(key)) for key in first],
                    asynchronous=False,
                )
        except KafkaException as error:
            failed, reason = failed | first, error.args[0].str()
        if failed:
            self._report_uncommitted(format_partitions(failed), reason)

    def _report_uncommitted(self, what: str, reason: str) -> None:
        """Log which first offsets are not committed. Another member still knows of them."""
        if self._reads_from_end:
            log.warning(
                "the first offset of %s is not committed (%s); if no member is left, set the "
                "group's offset to 0 before the next start, which would begin at the end",
                what,
                reason,
            )
        else:
            log.debug("the first offset of %s is not committed: %s", what, reason)


def _existing_partitions(consumer: Consumer) -> set[TopicPartitionKey] | None:
    """Return the partitions of all topics; None while no broker answers."""
    try:
        topics = consumer.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        log.debug("the topics are unknown: %s", error.args[0].str())
        return None
    return {(topic, number) for topic in topics for number in topics[topic].partitions}
