"""The interface of the delivery guarantees: at least once and exactly once."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from time import monotonic

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.partition_offsets import PartitionOffsets
from connectors.errors.client_exceptions import ProducerError
from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.commit")

SEEK_ATTEMPTS = 3
# Seconds one call is given; a wish, since librdkafka was seen to take 10 s with the broker gone.
REQUEST_TIMEOUT_S = 2.0


class Committer(PartitionOffsets, ABC):
    """Keeps one consumer's offsets and commits them with the output produced up to them.

    `safe` positions are those whose records have all been produced; only these are ever committed.
    Methods run on the task's thread; `on_revoking`, `on_lost` and `drop` do so inside the
    consumer's poll(), consume() or close() and never raise.
    """

    commits_are_cheap = True  # a commit after each record is no burden

    def __init__(self, consumer: ReplaceableConsumer, interval: float) -> None:
        """Start without offsets.

        Args:
            consumer: Of the input.
            interval: Seconds between commits under load (python-processor.commit-interval).
        """
        super().__init__()
        self._consumer = consumer
        self._interval = interval
        self._due_at = 0.0
        # What has to be done before anything else, in order.
        self._recovery_steps: list[Callable[[], object]] = []
        self.draining = False  # a stop is under way: nothing is read any more
        self.closed = False  # after an error: nothing is committed any more
        self._half_way = False  # part of a batch has been produced

    def ready(self) -> bool:
        """Prepare with the broker, as far as the guarantee needs. True when records may be read."""
        return True

    def before_produce(self) -> None:
        """Prepare for a batch that is about to be produced.

        Raises:
            Interrupted: Nothing can be produced now. The batch is read again.
        """
        self._half_way = True

    def after_produce(self) -> None:
        """All of the batch has been produced."""
        self._half_way = False

    @property
    def pending(self) -> bool:
        """Something is safe that the broker has not confirmed."""
        return bool(self._recovery_steps) or self._unconfirmed

    @property
    def due(self) -> bool:
        """It is time for a commit, or for what has to be done before the next one."""
        return bool(self._recovery_steps) or (monotonic() >= self._due_at and self.pending)

    @abstractmethod
    def commit(self) -> bool:
        """Commit the processed offsets. Blocks for REQUEST_TIMEOUT_S at most.

        Returns:
            False if the commit has to be continued: hold the input and call again.

        Raises:
            ConnectorError: The commit can never succeed, and the process has to end.
        """

    @abstractmethod
    def on_revoking(self) -> None:
        """Commit partitions that are revoked. A failure is safe: the next owner repeats."""

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Librdkafka's answer to an asynchronous commit, called inside poll()."""

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions are ours from now on."""

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone without a chance to commit."""
        self.drop(partitions)

    def on_consumer_replaced(self) -> None:
        """Another consumer is in place. The partitions of the former one are lost."""

    def on_group_left(self) -> None:
        """The group was left on request: a change of its offsets meanwhile is on purpose."""

    def discard_batch(self) -> None:
        """Drop the batch that is being processed. It is read again, also its produced part."""
        if self._half_way:
            self._half_way = False
            self.redelivered += 1

    @abstractmethod
    def rewind(self) -> None:
        """Have everything since the last commit read again, before anything else."""

    def recover(self, error: ProducerError) -> bool:  # noqa: ARG002 - a hook
        """Recover from a failed producer.

        Args:
            error: Why the producer failed.

        Returns:
            Whether work goes on, with another producer.

        Raises:
            ConnectorError: A better reason why work cannot go on.
        """
        return False

    def close_dirty(self) -> None:
        """The process ends because of an error; never raises."""
        self.closed = True

    def _run_recovery(self) -> None:
        """Raises KafkaException when a repair has to be gone on with later."""
        while self._recovery_steps:
            self._recovery_steps[0]()
            self._recovery_steps.pop(0)

    def _seek_to_committed(self) -> dict[TopicPartitionKey, int]:
        """Read again what is not committed, of every assigned partition. Returns the offsets."""
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


def seek(consumer: Consumer, key: TopicPartitionKey, offset: int) -> None:
    """Read on from `offset`; a partition assigned just now starts at its committed offset."""
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
