"""The consumer's place in its group: which partitions it has, and whether they are held."""

import logging
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.batch import TopicPartitionKey, place
from connectors.guarantee import Guarantee

log = logging.getLogger(__name__)


class Membership:
    """Rebalance callbacks and holding. The callbacks run inside the consumer's poll(), consume() and close(), and never raise."""

    def __init__(self, consumer: Consumer, guarantee: Guarantee, *, incremental: bool) -> None:
        """`guarantee` commits before a revoke; `incremental`: cooperative-sticky or KIP-848."""
        self._consumer = consumer
        self._guarantee = guarantee
        self._incremental = incremental
        self._reasons: set[str] = set()
        self.assigned: set[TopicPartitionKey] = set()
        self.rebalances = 0  # callbacks so far; a caller with records in hand compares before and after

    def join(self, topics: list[str]) -> None:
        self._consumer.subscribe(topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost)

    def leave(self) -> None:
        """Give the partitions back; the callbacks follow inside the next poll()."""
        self._consumer.unsubscribe()

    @property
    def held(self) -> bool:
        return bool(self._reasons)

    def holds(self, reason: str) -> bool:
        return reason in self._reasons

    def hold(self, reason: str) -> None:
        """Take no more records until each reason is released; the membership and the assignment stay."""
        if not self._reasons:
            self._consumer.pause(self._partitions())
        self._reasons.add(reason)

    def release(self, reason: str) -> None:
        if reason in self._reasons:
            self._reasons.remove(reason)
            if not self._reasons:
                self._consumer.resume(self._partitions())

    def give_back(self, messages: list[Message]) -> None:
        """Have these messages read again, by this consumer where the partition is still its own."""
        first: dict[TopicPartitionKey, int] = {}
        for message in messages:
            key, offset = place(message), int(message.offset() or 0)
            first[key] = min(offset, first.get(key, offset))
        for key, offset in first.items():
            if key in self.assigned:
                self._consumer.seek(TopicPartition(*key, offset))

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(*key) for key in self.assigned]

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.rebalances += 1
        try:
            # Assigning here, and not leaving it to the client, is what lets the pause below take effect.
            if self._incremental:
                consumer.incremental_assign(partitions)
            else:
                consumer.assign(partitions)
            if self.held:
                consumer.pause(partitions)
        except KafkaException as error:  # fenced or closing: the next poll says so
            log.warning("assignment not taken: %s", error.args[0].str())
            return
        self.assigned.update(_keys(partitions))
        log.info("partitions assigned: %s", _names(partitions))

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarantee.before_revoke()
        self._guarantee.forget(_keys(partitions))
        self._gone(partitions, "revoked")

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarantee.lost(_keys(partitions))
        self._gone(partitions, "lost")

    def _gone(self, partitions: list[TopicPartition], how: str) -> None:
        self.rebalances += 1
        self.assigned.difference_update(_keys(partitions))
        log.info("partitions %s: %s", how, _names(partitions))


def _keys(partitions: list[TopicPartition]) -> list[TopicPartitionKey]:
    return [(partition.topic, partition.partition) for partition in partitions]


def _names(partitions: list[TopicPartition]) -> str:
    return ", ".join(f"{topic}-{partition}" for topic, partition in sorted(_keys(partitions))) or "none"


def is_incremental(properties: Mapping[str, object]) -> bool:
    """Whether these consumer settings make rebalances incremental: the callbacks then speak of changes, not of the whole assignment."""
    return properties.get("group.protocol") == "consumer" or properties.get("partition.assignment.strategy") == "cooperative-sticky"
