"""Whether records are read, seen from the consumer's statistics and the clock."""

from functools import partial
from time import monotonic

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.clients import fetch_leaders
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.group_membership import GroupMembership
from connectors.consume.missing_topics import MissingTopics
from connectors.consume.partition_ends import PartitionEnds
from connectors.errors.client_exceptions import (
    FetchStalledError,
    MissedRejoinError,
    StaleLeaderError,
    StoresChangedError,
)
from connectors.records.messages import TopicPartitionKey
from runtime.control.status import Issue


class StalledInput:
    """Checks the input ten times a second. On the task's thread."""

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        assignment: PartitionAssignment,
        membership: GroupMembership,
        brokers: BrokerStatus,
        *,
        missing: MissingTopics,
        patience: float,
    ) -> None:
        """Prepare to check.

        Args:
            consumer: The task's consumer.
            assignment: Its partitions.
            membership: Says whether the group is to be joined.
            brokers: Says whether any broker answers.
            missing: Looks for the input topics.
            patience: Seconds in which the client has to start fetching a partition
                (python-processor.client-call-timeout).
        """
        self._consumer = consumer
        self._assignment = assignment
        self._membership = membership
        self._brokers = brokers
        self._monitor = brokers.consumer
        self._missing = missing
        self._patience = patience
        self._obstacle = ""  # which topic is missing, or which start is unknown
        self._partition_ends = PartitionEnds(assignment, brokers)
        # Offsets at which a consumer was replaced because nothing was fetched.
        self._retried: dict[TopicPartitionKey, int] = {}

    @property
    def trouble(self) -> Issue | None:
        """Why no records are read, for health; None if all is well."""
        return self._monitor.reading_state.trouble

    def assess(self) -> None:
        """Bring `trouble` up to date."""
        reading, assignment = self._monitor.reading_state, self._assignment
        if self._brokers.trouble or not self._membership.is_wanted:
            reading.rest()
        else:
            self._partition_ends.refresh(self._consumer.client)
            reading.judge(
                assignment.assigned,
                joins=not assignment.is_fixed,
                held=bool(assignment.pause_reasons),
                missing=self._obstacle,
            )

    def raise_for_stall(self) -> None:
        """Raise if the client will never read one of its partitions again.

        Asks brokers now and then, so not from a callback.

        Raises:
            ConsumerError: Another consumer has to replace this one.
            TopicDeletedError: A topic that was assigned does not exist any more.
        """
        if self._brokers.trouble:
            self._monitor.stalled_fetch.restart()  # an outage is no fault of the client
            return
        if self._membership.is_wanted:
            read = self._monitor.reading_state.topics_read(self._assignment.assigned)
            self._obstacle = (
                self._missing.find(self._consumer.client, read)
                or self._assignment.late_starts.unknown_start
            )
        if self._monitor.is_outdated:
            raise StoresChangedError
        if self._membership.missed_rejoin.is_missed(self._monitor.reading_state.join_state):
            raise MissedRejoinError
        if lost := self._monitor.leaders.missed_election(
            partial(fetch_leaders, self._consumer.client)
        ):
            raise StaleLeaderError(lost)
        if lost := self._monitor.stalled_fetch.overdue_partition(
            self._assignment.assigned, self._patience
        ):
            raise FetchStalledError(lost, self._patience)
        standstill = self._monitor.reading_state.standstill
        # Replace the consumer only once per offset. A record that stops every consumer would stop
        # the new one, too.
        if (
            standstill
            and monotonic() - standstill.since > self._patience
            and self._retried.get(standstill.key) != standstill.offset
        ):
            self._retried[standstill.key] = standstill.offset
            raise FetchStalledError(f"{standstill.key[0]}-{standstill.key[1]}", self._patience)
