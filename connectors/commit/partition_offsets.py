"""The offsets of each partition: the start of reading, the processed and the committed offset."""

import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from math import inf
from time import monotonic

from confluent_kafka import TopicPartition

from connectors.commit.offset_tracker import OffsetTracker
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey, topic_partition

# In a group without members the broker deletes offsets that are not committed again in time.
# Kafka's shortest offsets.retention.minutes is 1.
KEEP_ALIVE_S = 20.0


class PartitionOffsets:
    """The state of each assigned partition. On the task's thread."""

    def __init__(self) -> None:
        """Start without partitions."""
        self.tracker = OffsetTracker()
        self._committable: dict[TopicPartitionKey, int] = {}
        self._last_committed: dict[TopicPartitionKey, int] = {}
        # For the status: as `_last_committed`, but kept when records are read again.
        self.reported_committed: dict[TopicPartitionKey, int] = {}
        # Where to read again from if the broker has lost the latest commit.
        self._fallback: dict[TopicPartitionKey, int] = {}
        # Partitions whose start has to be committed, before any record is processed.
        self._uncommitted_starts: set[TopicPartitionKey] = set()
        # Partitions of which this process has committed an offset.
        self.ever_committed: set[TopicPartitionKey] = set()
        # Offsets that count where the broker has lost the group's: this process committed them.
        self.own_offsets: dict[TopicPartitionKey, int] = {}
        self.commits = 0  # confirmed by the broker
        self.last_commit: float | None = None  # when the last one was, epoch seconds
        # When unmoved offsets are committed again. This is never for a group with members.
        self._keep_alive_at = inf
        # How often records were produced whose offsets were not committed: they are read again, by
        # this process or another one.
        self.redelivered = 0

    def track(self, batch: RecordBatch) -> None:
        """Note the first offset of each partition in the batch.

        Args:
            batch: The batch that was read.
        """
        if batch.next_offsets.keys() - self._fallback.keys():
            for message in batch.messages:
                self._fallback.setdefault(topic_partition(message), int(message.offset() or 0))

    def mark_committable(self, positions: dict[TopicPartitionKey, int]) -> None:
        """Note the offsets before which all records are produced.

        Args:
            positions: The next offset of each partition.
        """
        self._committable.update(positions)

    def committable_offsets(self) -> dict[TopicPartitionKey, int]:
        """Return the offsets before which all records are produced."""
        return dict(self._committable)

    def is_settled(self, key: TopicPartitionKey, offset: int) -> bool:
        """Whether every record of the partition before an offset is committed.

        Records before the first one that was read count as committed.

        Args:
            key: The partition.
            offset: Of the first record that does not matter.
        """
        return max(self._fallback.get(key, -1), self._last_committed.get(key, -1)) >= offset

    def _unconfirmed_offsets(self) -> dict[TopicPartitionKey, int]:
        """Return the processed offsets that are not committed, or all if a keep-alive is due."""
        if monotonic() >= self._keep_alive_at:
            return self._committable
        return {
            key: offset
            for key, offset in self._committable.items()
            if self._last_committed.get(key) != offset
        }

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit these offsets again every KEEP_ALIVE_S, even if they do not move.

        A group with fixed partitions has no members, and the broker would delete its offsets.

        Args:
            offsets: Offsets at which partitions start. They are committed, except those of
                `start_at`.
        """
        for key, offset in offsets.items():
            self._committable.setdefault(key, offset)
            if key not in self._uncommitted_starts:
                self._last_committed.setdefault(key, offset)
        self._keep_alive_at = monotonic() + KEEP_ALIVE_S

    def end_keep_alive(self) -> None:
        """Commit only offsets that move, because the group is about to be left.

        A stop waits until all offsets are committed. It must not wait for a commit that only keeps
        offsets alive.
        """
        self._keep_alive_at = inf

    @property
    def _keeps_alive(self) -> bool:
        return self._keep_alive_at < inf

    def start_at(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit the starts of partitions without a committed offset, for the next restart.

        Args:
            offsets: The starts. Partitions that have processed records already are left out.
        """
        starts = {key: each for key, each in offsets.items() if key not in self._committable}
        self._fallback |= starts
        self._committable |= starts
        self._uncommitted_starts |= starts.keys()

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget partitions that are not assigned any more."""
        for key in partitions:
            offset, committed = (
                self._committable.pop(key, None),
                self._last_committed.pop(key, None),
            )
            self._fallback.pop(key, None)
            self.reported_committed.pop(key, None)
            self._uncommitted_starts.discard(key)
            if offset is not None and offset != committed:
                self.redelivered += 1

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """Forget the offsets of a topic that was deleted and created again.

        Its records cannot be read again.

        Args:
            topic: The topic.
            kept: Partitions whose offsets belong to the new topic already.
        """
        for keys in (
            self._committable,
            self._last_committed,
            self._fallback,
            self.reported_committed,
            self.own_offsets,
        ):
            for key in [key for key in keys if key[0] == topic and key not in kept]:
                del keys[key]
        self._uncommitted_starts = {
            key for key in self._uncommitted_starts if key[0] != topic or key in kept
        }
        self.ever_committed = {key for key in self.ever_committed if key[0] != topic or key in kept}

    def _confirm(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """Note committed offsets. The former ones are kept, in case the broker loses these."""
        for key, offset in positions.items():
            previous = self._last_committed.get(key, offset)
            if previous != offset:
                self._fallback[key] = previous
        self._last_committed |= positions
        self.reported_committed |= positions
        if monotonic() >= self._keep_alive_at and positions.keys() >= self._committable.keys():
            self._keep_alive_at = monotonic() + KEEP_ALIVE_S
        self.ever_committed |= positions.keys()
        self.commits += 1
        self.last_commit = time.time()

    def _to_commit(self, offsets: Mapping[TopicPartitionKey, int]) -> list[TopicPartition]:
        """Return the offsets with the metadata to commit."""
        return [
            TopicPartition(*key, offset, self.tracker.metadata(key))
            for key, offset in offsets.items()
        ]
