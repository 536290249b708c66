"""The consumer's membership of its group: it joins, leaves, and joins again with another client."""

import logging
from collections.abc import Callable, Mapping
from functools import partial

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.consume.static_member import StaticMember
from connectors.records.keys import key_of

log = logging.getLogger("processor.group")


class GroupMembership:
    """Joins the group, or reads fixed partitions; the rebalance callbacks go to the assignment. On
    the task's thread.
    """

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        committer: Committer,
        start_offsets: StartOffsets,
        assignment: PartitionAssignment,
        *,
        incremental: bool,
        static: StaticMember | None = None,
    ) -> None:
        """Prepare; nothing is joined yet.

        Args:
            consumer: The task's consumer.
            committer: Knows what has been committed.
            start_offsets: Where reading begins.
            assignment: The partitions that the consumer has.
            incremental: Whether the protocol is cooperative-sticky or KIP-848.
            static: The static membership, where it is the default.

        """
        self._consumer = consumer
        self._committer = committer
        self._start_offsets = start_offsets
        self._assignment = assignment
        self._incremental = incremental
        self._static = static
        self._join: Callable[[], None] | None = None  # as it was done last, until the group is left
        # As far as it is to be: not by a consumer that has just taken another's place.
        self._joined = True
        self.rejoin_due = False  # resubscribe() has something to do

    def subscribe(self, topics: list[str]) -> None:
        self._join, self._joined = partial(self.subscribe, topics), True
        self._start_offsets.observe(self._consumer.client)
        self._consumer.client.subscribe(
            topics,
            on_assign=self._on_assign,
            on_revoke=self._assignment.on_revoke,
            on_lost=self._on_lost,
        )

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions, whatever others do; positions are committed for the group all the
        same.
        """
        self._assignment.is_fixed = True
        self._join, self._joined = partial(self.assign, partitions), True
        self._start_offsets.observe(self._consumer.client)
        self._on_assign(
            self._consumer.client, [TopicPartition(*key) for key in map(key_of, partitions)]
        )

    def unsubscribe(self) -> None:
        """Give the partitions back; where they came from the group, the callbacks follow inside the
        next poll().
        """
        self._join = None
        if self._assignment.is_fixed:
            self._assignment.on_revoke(self._consumer.client, self._assignment.partitions())
            self._consumer.client.unassign()
        else:
            self._consumer.client.unsubscribe()

    def close(self, *, awaits_join: bool) -> None:
        """Leave the group and close the consumer; the callbacks run inside. Raises KafkaException
        when the client does.

        Args:
            awaits_join: Whether the answer to a request to join is worth waiting for, some seconds
                at most.

        """
        client = self._consumer.client
        if self._static:
            self._static.leave(
                client, awaits_id=awaits_join and self._join is not None and self._joined
            )
        client.close()

    def close_and_replace(self, why: str) -> None:
        """Go on with another consumer; the one before is well enough to commit and to leave its
        group first.
        """
        ours = self._assignment.assigned.copy()
        if self._assignment.is_fixed:
            self._assignment.on_revoke(self._consumer.client, self._assignment.partitions())
        try:
            self.close(awaits_join=False)
        except KafkaException as error:
            log.warning("closing the consumer: %s", error.args[0].str())
        self._start_offsets.undo(ours - self._committer.ever_committed)
        self.replace(why)

    def replace(self, why: str) -> None:
        """Go on with another consumer; the one before is lost, and what was ours with it: it is in
        no group, or can tell nobody.
        """
        self._start_offsets.undo(self._assignment.assigned - self._committer.ever_committed)
        if self._assignment.assigned:
            self._assignment.lose(self._assignment.partitions())
        self._consumer.renew(why)
        self._committer.on_consumer_replaced()
        self._joined, self.rejoin_due = False, True
        if self._static:
            self._static.on_lost()

    def resubscribe(self) -> None:
        """Join as the consumer before did, if that has not been done yet; nothing of it is in hand
        any more, to be given back.
        """
        if not self._join:  # as soon as the group is to be joined again
            return
        self.rejoin_due = False
        if not self._joined:
            self._join()
        elif self._static and self._static.joins_again():
            log.debug("joining once more: the group looks at its topics then")
            try:
                # Librdkafka does not join again for a subscription that is the same.
                if self._incremental:
                    self._consumer.client.unsubscribe()
                self._join()
            except KafkaException as error:  # fenced meanwhile: the next poll says so
                log.debug("not joined once more: %s", error.args[0].str())

    def may_take_back(self) -> bool:
        """Whether a consumer that was fenced from its group.instance.id may be renewed."""
        return self._static is not None and self._static.may_take_back()

    @property
    def is_wanted(self) -> bool:
        """The input is to be read: the group is not left."""
        return self._join is not None

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._assignment.on_assign(consumer, partitions) and self._static:
            self._static.on_assigned()
            self.rejoin_due = True

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._assignment.on_lost(consumer, partitions)
        if self._static:
            self._static.on_lost()


def is_incremental(properties: Mapping[str, object]) -> bool:
    """Whether these consumer settings make rebalances incremental: the callbacks then speak of
    changes, not of the whole assignment.
    """
    return (
        properties.get("group.protocol") == "consumer"
        or properties.get("partition.assignment.strategy") == "cooperative-sticky"
    )
