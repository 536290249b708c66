"""Recovers a task from a failed transaction.

It aborts the transaction, replaces the producer if needed, and reads again from the committed
offsets.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committed_offset_check import CommittedOffsetCheck
from connectors.commit.committer import Committer
from connectors.commit.outage_tracker import OutageTracker, passes
from connectors.commit.transaction import Transaction
from connectors.errors.client_exceptions import (
    BrokersForgottenError,
    ClientError,
    FencedError,
    PermissionDeniedError,
    ProducerError,
)
from connectors.produce.record_producer import RecordProducer
from connectors.records.messages import TopicPartitionKey
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.commit")

_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class TransactionRecovery(Committer):
    """Classifies errors of transactions and queues the steps that recover from them.

    A step that has to be continued raises KafkaException and is called again the next turn.
    """

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        output: RecordProducer,
        brokers: BrokerStatus,
        lifecycle: Lifecycle,
        *,
        interval: float,
        transaction_timeout: float,
    ) -> None:
        """Start without offsets. The first recovery step makes the producer ready for transactions.

        Args:
            consumer: The task's consumer.
            output: Owns the producer.
            brokers: Says when no broker answered.
            lifecycle: Watches the calls, which may hang.
            interval: Seconds between commits under load.
            transaction_timeout: Seconds after which the broker aborts a transaction and fences its
                producer.
        """
        super().__init__(consumer, interval)
        self._lifecycle = lifecycle
        self._transaction = Transaction(consumer, output, lifecycle)
        self._sent_epoch = (
            0  # the tracker's epoch when the offsets of the open transaction were sent
        )
        self._outages = OutageTracker(self._transaction, brokers, transaction_timeout)
        self._rebuilt_at = -1  # number of commits when the producer was replaced last
        self._recovery_steps = [self._transaction.init]
        self._committed_check = CommittedOffsetCheck(self.tracker)
        self._coordinator_fresh = False  # the group's coordinator has accepted a write

    def _schedule_abort(self) -> None:
        self._half_way = False
        if (
            self._transaction.open
            and not self._transaction.offsets_sent
            and not self._rewind_scheduled
        ):
            self._recovery_steps = [self._transaction.abort, self._seek_to_committed]

    @property
    def _rewind_scheduled(self) -> bool:
        """Whether the open transaction will be aborted and its records read again."""
        return self._seek_to_committed in self._recovery_steps

    def rewind(self) -> None:
        """Abort an open transaction and read again from the committed offsets."""
        # The steps of a new producer end with a rewind already.
        if self._transaction.init not in self._recovery_steps:
            self._recovery_steps = (
                [self._transaction.abort, self._seek_to_committed]
                if self._transaction.open
                else [self._seek_to_committed]
            )

    def recover(self, error: ProducerError) -> bool:
        """Schedule a new producer. Records are read again from the committed offsets."""
        if self._transaction.rebuild not in self._recovery_steps:
            (
                self._replace_producer
                if isinstance(error, BrokersForgottenError)
                else self._classify
            )(error.error)
        return True

    def _seek_to_committed(self) -> dict[TopicPartitionKey, int]:
        with self._lifecycle.watch_call("committed"):
            committed = super()._seek_to_committed()
            self._fallback |= self._committed_check.seek_returned(self._consumer.client, committed)
        self._commit_lost(committed)
        return committed

    def _commit_lost(self, sought: Mapping[TopicPartitionKey, int]) -> None:
        """Commit the own offsets again that the broker has lost. A stop may be near."""
        lost = self._committed_check.take_lost()
        for key in lost.keys() & sought.keys():
            self._committable[key] = lost[key]
            self._last_committed.pop(key, None)
            self._uncommitted_starts.add(key)

    def _resume_returned(self) -> None:
        returned = [TopicPartition(*key) for key in self._committed_check.returned]
        if returned and not self.draining:  # a stop commits no offsets of theirs
            with self._lifecycle.watch_call("committed"):
                offsets = self._committed_check.seek_returned(
                    self._consumer.client, self._fetch_committed(returned)
                )
            self._fallback |= offsets
            self._commit_lost(offsets)
            if self._keeps_alive:
                self.keep_alive(offsets)
        self._coordinator_fresh = False

    def _fetch_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """Fetch the committed offsets.

        A coordinator that has just moved may not have read all of its log. If it returns less than
        this process has committed, it has to accept a write first, and is asked again. Only that
        answer is used.
        """
        # A stop only needs the offsets of starts that are not committed. Other offsets may be held
        # back by open transactions of other members.
        if self.draining:
            partitions = [
                each
                for each in partitions
                if (each.topic, each.partition) in self._uncommitted_starts - self.ever_committed
            ]
            return super()._fetch_committed(partitions) if partitions else {}
        # Each write that the coordinator accepts proves one answer.
        proven, self._coordinator_fresh = self._coordinator_fresh, False
        fetched = super()._fetch_committed(partitions)
        if self._committed_check.is_behind(fetched) and not proven:
            log.debug(
                "the coordinator returns %s, less than this process has committed: it has to "
                "accept a write",
                fetched,
            )
            # An input partition with its fetched offset: READ is allowed there, and Kafka 4 may
            # commit the offset in spite of the abort.
            key, offset = min(fetched.items())
            write = partial(self._transaction.write_offset, key, max(0, offset))
            self._recovery_steps[:0] = [
                write,
                self._transaction.abort,
                self._mark_coordinator_fresh,
            ]
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return self._committed_check.resolve(fetched)

    def _mark_coordinator_fresh(self) -> None:
        self._coordinator_fresh = True

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Whether the step is done. Raises ConnectorError when it never can be."""
        self._outages.call()
        try:
            step()
        except KafkaException as error:
            self._outages.failed()
            self._classify(error.args[0])
            return False
        self._outages.answered()
        return True

    def _classify(self, error: KafkaError) -> None:
        """Decide what a failed call means."""
        if error.code() in PermissionDeniedError.NEEDED:
            raise PermissionDeniedError(error)
        if error.txn_requires_abort():
            log.warning(
                "transaction aborted, its records are read again: %s (%s)",
                error.str(),
                error.name(),
            )
            self._recovery_steps = [self._transaction.abort, self._seek_to_committed]
            return
        if not passes(error):
            self._classify_fatal(error)
            return
        log.debug("the call is repeated later: %s (%s)", error.str(), error.name())
        if not self._outages.should_retry():
            # If committed offsets are not returned, an earlier transaction may have left pending
            # ones. The new producer clears them.
            asked = self._recovery_steps[:1] in ([self._seek_to_committed], [self._resume_returned])
            self._replace_producer(error, clear=asked and not self._transaction.open)

    def _classify_fatal(self, error: KafkaError) -> None:
        """Schedule a new producer, but only once without a commit in between.

        Another process has fenced this one, unless an outage or a standstill let the transaction
        time out. Then the broker has aborted the transaction and fenced the producer itself.
        """
        if error.code() in _FENCED and not self._outages.expired_by_outage:
            if self._outages.may_be_outage():
                return
            raise FencedError(error)
        if self._rebuilt_at == self.commits:
            raise ClientError(error)
        self._rebuilt_at = self.commits
        self._replace_producer(error)

    def _replace_producer(self, error: KafkaError, *, clear: bool = False) -> None:
        log.warning(
            "the producer has failed, a new one replaces it: %s (%s)",
            error.str(),
            error.name(),
        )
        self._outages.reset()
        transaction = self._transaction
        clear = clear or error.code() in _FENCED or (transaction.open and self._outages.timed_out)
        left = (
            [
                transaction.write_markers,
                transaction.wait_for_markers,
                transaction.write_offset_marker,
                transaction.abort,
            ]
            if clear
            else []
        )
        self._recovery_steps = [
            transaction.rebuild,
            transaction.init,
            *left,
            self._seek_to_committed,
        ]
