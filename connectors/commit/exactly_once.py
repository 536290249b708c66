"""Exactly once: output and consumed offsets become visible together, in one Kafka transaction per
commit interval.

Transactions belong to the producer; the consumer's offsets are sent into them with the group's
metadata, so that a member that was replaced cannot commit. After a failed transaction everything
since the last committed offsets is read again. What must be waited for is called again turn by
turn: these calls of librdkafka go on where they left off.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committed_offsets import CommittedOffsetCheck
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
from connectors.errors.exceptions import ConnectorError, Interrupted
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import TopicPartitionKey
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.commit")

REVOKE_ATTEMPTS = 3  # calls made to end a transaction at a revoke before it is aborted instead
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class ExactlyOnceCommitter(Committer):
    """One transaction at a time, which starts with the first record produced and ends with the next
    commit.
    """

    commits_are_cheap = False  # a transaction each takes some 10 ms

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
        """`transaction_timeout`: seconds after which the broker aborts a transaction and fences its
        producer.
        """
        super().__init__(consumer, interval)
        self._lifecycle = lifecycle
        self._transaction = Transaction(consumer, output, lifecycle)
        self._sent_epoch = 0  # of the tracker, when the offsets of the open transaction were sent
        self._outages = OutageTracker(self._transaction, brokers, transaction_timeout)
        self._rebuilt_at = -1  # how many commits there had been when the producer was replaced
        self._recovery_steps = [self._transaction.init]
        self._committed_check = CommittedOffsetCheck()
        self._coordinator_fresh = False  # that the group's coordinator is up to date

    # ---- the guarantee's words

    def ready(self) -> bool:
        return self._attempt(self._run_recovery)

    def before_produce(self) -> None:
        if (
            self._recovery_steps
            or self._transaction.offsets_sent
            or not self._attempt(self._transaction.begin)
        ):
            raise Interrupted
        super().before_produce()

    @property
    def pending(self) -> bool:
        return self._transaction.open or super().pending

    def commit(self) -> bool:
        return self._attempt(self._commit)

    def on_revoking(self) -> None:
        if self.closed:
            return
        try:
            for _ in range(REVOKE_ATTEMPTS):
                if self._half_way:
                    break
                if self._rewind_scheduled or not self.pending or self._attempt(self._end_open):
                    return
        except ConnectorError as error:
            # The producer is of no use any more: the lane's next turn fails too.
            log.warning("no commit at the revoke: %s", error)
        self._schedule_abort()

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        if (
            self._committed_check.mark_returned(partitions)
            and self._resume_returned not in self._recovery_steps
        ):
            self._recovery_steps.append(self._resume_returned)

    def start_at(self, ends: Mapping[TopicPartitionKey, int]) -> None:
        # Of those it is known better.
        super().start_at(
            {key: end for key, end in ends.items() if key not in self._committed_check.returned}
        )

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        super().keep_alive(
            {
                key: offset
                for key, offset in offsets.items()
                if key not in self._committed_check.returned
            }
        )

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        gone = list(partitions)
        self._committed_check.returned.difference_update(gone)
        super().drop(gone)

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        self.drop(partitions)
        self._schedule_abort()

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        self._committed_check.drop(topic, kept)
        super().on_replaced(topic, kept)

    def on_group_left(self) -> None:
        self._committed_check.forget()

    def discard_batch(self) -> None:
        if self._half_way:  # a transaction with half a batch in it can be aborted, not committed
            super().discard_batch()
            self._schedule_abort()

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
        """What is open will not be committed: whatever repairs there are end with reading it
        again.
        """
        return self._seek_to_committed in self._recovery_steps

    def rewind(self) -> None:
        # Else that of a new producer comes first, and a rewind last.
        if self._transaction.init not in self._recovery_steps:
            self._recovery_steps = (
                [self._transaction.abort, self._seek_to_committed]
                if self._transaction.open
                else [self._seek_to_committed]
            )

    def recover(self, error: ProducerError) -> bool:
        if self._transaction.rebuild not in self._recovery_steps:
            (
                self._replace_producer
                if isinstance(error, BrokersForgottenError)
                else self._classify
            )(error.error)
        return True

    def close_dirty(self) -> None:
        """Abort, so that readers do not have to wait for the transaction's timeout; if that fails
        they do, or for the next start.
        """
        super().close_dirty()
        if self._transaction.open:
            try:
                self._transaction.abort()
            except KafkaException as error:
                log.debug("no abort at the end: %s", error.args[0].str())

    # ---- steps, each of which raises KafkaException when it has to be gone on with later

    def _commit(self) -> None:
        self._end_open()
        self._run_recovery()

    def _end_open(self) -> None:
        if self._recovery_steps != [
            self._resume_returned
        ]:  # else what is open comes first: it would grow old, or hide its own offsets
            self._run_recovery()
        transaction = self._transaction
        # Of what has come back nothing is written yet; where the steps have dropped all, it is read
        # again.
        self._current = {
            key: offset
            for key, offset in self._current.items()
            if key not in self._committed_check.returned
        }
        if self._unconfirmed and not transaction.offsets_sent:
            transaction.begin()  # also for offsets alone, when the steps dropped every record
            self._sent_epoch = self.tracker.epoch
            transaction.send_offsets(self._to_commit(self._current))
        if transaction.open:
            current = self.tracker.only_current(transaction.commit(), self._sent_epoch)
            committed = {key: offset for key, offset in current.items() if key in self._current}
            self._committed_check.committed(committed)
            self._confirm(committed)
        self._due_at = monotonic() + self._interval

    def _seek_to_committed(self) -> dict[TopicPartitionKey, int]:
        with self._lifecycle.watch_call("committed"):
            committed = super()._seek_to_committed()
            self._start |= self._committed_check.seek_returned(self._consumer.client, committed)
        return committed

    def _resume_returned(self) -> None:
        returned = [TopicPartition(*key) for key in self._committed_check.returned]
        if returned and not self.draining:  # then they stay returned: nothing of them is committed
            with self._lifecycle.watch_call("committed"):
                offsets = self._committed_check.seek_returned(
                    self._consumer.client, self._fetch_committed(returned)
                )
            self._start |= offsets
            if self._keeps_alive:
                self.keep_alive(offsets)
        self._coordinator_fresh = False

    def _fetch_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """What is behind our own commits counts once the coordinator has taken a write: one that
        has just moved may lag its own log.
        """
        # Only ends still matter: they have to be committed; what is open elsewhere may keep other
        # offsets from us.
        if self.draining:
            partitions = [
                each
                for each in partitions
                if (each.topic, each.partition) in self._starts_at_end - self.ever_committed
            ]
            return super()._fetch_committed(partitions) if partitions else {}
        proven, self._coordinator_fresh = self._coordinator_fresh, False
        fetched = super()._fetch_committed(partitions)
        if self._committed_check.is_behind(fetched) and not proven:
            log.debug(
                "the coordinator has to take a write first: %s is behind what we had committed",
                fetched,
            )
            # An input's: READ is allowed there; as told: Kafka 4 may yet commit it (see judge).
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

    # ---- errors

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
        log.debug("not yet: %s (%s)", error.str(), error.name())
        if not self._outages.should_retry():
            # where committed offsets are not told, an earlier transaction may have left some
            # pending: they are cleared away
            asked = self._recovery_steps[:1] in ([self._seek_to_committed], [self._resume_returned])
            self._replace_producer(error, clear=asked and not self._transaction.open)

    def _classify_fatal(self, error: KafkaError) -> None:
        """A new producer goes on from what is committed, which is always safe; but not twice
        without a commit in between.

        Being fenced is another process's doing, unless an outage or our own standstill let the
        transaction grow so old that the broker gave it up.
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
            "the producer is lost, a new one goes on in its place: %s (%s)",
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
