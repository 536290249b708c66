"""Exactly once: records and offsets are committed together, in Kafka transactions.

There is one transaction per commit interval. Offsets are sent into it with the group's metadata, so
a replaced member cannot commit. After a failed transaction, records are read again from the
committed offsets. A call that times out is repeated at the next turn, and librdkafka continues it.
"""

import logging
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from time import monotonic

from confluent_kafka import KafkaException

from connectors.commit.transaction_recovery import TransactionRecovery
from connectors.errors.exceptions import ConnectorError, Interrupted
from connectors.records.messages import TopicPartitionKey

log = logging.getLogger("processor.commit")

REVOKE_ATTEMPTS = 3  # calls to commit the transaction at a revoke, before it is aborted instead


class ExactlyOnceCommitter(TransactionRecovery):
    """One transaction at a time, from the first record produced to the next commit."""

    commits_are_cheap = False  # each is a transaction, which takes some 10 ms

    # ---- the interface of Committer

    def ready(self) -> bool:
        """Run the recovery steps that are due. True when a transaction may begin."""
        return self._attempt(self._run_recovery)

    def before_produce(self) -> None:
        """Begin the transaction. Raises Interrupted while it cannot begin."""
        if (
            self._recovery_steps
            or self._transaction.offsets_sent
            or not self._attempt(self._transaction.begin)
        ):
            raise Interrupted
        super().before_produce()

    @property
    def pending(self) -> bool:
        """Whether a transaction is open, or processed offsets are not committed."""
        return self._transaction.open or super().pending

    def commit(self) -> bool:
        """Commit the open transaction with its offsets. False: call again at the next turn."""
        return self._attempt(self._commit)

    def on_revoking(self) -> None:
        """Commit the open transaction in at most REVOKE_ATTEMPTS calls, or schedule its abort."""
        if self.closed:
            return
        try:
            for _ in range(REVOKE_ATTEMPTS):
                if self._half_way:
                    break
                if (
                    self._rewind_scheduled
                    or not self.pending
                    or self._attempt(self._commit_transaction)
                ):
                    return
        except ConnectorError as error:
            # The producer has failed: the task's next turn raises its error.
            log.warning("no commit at a revoke; the next owner reads its records again: %s", error)
        self._schedule_abort()

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Schedule a check of the committed offsets of partitions that this process had before.

        Args:
            partitions: The partitions that are assigned.
        """
        if (
            self._committed_check.mark_returned(partitions)
            and self._resume_returned not in self._recovery_steps
        ):
            self._recovery_steps.append(self._resume_returned)

    def restarts(self, key: TopicPartitionKey) -> bool:
        """Whether `_resume_returned` is going to seek the partition.

        Args:
            key: The partition.
        """
        return key in self._committed_check.returned

    def start_at(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Do as Committer, except for partitions that this process had before.

        Args:
            offsets: The starts.
        """
        # CommittedOffsetCheck decides where returned partitions start.
        returned = self._committed_check.returned
        super().start_at({key: each for key, each in offsets.items() if key not in returned})

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """Do as Committer, except for partitions that this process had before.

        Args:
            offsets: Committed offsets at which partitions start.
        """
        super().keep_alive(
            {
                key: offset
                for key, offset in offsets.items()
                if key not in self._committed_check.returned
            }
        )

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget partitions that are not assigned any more.

        Args:
            partitions: The partitions.
        """
        gone = list(partitions)
        self._committed_check.returned.difference_update(gone)
        super().drop(gone)

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget the partitions. Abort an open transaction whose offsets are not sent yet.

        Args:
            partitions: The partitions.
        """
        self.drop(partitions)
        self._schedule_abort()

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """Do as Committer. The former topic's committed offsets do not count.

        Args:
            topic: The topic.
            kept: Partitions whose offsets belong to the new topic already.
        """
        self._committed_check.drop(topic, kept)
        super().on_replaced(topic, kept)

    def on_group_left(self) -> None:
        """Forget which offsets this process has committed: they may be changed on purpose."""
        self._committed_check.forget()

    def discard_batch(self) -> None:
        """Abort a transaction that holds a part of the batch."""
        if self._half_way:  # a transaction with a part of a batch must not be committed
            super().discard_batch()
            self._schedule_abort()

    def close_dirty(self) -> None:
        """Abort the open transaction, so that readers of the output need not wait.

        If the abort fails, they wait for transaction.timeout.ms or for the next start.
        """
        super().close_dirty()
        if self._transaction.open:
            try:
                self._transaction.abort()
            except KafkaException as error:
                log.debug("cannot abort the transaction at the end: %s", error.args[0].str())

    # ---- steps, each of which raises KafkaException when it has to be continued later

    def _commit(self) -> None:
        self._commit_transaction()
        self._run_recovery()

    def _commit_transaction(self) -> None:
        # Commit before resuming partitions that were lost and assigned again. An open transaction
        # ages, and its pending offsets hide the committed ones.
        if self._recovery_steps != [self._resume_returned]:
            self._run_recovery()
        transaction = self._transaction
        # No record of such a partition is produced yet. Offsets left out here are read again.
        self._committable = {
            key: offset
            for key, offset in self._committable.items()
            if key not in self._committed_check.returned
        }
        if self._unconfirmed_offsets() and not transaction.offsets_sent:
            transaction.begin()  # also for offsets alone: the steps may have dropped every record
            self._sent_epoch = self.tracker.epoch
            transaction.send_offsets(self._to_commit(self._committable))
        if transaction.open:
            current = self.tracker.only_current(transaction.commit(), self._sent_epoch)
            committed = {key: offset for key, offset in current.items() if key in self._committable}
            self._committed_check.committed(committed)
            self._confirm(committed)
        self._due_at = monotonic() + self.interval
