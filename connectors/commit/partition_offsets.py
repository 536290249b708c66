"""The offsets of each partition: where reading started, what is processed, what is committed."""

import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from math import inf
from time import monotonic

from confluent_kafka import TopicPartition

from connectors.commit.offset_tracker import OffsetTracker
from connectors.records.batch import RecordBatch
from connectors.records.keys import TopicPartitionKey, topic_partition

# Kafka's shortest offsets.retention.minutes is 1. In a group without members the broker deletes
# offsets that nobody commits again.
KEEP_ALIVE_S = 20.0


class PartitionOffsets:
    """The state of each assigned partition. Used by the task's thread alone."""

    def __init__(self) -> None:
        self.tracker = OffsetTracker()
        self._current: dict[TopicPartitionKey, int] = {}
        self._last_committed: dict[TopicPartitionKey, int] = {}
        # The same, kept also when work is given up and read again.
        self.last_committed: dict[TopicPartitionKey, int] = {}
        # Where reading began, or what the latest commit replaced.
        self._start: dict[TopicPartitionKey, int] = {}
        # Where that is the end, which has to be committed.
        self._starts_at_end: set[TopicPartitionKey] = set()
        # Partitions of which this process has committed an offset.
        self.ever_committed: set[TopicPartitionKey] = set()
        self.commits = 0  # confirmed by the broker
        self.last_commit: float | None = None  # when the last one was, epoch seconds
        # When offsets that have not moved are committed again; never where the group has members.
        self._keep_alive_at = inf
        # How often produced records were given up: they are read again, here or elsewhere.
        self.redelivered = 0

    def track(self, batch: RecordBatch) -> None:
        """These records are on their way through the steps."""
        if batch.next_offsets.keys() - self._start.keys():
            for message in batch.messages:
                self._start.setdefault(topic_partition(message), int(message.offset() or 0))

    def mark_processed(self, positions: dict[TopicPartitionKey, int]) -> None:
        """All records before `positions` have been produced."""
        self._current.update(positions)

    def committable_offsets(self) -> dict[TopicPartitionKey, int]:
        """The safe ones."""
        return dict(self._current)

    def is_settled(self, key: TopicPartitionKey, offset: int) -> bool:
        """Whether every record of the partition before `offset` is committed.

        Records before the first one that was read count as committed.
        """
        return max(self._start.get(key, -1), self._last_committed.get(key, -1)) >= offset

    @property
    def _unconfirmed(self) -> bool:
        if self._is_aged:
            return bool(self._current)
        return any(self._last_committed.get(key) != offset for key, offset in self._current.items())

    @property
    def _is_aged(self) -> bool:
        return monotonic() >= self._keep_alive_at

    def _unconfirmed_offsets(self) -> dict[TopicPartitionKey, int]:
        """What to commit: the offsets that have moved, or all of them when they have become old."""
        if self._is_aged:
            return self._current
        return {
            key: offset
            for key, offset in self._current.items()
            if self._last_committed.get(key) != offset
        }

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit again every KEEP_ALIVE_S: a group with fixed partitions has no members.

        Args:
            offsets: What is committed of partitions that are read from there.
        """
        for key, offset in offsets.items():
            self._current.setdefault(key, offset)
            self._last_committed.setdefault(key, offset)
        self._keep_alive_at = monotonic() + KEEP_ALIVE_S

    @property
    def _keeps_alive(self) -> bool:
        return self._keep_alive_at < inf

    def start_at(self, ends: Mapping[TopicPartitionKey, int]) -> None:
        """Commit the ends of partitions without committed offset: a restart starts there."""
        self._start |= ends
        self._current |= ends
        self._starts_at_end |= ends.keys()

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone to someone else."""
        for key in partitions:
            safe, confirmed = self._current.pop(key, None), self._last_committed.pop(key, None)
            self._start.pop(key, None)
            self.last_committed.pop(key, None)
            self._starts_at_end.discard(key)
            if safe is not None and safe != confirmed:
                self.redelivered += 1

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """Forget the offsets of a topic that was deleted and created again.

        Its records cannot be read again.

        `kept`: partitions whose offsets belong to the new topic already.
        """
        for keys in (self._current, self._last_committed, self._start, self.last_committed):
            for key in [key for key in keys if key[0] == topic and key not in kept]:
                del keys[key]
        self._starts_at_end = {key for key in self._starts_at_end if key[0] != topic or key in kept}
        self.ever_committed = {key for key in self.ever_committed if key[0] != topic or key in kept}

    def _confirm(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has committed these. Keep the offsets before, should it lose them."""
        self._start |= {
            key: self._last_committed[key]
            for key, offset in positions.items()
            if self._last_committed.get(key, offset) != offset
        }
        self._last_committed |= positions
        self.last_committed |= positions
        if self._is_aged and positions.keys() >= self._current.keys():
            self._keep_alive_at = monotonic() + KEEP_ALIVE_S
        self.ever_committed |= positions.keys()
        self._committed()

    def _committed(self) -> None:
        self.commits += 1
        self.last_commit = time.time()

    def _to_commit(self, offsets: Mapping[TopicPartitionKey, int]) -> list[TopicPartition]:
        """Each with the topic it belongs to."""
        return [
            TopicPartition(*key, offset, self.tracker.metadata(key))
            for key, offset in offsets.items()
        ]
