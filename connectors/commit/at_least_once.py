"""At least once: an offset is committed only when all records before it are delivered."""

import logging
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer
from connectors.errors.client_exceptions import (
    BrokersForgottenError,
    ClientError,
    CommitTimeoutError,
    PermissionDeniedError,
    ProducerError,
)
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import remedy
from connectors.errors.table import Remedy
from connectors.produce.record_producer import RecordProducer

log = logging.getLogger("processor.commit")

FLUSH_TIMEOUT_S = 0.2  # of one wait for deliveries before a commit, while the input is paused
# Of the wait for deliveries at a revoke. The other members of the group wait meanwhile.
REVOKE_FLUSH_TIMEOUT_S = 5.0
REVOKE_ATTEMPTS = 3  # the broker may be in the middle of the rebalance


class AtLeastOnceCommitter(Committer):
    """Commits offsets asynchronously, except at a revoke: a synchronous commit can take 46 s."""

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        output: RecordProducer,
        brokers: BrokerStatus,
        *,
        interval: float,
        answer_timeout: float,
    ) -> None:
        """Start without offsets.

        Args:
            consumer: The task's consumer.
            output: Is flushed before each commit.
            brokers: Says whether any broker answers.
            interval: Seconds between commits under load.
            answer_timeout: Seconds that a commit may go unanswered while a broker answers.
        """
        super().__init__(consumer, interval)
        self._output = output
        self._brokers = brokers
        self._answer_timeout = answer_timeout
        self._commit_in_flight = False  # a commit is not answered yet
        self._sent_at = 0.0
        self._sent_epoch = 0  # the tracker's epoch when that commit was sent
        self._refusal: ConnectorError | None = None  # why the broker refuses commits for good
        self._rebuilt_at = -1  # number of commits when the producer was replaced last

    @property
    def pending(self) -> bool:
        """Whether a commit is unanswered, or processed offsets are not committed."""
        return self._commit_in_flight or super().pending

    def commit(self) -> bool:
        """Flush deliveries and commit asynchronously.

        Raises ConnectorError if the broker has refused a commit for good.
        """
        if self._refusal:
            raise self._refusal
        try:
            if self._recovery_steps:
                self._run_recovery()
        except KafkaException as error:  # probably no broker answers: tried again at the next turn
            log.debug("cannot seek to the committed offsets yet: %s", error.args[0].str())
            return False
        if self._commit_in_flight:
            if self._brokers.trouble:
                self._sent_at = monotonic()
            elif monotonic() - self._sent_at > self._answer_timeout:
                raise CommitTimeoutError(self._answer_timeout)
            self._due_at = monotonic() + self.interval
            return True
        if not self._output.flush(FLUSH_TIMEOUT_S):
            return False
        self._due_at = monotonic() + self.interval
        if offsets := self._to_commit(self._unconfirmed_offsets()):
            try:
                self._sent_epoch = self.tracker.epoch
                self._consumer.client.commit(offsets=offsets, asynchronous=True)
                self._commit_in_flight, self._sent_at = True, monotonic()
            # For example between two generations of the group: tried again after the interval.
            except KafkaException as error:
                log.debug("commit not sent: %s", error.args[0].str())
        return True

    def on_revoking(self) -> None:
        """Flush and commit synchronously, REVOKE_ATTEMPTS times at most."""
        if self.closed or self._recovery_steps or not self.pending:
            return
        try:
            if not self._output.flush(REVOKE_FLUSH_TIMEOUT_S):
                log.warning(
                    "records are not delivered yet at a revoke; the next owner reads all "
                    "uncommitted records again"
                )
                return
        except ConnectorError as error:
            log.debug("no commit at the revoke: %s", error)
            self._output.postpone(error)  # the producer may have raised it only once
            return
        failure = ""
        for _ in range(REVOKE_ATTEMPTS):
            if not (offsets := self._to_commit(self._unconfirmed_offsets())):
                return
            try:
                self._sent_epoch = self.tracker.epoch
                answers = self._consumer.client.commit(offsets=offsets, asynchronous=False)
                self._on_committed(answers)
                refused = (
                    f"{each.topic}-{each.partition}: {each.error}" for each in answers if each.error
                )
                failure = next(refused, failure)
            except KafkaException as error:
                failure = error.args[0].str()
                if not error.args[0].retriable():
                    break
        if self._unconfirmed_offsets():
            log.warning(
                "the commit at a revoke has failed; the next owner reads its records again: %s",
                failure,
            )

    def rewind(self) -> None:
        """Read again with a new producer. The old one has stopped at an undelivered record."""
        self._output.recreate()
        self._recovery_steps = [self._seek_to_committed]

    def on_group_left(self) -> None:
        """Forget the own offsets: the group's may be changed on purpose meanwhile."""
        self.own_offsets.clear()

    def on_consumer_replaced(self) -> None:
        """Forget the commit in flight: the former consumer does not answer."""
        self._commit_in_flight = False

    def recover(self, error: ProducerError) -> bool:
        """Read again with a new producer, but only once without a commit in between.

        Args:
            error: Why the producer failed.

        Returns:
            Whether work goes on.
        """
        if self._rebuilt_at == self.commits and not isinstance(error, BrokersForgottenError):
            return False
        self._rebuilt_at = self.commits
        log.warning(
            "the producer has failed, a new one replaces it: %s (%s)",
            error.error.str(),
            error.error.name(),
        )
        self.rewind()
        return True

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Handle the answer to an asynchronous commit. Failed offsets go into the next commit.

        Args:
            error: The error of the whole commit, or None.
            partitions: The offsets, each with its own error.
        """
        self._commit_in_flight = False
        if error is None:
            self._on_committed(partitions)
        for each in partitions:
            if failed := each.error or error:
                self._sort(failed, f"READ on the topic {each.topic}")
        if error:
            self._sort(error, "")

    def _sort(self, error: KafkaError, topic_needed: str) -> None:
        """Keep the first error that needs a person. The next turn raises it."""
        log.debug("commit failed: %s", error.str())
        if error.code() in PermissionDeniedError.NEEDED:
            self._refusal = self._refusal or PermissionDeniedError(error, topic_needed)
        elif error.code() == KafkaError.FENCED_INSTANCE_ID:
            return  # the consumer raises it at its next poll, and may be replaced
        elif remedy(error.code()) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            self._refusal = self._refusal or ClientError(error)

    def _on_committed(self, partitions: list[TopicPartition]) -> None:
        # The answer to an earlier commit can come after a revoke's own commit.
        done = {
            key: each.offset
            for each in partitions
            if each.error is None
            and (key := (each.topic, each.partition)) in self._committable
            and each.offset >= self._last_committed.get(key, 0)
        }
        current = self.tracker.only_current(done, self._sent_epoch)
        self._confirm(current)
        self.own_offsets |= current
        log.debug("committed %s", partitions)
