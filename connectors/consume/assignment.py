"""The partitions that the consumer has, and whether they are paused."""

import logging
from collections.abc import Iterable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer, seek
from connectors.consume.pausing import resume
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.records.keys import (
    TopicPartitionKey,
    format_partitions,
    key_of,
    topic_partition,
)

log = logging.getLogger("processor.group")


class PartitionAssignment:
    """Rebalance callbacks and holding. The callbacks run inside the consumer's poll(), consume()
    and close(), and never raise.
    """

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        committer: Committer,
        start_offsets: StartOffsets,
        *,
        incremental: bool,
        assigns_topic_ids: bool = False,
    ) -> None:
        """Prepare; nothing is assigned yet.

        Args:
            consumer: The lane's consumer.
            committer: Commits before a revoke.
            start_offsets: Where reading begins.
            incremental: Whether the protocol is cooperative-sticky or KIP-848.
            assigns_topic_ids: Whether the group assigns partitions of a topic id (KIP-848), not
                of a name.

        """
        self._consumer = consumer
        self._committer = committer
        self._start_offsets = start_offsets
        self._incremental = incremental
        self._assigns_topic_ids = assigns_topic_ids
        # Partitions of a topic that was created again: another member may have them by now.
        self._unassigned: set[TopicPartitionKey] = set()
        self.is_fixed = False  # the partitions do not come from the group
        self.pause_reasons: set[str] = set()  # for which the input is held
        self.tracker = committer.tracker
        self.assigned: set[TopicPartitionKey] = set()
        # Told late, where the client has not been sent yet.
        self._begin_at: dict[TopicPartitionKey, int] = {}
        # Callbacks so far; a caller with records in hand compares before and after.
        self.rebalances = 0

    def pause(self, reason: str) -> None:
        """Take no more records until each reason is released; the membership and the assignment
        stay.
        """
        if not self.pause_reasons:
            self._consumer.client.pause(self.partitions())
        self.pause_reasons.add(reason)

    def resume(self, reason: str) -> None:
        if reason in self.pause_reasons:
            self.pause_reasons.remove(reason)
            if not self.pause_reasons:
                resume(self._consumer.client, self.partitions())

    def seek_back(self, messages: list[Message], epoch: int) -> None:
        """Have these messages read again where the partition has stayed this consumer's own since
        `epoch`, when they were read.

        A partition that was lost and has come back is read from its committed offset, which may be
        before these messages.
        """
        first: dict[TopicPartitionKey, int] = {}
        for message in messages:
            key, offset = topic_partition(message), int(message.offset() or 0)
            first[key] = min(offset, first.get(key, offset))
        back = {
            key: offset
            for key, offset in first.items()
            if key in self.assigned and self.tracker.is_current(key, epoch)
        }
        for key, offset in back.items():
            seek(self._consumer.client, key, offset)
        # Else records come again and again where the client has dropped a pause, as it may drop a
        # resume.
        if back and self.pause_reasons:
            self._consumer.client.pause([TopicPartition(*key) for key in back])
        if first:
            log.debug("given back from %s on", first)

    def on_topic_id(self, topic: str, topic_id: str, *, had_another: bool) -> bool:
        """Note a topic id that the client has learnt; called inside poll() and consume(), before a
        record of that topic is there.

        Args:
            topic: The topic's name.
            topic_id: Its present id.
            had_another: Whether the client itself had another id of the topic until now.

        Returns:
            Whether the topic has taken the place of a former one of the same name.

        """
        before = self.tracker.topic_id(topic)
        replaced = self.tracker.set_topic_id(topic, topic_id)
        is_new = bool(replaced) or before not in (None, topic_id)
        if is_new:
            log.warning(
                "the topic %s was deleted and created again: it is read from its beginning", topic
            )
            self._committer.on_replaced(topic, self.assigned - set(replaced))
            self._start_offsets.drop(topic)
            self._drop_begin_at({key for key in self._begin_at if key[0] == topic})
        # The group has assigned the topic that is gone. The client reads the new one by its name,
        # maybe beside another member: the next assignment says whose it is.
        if replaced and had_another and self._assigns_topic_ids and not self.is_fixed:
            self._unassigned.update(replaced)
            for key in replaced:
                self._start_offsets.beginnings.add(key)
        return is_new

    def restart_replaced(self) -> None:
        """Send the consumer to where partitions begin, as soon as the client can. Blocks for some
        requests; not from a callback.
        """
        for key in self.tracker.replaced - self._unassigned:
            if key in self._start_offsets.unknown:
                offset, ends = self._start_offsets.decide_again(
                    self._consumer.client, key, self._committer.ever_committed
                )
                if offset is None:
                    continue
                self._begin_at[key] = offset
                self._committer.start_at(ends)
            offset = self._begin_at.get(key, OFFSET_BEGINNING)
            try:
                self._consumer.client.seek(TopicPartition(*key, offset))
            except KafkaException as error:  # it is about to start or to stop
                log.debug("%s-%d is not started yet: %s", *key, error.args[0].str())
            else:
                self.tracker.restart(key)
                if offset == OFFSET_BEGINNING:
                    self._start_offsets.beginnings.add(key)
                self._begin_at.pop(key, None)
                if self.is_fixed and offset >= 0:
                    self._committer.keep_alive({key: offset})

    def commit_beginnings(self) -> None:
        """Have the beginnings of partitions committed that came later than the group.

        Blocks for a request when there are any; not from a callback.
        """
        self._start_offsets.beginnings.commit(
            self._consumer.client, self._committer, self._unassigned
        )

    @property
    def unknown_start(self) -> str:
        """Why a partition cannot start, or ""."""
        unknown = format_partitions(self._start_offsets.unknown & self.tracker.replaced)
        return f"no broker tells the committed offset of {unknown}" if unknown else ""

    def _drop_begin_at(self, keys: Iterable[TopicPartitionKey]) -> None:
        for key in keys:
            self._begin_at.pop(key, None)

    def partitions(self) -> list[TopicPartition]:
        return [TopicPartition(*key) for key in self.assigned]

    def on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> bool:
        self.rebalances += 1
        try:
            starts = self._start_offsets.decide(
                consumer, partitions, self._committer.ever_committed
            )
            if self.pause_reasons:
                # Before the assignment: librdkafka can drop a pause, or the start itself, when both
                # come at once (its issue 5591).
                # Makes them known to the client, which ignores a pause of others.
                consumer.position(partitions)
                consumer.pause(partitions)
            if self._incremental and not self.is_fixed:
                consumer.incremental_assign(partitions)
            else:
                consumer.assign(partitions)
        except KafkaException as error:  # fenced or closing: the next poll says so
            log.warning("assignment not taken: %s", error.args[0].str())
            return False
        self.assigned.update(_keys(partitions))
        self._unassigned.difference_update(_keys(partitions))
        self.tracker.assign(_keys(partitions))
        self.tracker.suspend(self._start_offsets.unknown.intersection(_keys(partitions)))
        self._committer.on_assigned(_keys(partitions))
        self._committer.start_at(starts)
        if self.is_fixed:
            self._committer.keep_alive(self._start_offsets.committed)
        log.info("partitions assigned: %s", format_partitions(_keys(partitions)) or "none")
        return True

    def on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._committer.on_revoking()
        self._committer.drop(_keys(partitions))
        # A pause outlives the assignment. At the next one a resume would come at the same time as
        # the start.
        resume(consumer, partitions)
        self._remove(partitions, "revoked")

    def on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        resume(consumer, partitions)
        self.lose(partitions)

    def lose(self, partitions: list[TopicPartition]) -> None:
        self._committer.on_lost(_keys(partitions))
        self._remove(partitions, "lost")

    def _remove(self, partitions: list[TopicPartition], how: str) -> None:
        self.rebalances += 1
        self.assigned.difference_update(_keys(partitions))
        self.tracker.remove(_keys(partitions))
        self._unassigned.difference_update(_keys(partitions))
        self._start_offsets.beginnings.discard(_keys(partitions))
        self._drop_begin_at(_keys(partitions))
        log.info("partitions %s: %s", how, format_partitions(_keys(partitions)) or "none")


def _keys(partitions: list[TopicPartition]) -> list[TopicPartitionKey]:
    return [key_of(partition) for partition in partitions]
