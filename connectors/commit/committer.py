"""What a lane asks of a delivery guarantee. There are two: at least once and exactly once."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from math import inf
from time import monotonic

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.offset_tracker import OffsetTracker
from connectors.errors.client_exceptions import ProducerError
from connectors.records.batch import RecordBatch, TopicPartitionKey, topic_partition

log = logging.getLogger("processor.commit")

# Kafka's shortest offsets.retention.minutes is 1. In a group without members the broker deletes
# offsets that nobody commits again.
KEEP_ALIVE_S = 20.0
SEEK_ATTEMPTS = 3
# Seconds one call is given; a wish, since librdkafka was seen to take 10 s with the broker gone.
REQUEST_TIMEOUT_S = 2.0


class Committer(ABC):
    """Keeps the positions of one consumer and commits them together with what was produced up to
    them.

    `safe` positions are those whose records have all been produced; only these are ever committed.
    Methods run on the lane's thread; `before_revoke`, `forget` and `lost` do so inside the
    consumer's poll(), consume() or close() and never raise.
    """

    commits_are_cheap = True  # a commit after each record is no burden

    def __init__(self, consumer: ReplaceableConsumer, interval: float) -> None:
        """`interval`: seconds between commits under load (python-processor.commit-interval)."""
        self._consumer = consumer
        self.tracker = OffsetTracker()
        self._interval = interval
        self._due_at = 0.0
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
        # What has to be done before anything else, in order.
        self._recovery_steps: list[Callable[[], object]] = []
        self.commits = 0  # confirmed by the broker
        self.last_commit: float | None = None  # when the last one was, epoch seconds
        self.draining = False  # a stop has begun: nothing is read any more
        self.closed = False  # after an error: nothing is committed any more
        # When offsets that have not moved are committed again; never where the group has members.
        self._keep_alive_at = inf
        self.redelivered = (
            # How often work was given up that records had been produced for: they are read again,
            # here or elsewhere.
            0
        )
        self._half_way = False  # part of a batch has been produced

    def ready(self) -> bool:
        """Prepare with the broker, as far as this guarantee needs to; True when records may
        move.
        """
        return True

    def track(self, batch: RecordBatch) -> None:
        """These records are on their way through the steps."""
        if batch.next_offsets.keys() - self._start.keys():
            for message in batch.messages:
                self._start.setdefault(topic_partition(message), int(message.offset() or 0))

    def before_produce(self) -> None:
        """A batch is about to be produced. Raises Interrupted if it cannot be now."""
        self._half_way = True

    def after_produce(self) -> None:
        """All of the batch has been produced."""
        self._half_way = False

    def mark_processed(self, positions: dict[TopicPartitionKey, int]) -> None:
        """All records before `positions` have been produced."""
        self._current.update(positions)

    def committable_offsets(self) -> dict[TopicPartitionKey, int]:
        """The safe ones."""
        return dict(self._current)

    def is_settled(self, key: TopicPartitionKey, offset: int) -> bool:
        """Whether every record of the partition before `offset` is committed, or was before reading
        began.
        """
        return max(self._start.get(key, -1), self._last_committed.get(key, -1)) >= offset

    @property
    def pending(self) -> bool:
        """Something is safe that the broker has not confirmed."""
        return bool(self._recovery_steps) or self._unconfirmed

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

    @property
    def due(self) -> bool:
        """It is time for a commit, or for what has to be done before the next one."""
        return bool(self._recovery_steps) or (monotonic() >= self._due_at and self.pending)

    @abstractmethod
    def commit(self) -> bool:
        """Commit what is safe, as far as that goes without a long wait. False: hold the input and
        call again.

        Raises ConnectorError when it cannot be done and the process has to end.
        """

    @abstractmethod
    def on_revoking(self) -> None:
        """The last chance to commit for partitions that go to someone else. Failing is safe: the
        next owner repeats.
        """

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Librdkafka's answer to an asynchronous commit, called inside poll()."""

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions are ours from now on."""

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit again now and then: the partitions are fixed, and to the broker the group has no
        members.

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
        """These partitions start at their end and have no committed offset. The end is committed,
        so that a restart finds it.
        """
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

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone without a chance to commit."""
        self.drop(partitions)

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """The topic was deleted, another has its name: no offset of the former one counts. Its
        records cannot be read again.

        `kept`: partitions whose offsets belong to the new topic already.
        """
        for keys in (self._current, self._last_committed, self._start, self.last_committed):
            for key in [key for key in keys if key[0] == topic and key not in kept]:
                del keys[key]
        self._starts_at_end = {key for key in self._starts_at_end if key[0] != topic or key in kept}
        self.ever_committed = {key for key in self.ever_committed if key[0] != topic or key in kept}

    def on_consumer_replaced(self) -> None:
        """Another consumer has taken the place of the one before, whose partitions are lost: what
        that was asked is not answered.
        """

    def on_group_left(self) -> None:
        """The group was left on request: a change of its offsets meanwhile is on purpose."""

    def discard_batch(self) -> None:
        """The batch in hand is dropped; it will be read again, also what has been produced of
        it.
        """
        if self._half_way:
            self._half_way = False
            self.redelivered += 1

    @abstractmethod
    def rewind(self) -> None:
        """Have everything since the last commit read again, before anything else."""

    def recover(self, error: ProducerError) -> bool:  # noqa: ARG002 - a hook
        """Whether work goes on after the producer has failed. Raises ConnectorError when it is
        known better than before why not.
        """
        return False

    def close_dirty(self) -> None:
        """The process ends because of an error; never raises."""
        self.closed = True

    def _confirm(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has committed these. What they replace is where reading begins again should it
        lose them.
        """
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

    def _run_recovery(self) -> None:
        """Raises KafkaException when a repair has to be gone on with later."""
        while self._recovery_steps:
            self._recovery_steps[0]()
            self._recovery_steps.pop(0)

    def _seek_to_committed(self) -> dict[TopicPartitionKey, int]:
        """Read again what was not committed, of every partition that is still ours; returns what
        was.
        """
        committed = self._fetch_committed(self._consumer.client.assignment())
        safe, confirmed = self._current.copy(), self._last_committed.copy()
        self.redelivered += safe != confirmed
        self._half_way = False
        self._current.clear()
        self._last_committed.clear()
        for key, fetched in committed.items():
            # Before a reset: not of this assignment.
            of_before = key not in confirmed and fetched != safe.get(key)
            # of what is safe without a first record nothing was read: that is the end of the
            # partition
            offset = (
                self._start.get(key, safe.get(key, -1)) if fetched < 0 or of_before else fetched
            )
            if offset < 0:  # nothing has been read from it yet
                continue
            self._start[key] = offset
            if self._keeps_alive and offset == fetched:
                self._current[key] = self._last_committed[key] = fetched
            if key in self._starts_at_end and offset != fetched:
                self._current[key] = offset
            seek(self._consumer.client, key, offset)
        log.debug("rewound to %s", committed)
        return committed

    def _fetch_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """What the group has committed of these; below 0 where that is nothing."""
        offsets = {}
        for partition in self._consumer.client.committed(partitions, REQUEST_TIMEOUT_S):
            if partition.error:  # unknown is not the same as none
                raise KafkaException(partition.error)
            key = partition.topic, partition.partition
            offsets[key] = (
                partition.offset
                if self.tracker.is_of_topic(key, partition.metadata)
                else OFFSET_INVALID
            )
        return offsets

    def _to_commit(self, offsets: Mapping[TopicPartitionKey, int]) -> list[TopicPartition]:
        """Each with the topic it belongs to."""
        return [
            TopicPartition(*key, offset, self.tracker.metadata(key))
            for key, offset in offsets.items()
        ]


def seek(consumer: Consumer, key: TopicPartitionKey, offset: int) -> None:
    """Read on from there; nothing to do for a partition assigned just now, which begins at its
    committed offset anyway.
    """
    for left in reversed(range(SEEK_ATTEMPTS)):
        try:
            consumer.seek(TopicPartition(*key, offset))
        except KafkaException as error:
            code = error.args[0].code()
            # The client has dropped the seek: a rebalance began at that moment.
            if code == KafkaError._OUTDATED and left:
                continue
            if code != KafkaError._STATE:
                raise
        return
