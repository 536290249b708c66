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
        # The same, also kept when records are read again.
        self.last_committed: dict[TopicPartitionKey, int] = {}
        # Where reading began, or the offset before the latest commit.
        self._start: dict[TopicPartitionKey, int] = {}
        # Partitions whose start has to be committed, before any record is processed.
        self._uncommitted_starts: set[TopicPartitionKey] = set()
        # Partitions of which this process has committed an offset.
        self.ever_committed: set[TopicPartitionKey] = set()
        self.commits = 0  # confirmed by the broker
        self.last_commit: float | None = None  # when the last one was, epoch seconds
        # When unmoved offsets are committed again; never for a group with members.
        self._keep_alive_at = inf
        # How often produced records were given up: they are read again, here or elsewhere.
        self.redelivered = 0

    def track(self, batch: RecordBatch) -> None:
        """Note the first offset of each partition in the batch."""
        if batch.next_offsets.keys() - self._start.keys():
            for message in batch.messages:
                self._start.setdefault(topic_partition(message), int(message.offset() or 0))

    def mark_processed(self, positions: dict[TopicPartitionKey, int]) -> None:
        """Note that all records before `positions` are produced."""
        self._current.update(positions)

    def committable_offsets(self) -> dict[TopicPartitionKey, int]:
        """Return the offsets whose records are all produced."""
        return dict(self._current)

    def is_settled(self, key: TopicPartitionKey, offset: int) -> bool:
        """Whether every record of the partition before `offset` is committed.

        Records before the first one that was read count as committed.
        """
        return max(self._start.get(key, -1), self._last_committed.get(key, -1)) >= offset

    def _unconfirmed_offsets(self) -> dict[TopicPartitionKey, int]:
        """Return the offsets that have moved; all of them when they are old."""
        if monotonic() >= self._keep_alive_at:
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

    def end_keep_alive(self) -> None:
        """Commit only offsets that move: the group is about to be left.

        Another commit of the same offsets might never be taken.
        """
        self._keep_alive_at = inf

    @property
    def _keeps_alive(self) -> bool:
        return self._keep_alive_at < inf

    def start_at(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit where partitions without committed offset start: a restart starts there too.

        Partitions of which records are processed already are left out.
        """
        starts = {key: each for key, each in offsets.items() if key not in self._current}
        self._start |= starts
        self._current |= starts
        self._uncommitted_starts |= starts.keys()

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget partitions that another member has now."""
        for key in partitions:
            safe, confirmed = self._current.pop(key, None), self._last_committed.pop(key, None)
            self._start.pop(key, None)
            self.last_committed.pop(key, None)
            self._uncommitted_starts.discard(key)
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
        self._uncommitted_starts = {
            key for key in self._uncommitted_starts if key[0] != topic or key in kept
        }
        self.ever_committed = {key for key in self.ever_committed if key[0] != topic or key in kept}

    def _confirm(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has committed these. Keep the offsets before, should it lose them."""
        for key, offset in positions.items():
            replaced = self._last_committed.get(key, offset)
            if replaced != offset:
                self._start[key] = replaced
        self._last_committed |= positions
        self.last_committed |= positions
        if monotonic() >= self._keep_alive_at and positions.keys() >= self._current.keys():
            self._keep_alive_at = monotonic() + KEEP_ALIVE_S
        self.ever_committed |= positions.keys()
        self.commits += 1
        self.last_commit = time.time()

    def _to_commit(self, offsets: Mapping[TopicPartitionKey, int]) -> list[TopicPartition]:
        """Return the offsets with the metadata of their topics."""
        return [
            TopicPartition(*key, offset, self.tracker.metadata(key))
            for key, offset in offsets.items()
        ]
