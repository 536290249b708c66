"""The consumer's membership of its group: join, leave, and join again with another client."""

import logging
from collections.abc import Callable, Mapping
from functools import partial

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.missed_rejoin import MissedRejoin
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.consume.static_member import StaticMember
from connectors.records.messages import key_of

log = logging.getLogger("processor.group")


class GroupMembership:
    """Joins the group, or reads fixed partitions. Called on the task's thread."""

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        committer: Committer,
        start_offsets: StartOffsets,
        assignment: PartitionAssignment,
        *,
        incremental: bool,
        cooperative: bool = False,
        static_member: StaticMember | None = None,
    ) -> None:
        """Prepare; the group is not joined yet.

        Args:
            consumer: The task's consumer.
            committer: Knows of which partitions offsets have been committed.
            start_offsets: Decides where reading starts.
            assignment: Gets the rebalance callbacks.
            incremental: Whether a rebalance reports changes (cooperative-sticky, KIP-848).
            cooperative: Whether the protocol is cooperative-sticky.
            static_member: The static membership; None for a dynamic member.
        """
        self._consumer = consumer
        self._committer = committer
        self._start_offsets = start_offsets
        self._assignment = assignment
        self._incremental = incremental
        self._static_member = static_member
        self._join: Callable[[], None] | None = (
            None  # the last way to join; None when the group is left
        )
        self._joined = True  # False while a replaced consumer has yet to join
        self._is_closed = False  # whether the present consumer answers no more requests
        self.missed_rejoin = MissedRejoin(cooperative=cooperative)
        self.rejoin_due = False  # whether to call resubscribe()

    def subscribe(self, topics: list[str]) -> None:
        """Join the group. Rebalance callbacks follow inside poll().

        Args:
            topics: Names, or regular expressions that begin with `^`.
        """
        self._join, self._joined = partial(self.subscribe, topics), True
        self._start_offsets.observe(self._consumer.client)
        self.missed_rejoin.forget()
        self._consumer.client.subscribe(
            topics,
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions without an assignment by the group, and commit for the group.

        Args:
            partitions: The partitions that this process reads, whatever other processes read.
        """
        self._assignment.is_fixed = True
        self._join, self._joined = partial(self.assign, partitions), True
        self._start_offsets.observe(self._consumer.client)
        self._on_assign(
            self._consumer.client, [TopicPartition(*key) for key in map(key_of, partitions)]
        )

    def unsubscribe(self) -> None:
        """Leave the group.

        The callbacks of a subscription follow inside the next poll(). For fixed partitions they run
        here.
        """
        self._join = None
        if self._assignment.is_fixed:
            self._assignment.on_revoke(self._consumer.client, self._assignment.partitions())
            self._consumer.client.unassign()
        else:
            self._consumer.client.unsubscribe()

    def close(self, *, awaits_join: bool) -> None:
        """Leave the group and close the consumer. Rebalance callbacks run inside.

        Args:
            awaits_join: Whether to wait for the answer to a request to join, for LEAVE_TIMEOUT_S
                seconds.

        Raises:
            KafkaException: The client cannot be closed.
        """
        client = self._consumer.client
        if self._static_member:
            self._static_member.leave(
                client, awaits_id=awaits_join and self._join is not None and self._joined
            )
        self._is_closed = True
        client.close()

    def close_and_replace(self, why: str) -> None:
        """Replace a consumer that can still commit and leave its group. It does so first.

        Args:
            why: The reason, for the log.
        """
        ours = self._assignment.assigned.copy()
        if self._assignment.is_fixed:
            self._assignment.on_revoke(self._consumer.client, self._assignment.partitions())
        try:
            self.close(awaits_join=False)
        except KafkaException as error:
            log.warning("cannot close the consumer: %s", error.args[0].str())
        self._start_offsets.undo(ours - self._committer.ever_committed)
        self.replace(why)

    def replace(self, why: str) -> None:
        """Replace a consumer that is no longer a member, or has no broker to leave the group with.

        Its partitions count as lost.

        Args:
            why: The reason, for the log.
        """
        self._start_offsets.undo(self._assignment.assigned - self._committer.ever_committed)
        if self._assignment.assigned:
            self._assignment.lose(self._assignment.partitions())
        self._consumer.renew(why)
        self._is_closed = False
        self._committer.on_consumer_replaced()
        self._joined, self.rejoin_due = False, True
        if self._static_member:
            self._static_member.on_lost()

    def resubscribe(self) -> None:
        """Join again, if that is due.

        It is due for a replaced consumer, or if the group has to look at its topics again. Call
        this before records are read, so that no record of the former consumer is in flight.
        """
        if not self._join:  # done when the group is joined on request
            return
        self.rejoin_due = False
        if not self._joined:
            self._join()
        elif self._static_member and self._static_member.joins_again():
            log.debug("joining once more, so that the group looks at its topics")
            try:
                # Librdkafka does not join again for an unchanged subscription.
                if self._incremental:
                    self._consumer.client.unsubscribe()
                self._join()
            except KafkaException as error:  # fenced meanwhile: the next poll raises it
                log.debug("cannot join once more: %s", error.args[0].str())

    def may_take_back(self) -> bool:
        """Whether a consumer that was fenced from its group.instance.id may join again."""
        return self._static_member is not None and self._static_member.may_take_back()

    @property
    def is_wanted(self) -> bool:
        """Whether the input is to be read.

        It is not after the group was left on request, nor while the consumer is closed.
        """
        return self._join is not None and not self._is_closed

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._assignment.on_revoke(consumer, partitions)
        self.missed_rejoin.on_revoke(keeps_some=bool(self._assignment.assigned))

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.missed_rejoin.on_assign()
        if self._assignment.on_assign(consumer, partitions) and self._static_member:
            self._static_member.on_assigned()
            self.rejoin_due = True

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._assignment.on_lost(consumer, partitions)
        self.missed_rejoin.forget()
        if self._static_member:
            self._static_member.on_lost()


def is_incremental(properties: Mapping[str, object]) -> bool:
    """Whether the rebalance callbacks report changes, not the whole assignment.

    Args:
        properties: The consumer's properties, as librdkafka names them.
    """
    return (
        properties.get("group.protocol") == "consumer"
        or properties.get("partition.assignment.strategy") == "cooperative-sticky"
    )
