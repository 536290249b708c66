"""The interface of the delivery guarantees: at least once and exactly once."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from time import monotonic

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.partition_offsets import PartitionOffsets
from connectors.errors.client_exceptions import ProducerError
from connectors.records.messages import TopicPartitionKey

log = logging.getLogger("processor.commit")

SEEK_ATTEMPTS = 3
# Of one request. Without a limit librdkafka was seen to take 10 s while no broker answered.
REQUEST_TIMEOUT_S = 2.0


class Committer(PartitionOffsets, ABC):
    """Keeps one consumer's offsets and commits them.

    An offset is committed only when all records before it have been produced. Methods run on the
    task's thread. `on_revoking`, `on_lost` and `drop` run inside the consumer's poll(), consume()
    or close(), and never raise.
    """

    commits_are_cheap = True  # whether to commit after each record of a search

    def __init__(self, consumer: ReplaceableConsumer, interval: float) -> None:
        """Start without offsets.

        Args:
            consumer: The task's consumer.
            interval: Seconds between commits under load (python-processor.commit-interval).
        """
        super().__init__()
        self._consumer = consumer
        self.interval = interval
        self._due_at = 0.0
        # Steps that recover from an error, in order. They come before any record or commit.
        self._recovery_steps: list[Callable[[], object]] = []
        self.draining = False  # a stop is under way: no record is read any more
        self.closed = False  # an error has ended the task: nothing is committed any more
        self._half_way = False  # a part of a batch has been produced

    def ready(self) -> bool:
        """Prepare with the broker. False: call again; no record may be read yet."""
        return True

    def before_produce(self) -> None:
        """Prepare for a batch that is about to be produced.

        Raises:
            Interrupted: Nothing can be produced now. The batch is read again.
        """
        self._half_way = True

    def after_produce(self) -> None:
        """Note that all records of the batch are produced."""
        self._half_way = False

    @property
    def pending(self) -> bool:
        """Whether processed offsets are not committed yet."""
        return bool(self._recovery_steps or self._unconfirmed_offsets())

    @property
    def due(self) -> bool:
        """Whether to call commit() now."""
        return bool(self._recovery_steps) or (monotonic() >= self._due_at and self.pending)

    @abstractmethod
    def commit(self) -> bool:
        """Commit the processed offsets. Blocks for some requests, each with a time limit.

        Returns:
            False if the commit has to be continued: keep the input paused and call again.

        Raises:
            ConnectorError: The commit can never succeed. The process has to end.
        """

    @abstractmethod
    def on_revoking(self) -> None:
        """Commit the offsets of revoked partitions.

        After a failure the next owner reads their records again.
        """

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Handle the answer to an asynchronous commit. Called inside poll().

        Args:
            error: The error of the whole commit, or None.
            partitions: The offsets, each with its own error.
        """

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Note partitions that are assigned from now on.

        Args:
            partitions: The partitions.
        """

    def restarts(self, key: TopicPartitionKey) -> bool:  # noqa: ARG002 - a hook
        """Whether the committer itself is going to seek a partition that was assigned again.

        Args:
            key: The partition.
        """
        return False

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget partitions that another member may have already. Nothing can be committed.

        Args:
            partitions: The partitions.
        """
        self.drop(partitions)

    def on_consumer_replaced(self) -> None:
        """Note that another consumer is in place. The partitions of the former one are lost."""

    def on_group_left(self) -> None:
        """Note that the group was left on request.

        Until the next start its offsets may be changed on purpose.
        """

    def discard_batch(self) -> None:
        """Give up the batch in flight. All of it is read again, also records that were produced."""
        if self._half_way:
            self._half_way = False
            self.redelivered += 1

    @abstractmethod
    def rewind(self) -> None:
        """Read all records since the last commit again, before any others."""

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
        """Commit nothing more: the process ends because of an error. Never raises."""
        self.closed = True

    def _run_recovery(self) -> None:
        """Run the recovery steps. Raises KafkaException when one has to be continued later."""
        while self._recovery_steps:
            self._recovery_steps[0]()
            self._recovery_steps.pop(0)

    def _seek_to_committed(self) -> dict[TopicPartitionKey, int]:
        """Seek every assigned partition to its committed offset, or to where its reading started.

        Return the committed offsets. A seek that fails changes no offset, so this can be repeated.
        """
        committed = self._fetch_committed(self._consumer.client.assignment())
        self._half_way = False
        committable: dict[TopicPartitionKey, int] = {}
        last_committed: dict[TopicPartitionKey, int] = {}
        starts: dict[TopicPartitionKey, int] = {}
        for key, fetched in committed.items():
            # This assignment has not committed the group's offset: restart where reading began.
            is_not_ours = key not in self._last_committed and fetched != self._committable.get(key)
            # Without a fallback, no record was read: the offset is the partition's end.
            offset = fetched
            if fetched < 0 or is_not_ours:
                offset = self._fallback.get(key, self._committable.get(key, -1))
            if offset < 0:  # no record of the partition has been read yet
                continue
            starts[key] = offset
            if self._keeps_alive and offset == fetched:
                committable[key] = last_committed[key] = fetched
            if key in self._uncommitted_starts and offset != fetched:
                committable[key] = offset
        for key, offset in starts.items():
            seek(self._consumer.client, key, offset)
        self.redelivered += self._committable != self._last_committed
        self._committable, self._last_committed = committable, last_committed
        self._fallback |= starts
        log.debug("rewound to %s", committed)
        return committed

    def _fetch_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """Return the group's committed offsets, below 0 for none. Raises KafkaException."""
        offsets = {}
        for partition in self._consumer.client.committed(partitions, REQUEST_TIMEOUT_S):
            if partition.error:  # unknown: the group may have an offset
                raise KafkaException(partition.error)
            key = partition.topic, partition.partition
            offsets[key] = (
                partition.offset
                if self.tracker.is_of_topic(key, partition.metadata)
                else OFFSET_INVALID
            )
        return offsets


def seek(consumer: Consumer, key: TopicPartitionKey, offset: int) -> None:
    """Seek a partition.

    Does nothing if the client cannot seek it yet. Then the partition was just assigned and starts
    at its committed offset.

    Args:
        consumer: The present client.
        key: The partition.
        offset: The next record to read.

    Raises:
        KafkaException: The client has dropped the seek SEEK_ATTEMPTS times.
    """
    for left in reversed(range(SEEK_ATTEMPTS)):
        try:
            consumer.seek(TopicPartition(*key, offset))
        except KafkaException as error:
            code = error.args[0].code()
            # The client drops a seek when a rebalance begins at that moment.
            if code == KafkaError._OUTDATED and left:
                continue
            if code != KafkaError._STATE:
                raise
        return
