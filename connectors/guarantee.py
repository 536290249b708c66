"""What a lane asks of a delivery guarantee. There are two: at least once and exactly once."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from math import inf
from time import monotonic

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.batch import Batch, TopicPartitionKey, place
from connectors.consumer import CurrentConsumer
from connectors.errors import ProducerError
from connectors.offset_tracker import OffsetTracker

log = logging.getLogger("processor.commit")

# Kafka's shortest offsets.retention.minutes is 1. In a group without members the broker deletes offsets that nobody commits again.
KEEP_ALIVE_S = 20.0
SEEK_ATTEMPTS = 3
CALL = 2.0  # seconds one call is given; a wish, since librdkafka was seen to take 10 s with the broker gone


class Guarantee(ABC):
    """Keeps the positions of one consumer and commits them together with what was produced up to them.

    `safe` positions are those whose records have all been produced; only these are ever committed. Methods run on the lane's thread;
    `before_revoke`, `forget` and `lost` do so inside the consumer's poll(), consume() or close() and never raise.
    """

    cheap = True  # a commit after each record is no burden

    def __init__(self, consumer: CurrentConsumer, interval: float) -> None:
        """`interval`: seconds between commits under load (python-processor.commit-interval)."""
        self._consumer = consumer
        self.tracker = OffsetTracker()
        self._interval = interval
        self._due_at = 0.0
        self._safe: dict[TopicPartitionKey, int] = {}
        self._confirmed: dict[TopicPartitionKey, int] = {}
        self.last_committed: dict[TopicPartitionKey, int] = {}  # the same, kept also when work is given up and read again
        self._first: dict[TopicPartitionKey, int] = {}  # where reading began, or what the latest commit replaced
        self._at_end: set[TopicPartitionKey] = set()  # where that is the end, which has to be committed
        self.committed: set[TopicPartitionKey] = set()  # partitions of which this process has, whoever has them now
        self._repairs: list[Callable[[], object]] = []  # what has to be done before anything else, in order
        self.commits = 0  # confirmed by the broker
        self.last_commit: float | None = None  # when the last one was, epoch seconds
        self.drains = False  # a stop has begun: nothing is read any more
        self.ended = False  # after an error: nothing is committed any more
        self._keep_alive_at = inf  # when offsets that have not moved are committed again; never where the group has members
        self.repeats = 0  # how often work was given up that records had been produced for: they are read again, here or elsewhere
        self._half_way = False  # part of a batch has been produced

    def ready(self) -> bool:
        """Prepare with the broker, as far as this guarantee needs to; True when records may move."""
        return True

    def handed_out(self, batch: Batch) -> None:
        """These records are on their way through the steps."""
        if batch.positions.keys() - self._first.keys():
            for message in batch.messages:
                self._first.setdefault(place(message), int(message.offset() or 0))

    def begin(self) -> None:
        """A batch is about to be produced. Raises Interrupted if it cannot be now."""
        self._half_way = True

    def written(self) -> None:
        """All of the batch has been produced."""
        self._half_way = False

    def safe(self, positions: dict[TopicPartitionKey, int]) -> None:
        """All records before `positions` have been produced."""
        self._safe.update(positions)

    def positions(self) -> dict[TopicPartitionKey, int]:
        """The safe ones."""
        return dict(self._safe)

    def is_settled(self, key: TopicPartitionKey, offset: int) -> bool:
        """Whether every record of the partition before `offset` is committed, or was before reading began."""
        return max(self._first.get(key, -1), self._confirmed.get(key, -1)) >= offset

    @property
    def pending(self) -> bool:
        """Something is safe that the broker has not confirmed."""
        return bool(self._repairs) or self._unconfirmed

    @property
    def _unconfirmed(self) -> bool:
        if self._is_aged:
            return bool(self._safe)
        return any(self._confirmed.get(key) != offset for key, offset in self._safe.items())

    @property
    def _is_aged(self) -> bool:
        return monotonic() >= self._keep_alive_at

    def _unconfirmed_offsets(self) -> dict[TopicPartitionKey, int]:
        """What to commit: the offsets that have moved, or all of them when they have become old."""
        if self._is_aged:
            return self._safe
        return {key: offset for key, offset in self._safe.items() if self._confirmed.get(key) != offset}

    @property
    def due(self) -> bool:
        """It is time for a commit, or for what has to be done before the next one."""
        return bool(self._repairs) or (monotonic() >= self._due_at and self.pending)

    @abstractmethod
    def commit(self) -> bool:
        """Commit what is safe, as far as that goes without a long wait. False: hold the input and call again.

        Raises ConnectorError when it cannot be done and the process has to end.
        """

    @abstractmethod
    def before_revoke(self) -> None:
        """The last chance to commit for partitions that go to someone else. Failing is safe: the next owner repeats."""

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Librdkafka's answer to an asynchronous commit, called inside poll()."""

    def assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions are ours from now on."""

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Commit again now and then: the partitions are fixed, and to the broker the group has no members.

        Args:
            offsets: What is committed of partitions that are read from there.

        """
        for key, offset in offsets.items():
            self._safe.setdefault(key, offset)
            self._confirmed.setdefault(key, offset)
        self._keep_alive_at = monotonic() + KEEP_ALIVE_S

    @property
    def _keeps_alive(self) -> bool:
        return self._keep_alive_at < inf

    def begun(self, ends: Mapping[TopicPartitionKey, int]) -> None:
        """These are ours as well, and begun at their end, of which nothing is committed: that is to be, lest it be another place then."""
        self._first |= ends
        self._safe |= ends
        self._at_end |= ends.keys()

    def forget(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone to someone else."""
        for key in partitions:
            safe, confirmed = self._safe.pop(key, None), self._confirmed.pop(key, None)
            self._first.pop(key, None)
            self.last_committed.pop(key, None)
            self._at_end.discard(key)
            if safe is not None and safe != confirmed:
                self.repeats += 1

    def lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone without a chance to commit."""
        self.forget(partitions)

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """The topic was deleted, another has its name: no offset of the former one counts. Its records cannot be read again.

        `kept`: partitions whose offsets belong to the new topic already.
        """
        for keys in (self._safe, self._confirmed, self._first, self.last_committed):
            for key in [key for key in keys if key[0] == topic and key not in kept]:
                del keys[key]
        self._at_end = {key for key in self._at_end if key[0] != topic or key in kept}
        self.committed = {key for key in self.committed if key[0] != topic or key in kept}

    def renewed(self) -> None:
        """Another consumer has taken the place of the one before, whose partitions are lost: what that was asked is not answered."""

    def left(self) -> None:
        """The group has been left because that was wished: whoever changes its offsets meanwhile means it."""

    def abandon(self) -> None:
        """The batch in hand is dropped; it will be read again, also what has been produced of it."""
        if self._half_way:
            self._half_way = False
            self.repeats += 1

    @abstractmethod
    def start_over(self) -> None:
        """Have everything since the last commit read again, before anything else."""

    def survives(self, error: ProducerError) -> bool:  # noqa: ARG002 - a hook
        """Whether work goes on after the producer has failed. Raises ConnectorError when it is known better than before why not."""
        return False

    def end(self) -> None:
        """The process ends because of an error; never raises."""
        self.ended = True

    def _confirm(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has committed these. What they replace is where reading begins again should it lose them."""
        self._first |= {
            key: self._confirmed[key] for key, offset in positions.items() if self._confirmed.get(key, offset) != offset
        }
        self._confirmed |= positions
        self.last_committed |= positions
        if self._is_aged and positions.keys() >= self._safe.keys():
            self._keep_alive_at = monotonic() + KEEP_ALIVE_S
        self.committed |= positions.keys()
        self._committed()

    def _committed(self) -> None:
        self.commits += 1
        self.last_commit = time.time()

    def _repair(self) -> None:
        """Raises KafkaException when a repair has to be gone on with later."""
        while self._repairs:
            self._repairs[0]()
            self._repairs.pop(0)

    def _rewind(self) -> dict[TopicPartitionKey, int]:
        """Read again what was not committed, of every partition that is still ours; returns what was."""
        committed = self._ask_committed(self._consumer.client.assignment())
        safe, confirmed = self._safe.copy(), self._confirmed.copy()
        self.repeats += safe != confirmed
        self._half_way = False
        self._safe.clear()
        self._confirmed.clear()
        for key, told in committed.items():
            of_before = key not in confirmed and told != safe.get(key)  # before a reset: not of this assignment
            # of what is safe without a first record nothing was read: that is the end of the partition
            offset = self._first.get(key, safe.get(key, -1)) if told < 0 or of_before else told
            if offset < 0:  # nothing has been read from it yet
                continue
            self._first[key] = offset
            if self._keeps_alive and offset == told:
                self._safe[key] = self._confirmed[key] = told
            if key in self._at_end and offset != told:
                self._safe[key] = offset
            seek(self._consumer.client, key, offset)
        log.debug("rewound to %s", committed)
        return committed

    def _ask_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """What the group has committed of these; below 0 where that is nothing."""
        offsets = {}
        for partition in self._consumer.client.committed(partitions, CALL):
            if partition.error:  # unknown is not the same as none
                raise KafkaException(partition.error)
            key = partition.topic, partition.partition
            offsets[key] = partition.offset if self.tracker.is_of_topic(key, partition.metadata) else OFFSET_INVALID
        return offsets

    def _to_commit(self, offsets: Mapping[TopicPartitionKey, int]) -> list[TopicPartition]:
        """Each with the topic it belongs to."""
        return [TopicPartition(*key, offset, self.tracker.metadata(key)) for key, offset in offsets.items()]


def seek(consumer: Consumer, key: TopicPartitionKey, offset: int) -> None:
    """Read on from there; nothing to do for a partition assigned just now, which begins at its committed offset anyway."""
    for left in reversed(range(SEEK_ATTEMPTS)):
        try:
            consumer.seek(TopicPartition(*key, offset))
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError._OUTDATED and left:  # the client has dropped the seek: a rebalance began at that moment
                continue
            if code != KafkaError._STATE:
                raise
        return
