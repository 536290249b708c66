"""Writes batches under a delivery guarantee, and finds the records that a broker rejects."""

import logging
from collections.abc import Callable

from confluent_kafka import Message

from connectors.commit.committer import Committer
from connectors.commit.rejected_records import RejectedRecordSearch
from connectors.errors.exceptions import (
    ConnectorError,
    DeliveryError,
    HalfWrittenError,
    Interrupted,
)
from connectors.failures.dead_letter_forms import other_form
from connectors.failures.retries import RetryPolicy
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey, topic_partition

log = logging.getLogger("processor.records")

DELIVERY_POLL_S = 0.005  # of one wait for the delivery of a single record


class BatchWriter:
    """Gives batches to the producer: as a whole, or record by record during a search.

    All methods run on the task's thread.
    """

    def __init__(
        self,
        output: RecordProducer,
        committer: Committer,
        retry_policy: RetryPolicy,
        wait: Callable[[Callable[[], bool]], None],
        is_current: Callable[[TopicPartitionKey], bool],
    ) -> None:
        """Make a writer.

        Args:
            output: Produces records.
            committer: Commits what has been produced.
            retry_policy: Gives up rejected records.
            wait: Blocks until its argument returns True, also through a stop. Raises Interrupted at
                a rebalance.
            is_current: Whether an offset read last belongs to the present assignment and topic.
        """
        self._output = output
        self._committer = committer
        self._retry_policy = retry_policy
        self._wait = wait
        self._is_current = is_current
        self.rejected_search = RejectedRecordSearch()

    def max_records(self, size: int, assigned: set[TopicPartitionKey]) -> int:
        """Return how many records to read at once: one during a search.

        Args:
            size: The number without a search.
            assigned: The partitions of this consumer.
        """
        if self.rejected_search.active:
            self.rejected_search.forget_others(assigned)
            self.rejected_search.forget_settled(self._committer.is_settled)
        self._retry_policy.reads_again = self.rejected_search.active
        return 1 if self.rejected_search.active else size

    @property
    def wants_commit(self) -> bool:
        """Whether to commit after each record of a search, so that few records are read again."""
        return (
            self.rejected_search.active
            and self._committer.commits_are_cheap
            and self._committer.pending
        )

    def forget_topic(self, topic: str) -> None:
        """Forget rejected records of a topic that was deleted and created again.

        Args:
            topic: The topic.
        """
        self.rejected_search.forget_topic(topic)
        self._retry_policy.forget_topic(topic)

    def write(self, batch: RecordBatch) -> None:
        """Produce every record of the batch. Blocks while the client's queue is full.

        Args:
            batch: The records, after all steps.

        Raises:
            ConnectorError: A record or the producer has failed, or the batch has an error of its
                own.
            Interrupted: A stop or a rebalance ended a wait. The batch is read again.
        """
        if batch.error:
            raise batch.error
        self._committer.before_produce()
        if self.rejected_search.active and batch.messages:
            self._write_one(batch)
        else:
            self._output.produce_batch(batch, self._wait, self._retry_policy.give_up)
        self._committer.after_produce()

    def search_for_rejected(
        self, error: ConnectorError, in_flight: dict[TopicPartitionKey, int]
    ) -> bool:
        """Start to search for the record that an error is about.

        All records since the last commit are read again, record by record.

        Args:
            error: The error of write() or of a delivery.
            in_flight: The next offsets of the batch in flight.

        Returns:
            False if the error is not about one record.
        """
        if isinstance(error, HalfWrittenError):
            if self._is_current(topic_partition(error.message)):
                self.rejected_search.mark_rejected(error.message, error.cause)
        elif not isinstance(error, DeliveryError) or not error.about_the_record:
            return False
        if not self.rejected_search.active:
            log.warning(
                "%s; reading again since the last commit, record by record, to find it", error
            )
        in_doubt = self._committer.committable_offsets() | {
            key: offset for key, offset in in_flight.items() if self._is_current(key)
        }
        self.rejected_search.start(in_doubt)
        self._output.delivery_error = None
        self._committer.rewind()
        return True

    def _write_one(self, batch: RecordBatch) -> None:
        """Produce a batch of one message, and wait until its records are delivered."""
        # Wait for earlier deliveries first: their errors are not about this record.
        self._wait(self._delivered)
        message = batch.messages[0]
        if refused := self.rejected_search.rejection_of(message):
            batch.clear()
            self._retry_policy.give_up(batch, "output", message, refused)
        batch.refused_letters = self.rejected_search.known_letters(message)
        failed = self._output.failed_reports
        try:
            self._output.produce_batch(batch, self._wait, self._retry_policy.give_up)
            self._wait(self._delivered)
        except DeliveryError as error:
            if error.about_the_record and self._is_current(topic_partition(message)):
                self._found(message, batch, error)
            raise
        # The transaction has failed. Its next call raises the reason.
        if self._output.failed_reports > failed:
            raise Interrupted
        self.rejected_search.mark_done(message)

    def _found(self, message: Message, batch: RecordBatch, error: DeliveryError) -> None:
        """Note the rejected record, or the rejected form of its dead letter.

        Raises DeadLetterError if there is no other form.
        """
        if not batch.dead_letters:
            self.rejected_search.mark_rejected(message, error)
            return
        for _, letter in batch.dead_letters:
            other_form(message, letter, error)
        self.rejected_search.found_letter(message, error)

    def _delivered(self) -> bool:
        return self._output.flush(DELIVERY_POLL_S)
