"""Exactly once: output and offsets are committed together, in one Kafka transaction.

A transaction lasts for one commit interval.

Transactions belong to the producer; the consumer's offsets are sent into them with the group's
metadata, so that a member that was replaced cannot commit. After a failed transaction everything
since the last committed offsets is read again. What must be waited for is called again turn by
turn: these calls of librdkafka go on where they left off.
"""

import logging
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from time import monotonic

from confluent_kafka import KafkaException

from connectors.commit.transaction_recovery import TransactionRecovery
from connectors.errors.exceptions import ConnectorError, Interrupted
from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.commit")

REVOKE_ATTEMPTS = 3  # calls made to end a transaction at a revoke before it is aborted instead


class ExactlyOnceCommitter(TransactionRecovery):
    """One transaction at a time, from the first record produced to the next commit."""

    commits_are_cheap = False  # a transaction each takes some 10 ms

    # ---- the guarantee's words

    def ready(self) -> bool:
        """Run the steps that are due; True when a transaction may begin."""
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
        """Commit the open transaction with its offsets. False: call again next turn."""
        return self._attempt(self._commit)

    def on_revoking(self) -> None:
        """Commit the open transaction, REVOKE_ATTEMPTS calls at most; else schedule its abort."""
        if self.closed:
            return
        try:
            for _ in range(REVOKE_ATTEMPTS):
                if self._half_way:
                    break
                if self._rewind_scheduled or not self.pending or self._attempt(self._end_open):
                    return
        except ConnectorError as error:
            # The producer is of no use any more: the task's next turn fails too.
            log.warning("no commit at the revoke: %s", error)
        self._schedule_abort()

    def on_assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Schedule a check of partitions that have come back to this member."""
        if (
            self._committed_check.mark_returned(partitions)
            and self._resume_returned not in self._recovery_steps
        ):
            self._recovery_steps.append(self._resume_returned)

    def start_at(self, ends: Mapping[TopicPartitionKey, int]) -> None:
        """As in Committer, except for partitions that have come back."""
        # Of those it is known better.
        super().start_at(
            {key: end for key, end in ends.items() if key not in self._committed_check.returned}
        )

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        """As in Committer, except for partitions that have come back."""
        super().keep_alive(
            {
                key: offset
                for key, offset in offsets.items()
                if key not in self._committed_check.returned
            }
        )

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget the partitions."""
        gone = list(partitions)
        self._committed_check.returned.difference_update(gone)
        super().drop(gone)

    def on_lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Forget the partitions and abort their transaction."""
        self.drop(partitions)
        self._schedule_abort()

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """As in Committer; the topic's partitions do not come back."""
        self._committed_check.drop(topic, kept)
        super().on_replaced(topic, kept)

    def on_group_left(self) -> None:
        """Forget which offsets this process has committed."""
        self._committed_check.forget()

    def discard_batch(self) -> None:
        """Abort the transaction if it has a part of the batch: it cannot be committed."""
        if self._half_way:  # a transaction with half a batch in it can be aborted, not committed
            super().discard_batch()
            self._schedule_abort()

    def close_dirty(self) -> None:
        """Abort the transaction, so that readers need not wait for its timeout.

        If the abort fails, they wait for the timeout or the next start.
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
