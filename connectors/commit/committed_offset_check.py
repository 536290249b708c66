"""The offsets that this process has committed, compared with those that the broker returns."""

import logging
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.commit.offset_tracker import OffsetTracker
from connectors.records.messages import TopicPartitionKey

log = logging.getLogger("processor.commit")

_NOT_OURS = -1  # this process had committed no offset before


class CommittedOffsetCheck:
    """The latest committed offsets of partitions that this process has or had.

    A coordinator may return older offsets than it has confirmed. An offset below 0 means that there
    is none. All methods run on the task's thread.
    """

    def __init__(self, tracker: OffsetTracker) -> None:
        """Start without offsets.

        Args:
            tracker: Knows the topic ids.
        """
        self._tracker = tracker
        self._ours: dict[TopicPartitionKey, int] = {}
        self._previous: dict[TopicPartitionKey, int] = {}  # the offset before the latest one
        self._topic_ids: dict[TopicPartitionKey, str | None] = {}  # of the latest offset
        self._lost: dict[TopicPartitionKey, int] = {}  # that `resolve` has trusted
        # Partitions that are assigned again, and whose reading has not been started yet.
        self.returned: set[TopicPartitionKey] = set()

    def mark_returned(self, partitions: Iterable[TopicPartitionKey]) -> bool:
        """Note partitions that are assigned again after this process had them.

        Returns:
            Whether any such partition waits for `seek_returned`.
        """
        self.returned.update(key for key in partitions if self._own(key) is not None)
        return bool(self.returned)

    def seek_returned(
        self, consumer: Consumer, committed: Mapping[TopicPartitionKey, int]
    ) -> dict[TopicPartitionKey, int]:
        """Seek the returned partitions to their committed offsets.

        Args:
            consumer: The present client.
            committed: The group's offsets, below 0 for none.

        Returns:
            The offsets of the partitions sought.

        Raises:
            KafkaException: The client cannot seek yet. Call again.
        """
        starts = {
            key: offset for key, offset in committed.items() if offset >= 0 and key in self.returned
        }
        for key, offset in starts.items():
            try:
                consumer.seek(TopicPartition(*key, offset))
            except KafkaException as error:  # just assigned: the client can seek soon
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error
        self.returned.clear()
        return starts

    def committed(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """Note offsets whose commit the broker has confirmed."""
        for key, offset in positions.items():
            own = self._own(key)
            if own != offset:
                self._previous[key] = _NOT_OURS if own is None else own
                self._ours[key] = offset
            self._topic_ids[key] = self._tracker.topic_id_of(key)

    def drop(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """Forget the offsets of a topic that was deleted and created again.

        Args:
            topic: Name of the topic.
            kept: Partitions whose offsets belong to the new topic already.
        """
        for key in [key for key in self._ours if key[0] == topic and key not in kept]:
            del self._ours[key]
            self._previous.pop(key, None)
            self.returned.discard(key)

    def forget(self) -> None:
        """Forget all offsets: from now on the group's offsets may be changed on purpose."""
        self._ours.clear()

    def is_behind(self, fetched: Mapping[TopicPartitionKey, int]) -> bool:
        """Whether the broker returns an older offset than it has confirmed to this process.

        Args:
            fetched: The offsets that the broker has returned.
        """
        return any(
            (own := self._own(key)) is not None and offset < own for key, offset in fetched.items()
        )

    def resolve(self, fetched: Mapping[TopicPartitionKey, int]) -> dict[TopicPartitionKey, int]:
        """Return the offset to trust for each partition.

        Call this after the coordinator has accepted a write of this process. "No offset" counts as
        the lowest one. There are three cases:

        - The broker's offset is below the one that our latest commit replaced. The coordinator has
          lost part of its log, so our own offset counts.
        - The same, but the broker has no offset, and there are no topic ids (brokers before Kafka
          3.1). The topic may have been created again, so no offset counts.
        - Any other offset of the broker counts. Kafka 4 can undo a transaction after it has
          confirmed the commit (see docs/guarantees.md).

        Args:
            fetched: The offsets that the broker has returned.
        """
        resolved = {key: self._resolve_one(key, offset) for key, offset in fetched.items()}
        self._lost = {key: each for key, each in resolved.items() if each > fetched[key]}
        return resolved

    def take_lost(self) -> dict[TopicPartitionKey, int]:
        """Return the own offsets that the latest `resolve` has trusted. The broker lacks them."""
        lost, self._lost = self._lost, {}
        return lost

    def _resolve_one(self, key: TopicPartitionKey, offset: int) -> int:
        own = self._own(key)
        ours = offset if own is None else own
        if offset < ours:
            stands = "has no offset" if offset < 0 else f"is back at {offset}"
            is_lost = max(offset, _NOT_OURS) < self._previous[key]
            if is_lost and (offset >= 0 or self._has_topic_id(key)):
                log.warning(
                    "%s-%d: the broker %s; ignored, because this process committed %d",
                    *key,
                    stands,
                    ours,
                )
                return ours
            log.warning(
                "%s-%d: the broker %s; reading from there, although this process committed %d",
                *key,
                stands,
                ours,
            )
        if own is not None:  # another member may have committed a later offset
            self._ours[key] = offset
        return offset

    def _own(self, key: TopicPartitionKey) -> int | None:
        """Return the own offset, or None without one of the present topic.

        The topic may have been created again while another member had the partition.
        """
        own, present = self._topic_ids.get(key), self._tracker.topic_id_of(key)
        if own and present and own != present:
            return None
        return self._ours.get(key)

    def _has_topic_id(self, key: TopicPartitionKey) -> bool:
        """Whether the client would report a topic that was created again before reading it."""
        return self._tracker.topic_id(key[0]) is not None
