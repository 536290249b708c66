"""At least once: a position is committed only when all that was produced before it has been delivered."""

import logging
from collections.abc import Iterable
from time import monotonic

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.batch import TopicPartitionKey

log = logging.getLogger(__name__)

# A commit at a revoke is tried so often: the broker may be in the middle of the rebalance.
SYNC_ATTEMPTS = 3


class Commits:
    """Positions of one consumer: `safe` ones have been produced; the caller makes sure they are delivered before they are sent."""

    def __init__(self, interval: float) -> None:
        """`interval`: seconds between commits under load (python-processor.commit-interval)."""
        self._interval = interval
        self._safe: dict[TopicPartitionKey, int] = {}
        self._confirmed: dict[TopicPartitionKey, int] = {}
        self.in_flight = False  # a commit was sent that on_commit has not answered
        self._due_at = 0.0
        self.count = 0  # confirmed by the broker

    def safe(self, positions: dict[TopicPartitionKey, int]) -> None:
        """All records before `positions` have been produced."""
        if not self._safe:
            self._due_at = monotonic() + self._interval
        self._safe.update(positions)

    def forget(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions belong to someone else now."""
        for key in partitions:
            self._safe.pop(key, None)
            self._confirmed.pop(key, None)

    @property
    def pending(self) -> bool:
        """Something is safe that the broker has not confirmed."""
        return self.in_flight or any(self._confirmed.get(key) != offset for key, offset in self._safe.items())

    @property
    def due(self) -> bool:
        """It is time for the next commit and the last one has been answered."""
        return monotonic() >= self._due_at and not self.in_flight and self.pending

    def send(self, consumer: Consumer) -> None:
        """Commit asynchronously: a synchronous commit with the broker gone was seen to block for 46 s. on_commit has the answer."""
        self._due_at = monotonic() + self._interval
        if offsets := self._offsets():
            try:
                consumer.commit(offsets=offsets, asynchronous=True)
                self.in_flight = True
            except KafkaException as error:  # for example between two generations of the group: tried again
                log.debug("commit not sent: %s", error)

    def send_and_wait(self, consumer: Consumer) -> None:
        """Commit before partitions go to someone else. Failing is safe: the new owner repeats what is not committed."""
        for _ in range(SYNC_ATTEMPTS):
            if not (offsets := self._offsets()):
                return
            try:
                self._confirm(consumer.commit(offsets=offsets, asynchronous=False))
            except KafkaException as error:
                log.warning("commit at a revoke failed, the next owner repeats those records: %s", error.args[0].str())
                if not error.args[0].retriable():
                    return

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Librdkafka's answer to a commit, called inside poll()."""
        self.in_flight = False
        if error is None:
            self._confirm(partitions)
        elif error.code() != KafkaError._NO_OFFSET:  # noqa: SLF001 - the library's public name
            log.debug("commit failed, it will be sent again: %s", error.str())

    def _confirm(self, partitions: list[TopicPartition]) -> None:
        for done in partitions:
            if done.error is None and (done.topic, done.partition) in self._safe:
                self._confirmed[done.topic, done.partition] = done.offset
        self.count += 1
        log.debug("committed %s", partitions)

    def _offsets(self) -> list[TopicPartition]:
        return [TopicPartition(*key, offset) for key, offset in self._safe.items() if self._confirmed.get(key) != offset]
