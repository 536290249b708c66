"""Partitions whose reading starts after their assignment.

Their topic was created again, or their committed offset was unknown.
"""

import logging
from collections.abc import Collection

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.records.messages import TopicPartitionKey, format_partitions

log = logging.getLogger("processor.group")


class LateStarts:
    """Starts such partitions once the client can seek them. On the task's thread."""

    def __init__(
        self, consumer: ReplaceableConsumer, committer: Committer, start_offsets: StartOffsets
    ) -> None:
        """Begin without partitions.

        Args:
            consumer: The task's consumer.
            committer: Commits the starts.
            start_offsets: Decides where reading starts.
        """
        self._consumer = consumer
        self._committer = committer
        self._tracker = committer.tracker
        self._start_offsets = start_offsets
        # Start offsets that were decided after the assignment; the client has yet to seek there.
        self._begin_at: dict[TopicPartitionKey, int] = {}
        # Assigned partitions of a topic that was created again. Another member may get them.
        self._awaiting_assignment: set[TopicPartitionKey] = set()

    def wait_for_assignment(self, keys: Collection[TopicPartitionKey]) -> None:
        """Start these partitions of a new topic only when they are assigned again."""
        self._awaiting_assignment.update(keys)
        self._start_offsets.beginnings.add_awaiting(keys)

    def decide_again(self, key: TopicPartitionKey) -> None:
        """Start a partition once more, where its reading has to begin."""
        self._start_offsets.unknown.add(key)
        self._tracker.suspend([key])

    def on_assigned(self, keys: Collection[TopicPartitionKey]) -> None:
        """Note partitions that are assigned."""
        self._awaiting_assignment.difference_update(keys)
        self._start_offsets.beginnings.on_assigned(keys)

    def discard(self, keys: Collection[TopicPartitionKey]) -> None:
        """Forget partitions that are not assigned any more."""
        for key in keys:
            self._awaiting_assignment.discard(key)
            self._begin_at.pop(key, None)
        self._start_offsets.beginnings.discard(keys)

    def drop(self, topic: str) -> None:
        """Forget the start offsets of a topic that was deleted and created again."""
        for key in [key for key in self._begin_at if key[0] == topic]:
            del self._begin_at[key]

    def restart(self, *, is_fixed: bool) -> None:
        """Start partitions that wait for their start.

        A partition that the client cannot seek yet is tried again at the next call. Blocks for some
        requests, so not from a callback.

        Args:
            is_fixed: Whether the partitions do not come from the group.
        """
        for key in self._tracker.awaiting_start - self._awaiting_assignment:
            if key in self._start_offsets.unknown:
                offset, ends = self._start_offsets.decide_again(
                    self._consumer.client,
                    key,
                    self._committer.ever_committed,
                    self._committer.own_offsets,
                )
                if offset is None:
                    continue
                self._begin_at[key] = offset
                self._committer.start_at(ends)
            offset = self._begin_at.get(key, OFFSET_BEGINNING)
            try:
                self._consumer.client.seek(TopicPartition(*key, offset))
            except KafkaException as error:  # fetching is about to start or to stop
                log.debug("%s-%d cannot be started yet: %s", *key, error.args[0].str())
            else:
                self._tracker.restart(key)
                if self._begin_at.pop(key, None) is None:  # the topic was created again
                    self._start_offsets.beginnings.add([key])
                if is_fixed and offset >= 0:
                    self._committer.keep_alive({key: offset})

    def commit_beginnings(self) -> None:
        """Commit the first offset of partitions that were created later, or created again.

        Blocks for some requests when there are any, so not from a callback.
        """
        self._start_offsets.beginnings.commit(
            self._consumer.client, self._committer, self._awaiting_assignment
        )

    def commit_unassigned(self) -> None:
        """Commit the first offset of new partitions that no member has yet. Before a group is left.

        Blocks for some requests when there are any.
        """
        self._start_offsets.beginnings.commit_unassigned(self._consumer.client, self._committer)

    @property
    def unknown_start(self) -> str:
        """Why reading of a partition cannot start, or ""."""
        unknown = format_partitions(self._start_offsets.unknown & self._tracker.awaiting_start)
        return f"no broker returns the committed offset of {unknown}" if unknown else ""
