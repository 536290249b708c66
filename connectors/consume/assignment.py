"""The partitions that are assigned to the consumer, and whether they are paused."""

import logging
from collections.abc import Set as AbstractSet

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer, seek
from connectors.consume.pausing import resume
from connectors.consume.starts.late_starts import LateStarts
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.records.messages import (
    TopicPartitionKey,
    format_partitions,
    key_of,
    topic_partition,
)

log = logging.getLogger("processor.group")


class PartitionAssignment:
    """The assigned partitions of the task's consumer. Called on the task's thread.

    `on_assign`, `on_revoke`, `on_lost` and `on_topic_id` run inside the client's poll(), consume()
    and close(). They never raise.
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
        """Start without partitions.

        Args:
            consumer: The task's consumer.
            committer: Commits offsets before a revoke.
            start_offsets: Decides where reading starts.
            incremental: Whether a rebalance reports changes (cooperative-sticky, KIP-848), not the
                whole assignment.
            assigns_topic_ids: Whether the group assigns partitions of a topic id (KIP-848), not of
                a name.
        """
        self._consumer = consumer
        self._committer = committer
        self._start_offsets = start_offsets
        self.late_starts = LateStarts(consumer, committer, start_offsets)
        self._incremental = incremental
        self._assigns_topic_ids = assigns_topic_ids
        self.is_fixed = False  # the partitions do not come from the group
        self.pause_reasons: set[str] = set()  # the input is paused while there is one
        self.tracker = committer.tracker
        self.assigned: set[TopicPartitionKey] = set()
        # How often partitions came or went. A caller with records in flight compares before and
        # after.
        self.changes = 0

    def pause(self, reason: str) -> None:
        """Read no records until every reason to pause is gone. The partitions stay assigned.

        Args:
            reason: Who pauses. It stays paused until `resume` is called with the same reason.
        """
        if not self.pause_reasons:
            self._consumer.client.pause(self.partitions())
        self.pause_reasons.add(reason)

    def resume(self, reason: str) -> None:
        """Remove a reason to pause. Reading goes on when it was the last one.

        Args:
            reason: As given to `pause`. An unknown one changes nothing.
        """
        if reason in self.pause_reasons:
            self.pause_reasons.remove(reason)
            if not self.pause_reasons:
                resume(self._consumer.client, self.partitions())

    def seek_back(
        self,
        messages: list[Message],
        epoch: int,
        held: AbstractSet[TopicPartitionKey] | None = None,
    ) -> None:
        """Read these records again.

        A partition is left out if it was lost or assigned again since `epoch`. Its reading restarts
        at the committed offset, which may be before these records.

        Args:
            messages: The records, in any order.
            epoch: The tracker's epoch at which they were read.
            held: For records of a call in which partitions were assigned: those assigned before.
                Records of other partitions belong to the new assignment alone. A partition that
                returned in the call may have records of both, so its start is decided once more.

        Raises:
            KafkaException: The client does not seek.
        """
        first: dict[TopicPartitionKey, int] = {}
        for message in messages:
            key, offset = topic_partition(message), int(message.offset() or 0)
            first[key] = min(offset, first.get(key, offset))
        back: dict[TopicPartitionKey, int] = {}
        for key in first.keys() & self.assigned - self.tracker.awaiting_start:
            is_new = held is not None and key not in held
            if is_new or self.tracker.is_current(key, epoch):
                back[key] = first[key]
            elif held is not None and not self._committer.restarts(key):
                self.late_starts.decide_again(key)
        for key, offset in back.items():
            seek(self._consumer.client, key, offset)
        # The client may have dropped the pause, as it may drop a resume. Without another pause the
        # records would arrive again and again.
        if back and self.pause_reasons:
            self._consumer.client.pause([TopicPartition(*key) for key in back])
        if first:
            log.debug("records are read again from %s on", first)

    def on_topic_id(self, topic: str, topic_id: str, *, had_another: bool) -> bool:
        """Note a topic id that the client has learnt, before it reads the topic's first record.

        Args:
            topic: The topic.
            topic_id: Its present id.
            had_another: Whether the client had another id for this name until now.

        Returns:
            Whether the topic was deleted and created again.
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
            self.late_starts.drop(topic)
            if not self.is_fixed:
                self._start_offsets.beginnings.add_topic(topic)
        # The assignment is of the deleted topic. The client would read the new topic by its name,
        # maybe together with another member. So reading waits for the next assignment.
        if replaced and had_another and self._assigns_topic_ids and not self.is_fixed:
            self.late_starts.wait_for_assignment(replaced)
        return is_new

    def start_awaiting(self) -> None:
        """Start partitions that wait for their start (see LateStarts). Blocks for some requests."""
        self.late_starts.restart(is_fixed=self.is_fixed)

    def partitions(self) -> list[TopicPartition]:
        """Return the assigned partitions, without offsets."""
        return [TopicPartition(*key) for key in self.assigned]

    def on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> bool:
        """Start the partitions, paused if the input is paused.

        Args:
            consumer: The client whose callback this is.
            partitions: Those added, or the whole assignment.

        Returns:
            Whether the client has taken the assignment.
        """
        self.changes += 1
        try:
            starts = self._start_offsets.decide(
                consumer,
                partitions,
                self._committer.ever_committed,
                self._committer.own_offsets,
            )
            if self.pause_reasons:
                # Before the assignment, because librdkafka can drop a simultaneous pause or start
                # (its issue 5591). It ignores a pause of unknown partitions. position() makes them
                # known.
                consumer.position(partitions)
                consumer.pause(partitions)
            if self._incremental and not self.is_fixed:
                consumer.incremental_assign(partitions)
            else:
                consumer.assign(partitions)
        except KafkaException as error:  # fenced or closing: the next poll raises the error
            log.warning("the client does not take the assignment: %s", error.args[0].str())
            return False
        self.assigned = self.assigned.union(_keys(partitions))
        self.late_starts.on_assigned(_keys(partitions))
        self.tracker.assign(_keys(partitions))
        self.tracker.suspend(self._start_offsets.unknown.intersection(_keys(partitions)))
        self._committer.on_assigned(_keys(partitions))
        self._committer.start_at(starts)
        if self.is_fixed:
            self._committer.keep_alive(self._start_offsets.committed)
        log.info("partitions assigned: %s", format_partitions(_keys(partitions)) or "none")
        return True

    def on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Commit what is processed, then forget the partitions.

        Args:
            consumer: The client whose callback this is.
            partitions: Those revoked.
        """
        self._committer.on_revoking()
        self._start_offsets.beginnings.commit_revoked(consumer, self._committer, _keys(partitions))
        self._committer.drop(_keys(partitions))
        # A pause outlives the assignment. The client could drop a resume at the next one.
        resume(consumer, partitions)
        self._remove(partitions, "revoked")

    def on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Forget partitions that another member may have already. Nothing is committed.

        Args:
            consumer: The client whose callback this is.
            partitions: Those lost.
        """
        resume(consumer, partitions)
        self.lose(partitions)

    def lose(self, partitions: list[TopicPartition]) -> None:
        """Forget the partitions without a commit, also when no client is left to resume.

        Args:
            partitions: The lost partitions.
        """
        self._committer.on_lost(_keys(partitions))
        self._remove(partitions, "lost")

    def _remove(self, partitions: list[TopicPartition], how: str) -> None:
        self.changes += 1
        self.assigned = self.assigned.difference(_keys(partitions))
        self.tracker.remove(_keys(partitions))
        self.late_starts.discard(_keys(partitions))
        log.info("partitions %s: %s", how, format_partitions(_keys(partitions)) or "none")


def _keys(partitions: list[TopicPartition]) -> list[TopicPartitionKey]:
    return [key_of(partition) for partition in partitions]
