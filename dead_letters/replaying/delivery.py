"""Sends the records of a batch and commits its offsets: in a transaction, or at least once."""

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Client, Remedy
from dead_letters.cluster import TRANSACTION_TIMEOUT_MS, Cluster
from dead_letters.errors import (
    ClusterInterruptedError,
    CommandError,
    OutdatedProgressError,
    describe,
)
from dead_letters.replaying.progress import Progress
from dead_letters.replaying.records import FENCED, GIVE_UP_S, FencedError, Records, sort_error
from dead_letters.replaying.routing import Route
from dead_letters.replaying.stopping import StopRequest

CALL_S = 5.0
OLD_TRANSACTION_S = 0.8 * TRANSACTION_TIMEOUT_MS / 1000


class Delivery(Protocol):
    """Sends records and commits progress, under one delivery guarantee."""

    def open(self) -> None:
        """Make a new producer. The earlier producer's open transaction is aborted."""

    def send(
        self, routes: Sequence[Route], offsets: list[TopicPartition], progress: Progress
    ) -> None:
        """Deliver the records in their order, then commit the offsets. Blocks until both are done.

        Args:
            routes: The records; may be empty.
            offsets: The progress after the records.
            progress: The progress as committed before the records.

        Raises:
            RecordRejectedError: A record is rejected for good. No offset is committed. Call `open`
                next.
            ClusterInterruptedError: The run has to go on from its committed offsets.
            CommandError: The run cannot go on.
        """


class AtLeastOnce:
    """Delivers, then commits. After a kill, the records of one batch are sent again."""

    def __init__(self, cluster: Cluster, stop: StopRequest) -> None:
        """Prepare. open() makes the producer.

        Args:
            cluster: The clients and the topic.
            stop: Shortens the wait for a full queue.
        """
        self._cluster = cluster
        self._records = Records(cluster, stop)

    def open(self) -> None:
        """Start with a new producer."""
        self._records.open()

    def send(
        self, routes: Sequence[Route], offsets: list[TopicPartition], progress: Progress
    ) -> None:
        """Produce the batch, wait for its deliveries, then commit. Raises CommandError."""
        self._require_current(offsets, progress)
        try:
            self._records.produce(routes)
            self._records.flush()
        # No other run has this producer's id. So the cluster has lost it, and a new one goes on.
        except FencedError as error:
            raise ClusterInterruptedError(f"producing: {error}") from None
        try:
            done = self._cluster.consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            raise sort_error(
                error.args[0], f"committing the offsets of group {self._cluster.group}"
            ) from None
        for each in done or ():
            if each.error:
                raise sort_error(
                    each.error, f"committing the offsets of group {self._cluster.group}"
                )

    def _require_current(self, offsets: list[TopicPartition], progress: Progress) -> None:
        """Raise if a second run has committed. Without transactions nothing fences it."""
        found = self._cluster.fetch_committed([each.partition for each in offsets])
        if any(progress.is_outdated(each) for each in found):
            raise OutdatedProgressError(self._cluster.topic)


class ExactlyOnce:
    """Records and offsets become visible together, in one transaction for each batch."""

    def __init__(self, cluster: Cluster, stop: StopRequest) -> None:
        """Prepare. open() makes the producer.

        Args:
            cluster: The clients and the topic.
            stop: Shortens the wait for a full queue.
        """
        self._cluster = cluster
        self._records = Records(cluster, stop)
        self._began_at = monotonic()

    def open(self) -> None:
        """Start with a new producer, which fences the former one. Raises CommandError."""
        self._records.open()
        self._began_at = monotonic()
        self._call("init_transactions")

    def send(
        self,
        routes: Sequence[Route],
        offsets: list[TopicPartition],
        progress: Progress,  # noqa: ARG002 - see Delivery
    ) -> None:
        """Produce the batch and commit it in one transaction. Raises CommandError."""
        self._began_at = monotonic()
        try:
            self._call("begin_transaction", has_timeout=False)
            self._records.produce(routes)
            self._records.flush()
            self._call(
                "send_offsets_to_transaction",
                offsets,
                self._cluster.consumer.consumer_group_metadata(),
            )
            self._call("commit_transaction")
        except FencedError as error:
            raise self._explain_fencing(str(error)) from None
        # The program ends now. An open transaction would hold back the readers of its topics.
        except CommandError:
            with suppress(KafkaException):
                self._records.producer.abort_transaction(CALL_S)
            raise

    def _call(self, name: str, *arguments: Any, has_timeout: bool = True) -> None:
        """Call a method of the producer. Repeat it while its error is retriable."""
        end = monotonic() + GIVE_UP_S
        while True:
            self._cluster.check()
            try:
                getattr(self._records.producer, name)(
                    *arguments, *([CALL_S] if has_timeout else [])
                )
            except KafkaException as error:
                passes = error.args[0].retriable() or error.args[0].code() == KafkaError._TIMED_OUT
                if not passes or monotonic() > end:
                    raise self._sort(error.args[0], name) from None
            else:
                return

    def _sort(self, error: KafkaError, name: str) -> Exception:
        if cause(error) in FENCED:
            return self._explain_fencing(error.str())
        if remedy(cause(error), Client.PRODUCER) is Remedy.PERSON:
            return describe(error, name)
        # A new producer aborts the open transaction.
        if error.txn_requires_abort() or error.fatal() or error.retriable():
            return ClusterInterruptedError(f"{name}: {error.str()}")
        return sort_error(error, name)

    def _explain_fencing(self, error: str) -> Exception:
        """Explain fencing: another run, or an outage longer than the transaction's timeout."""
        if monotonic() - self._began_at > OLD_TRANSACTION_S:
            return ClusterInterruptedError(error)
        return OutdatedProgressError(self._cluster.topic)
