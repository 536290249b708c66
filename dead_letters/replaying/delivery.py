"""Sends a batch's records and commits: in a transaction, or at least once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from connectors.errors.exceptions import RECORD_CODES
from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Client, Remedy
from dead_letters.cluster import TRANSACTION_TIMEOUT_MS, Cluster
from dead_letters.errors import (
    ClusterInterruptedError,
    CommandError,
    OutdatedProgressError,
    RecordRejectedError,
    describe,
)
from dead_letters.replaying.progress import Progress
from dead_letters.replaying.routing import Route

FLUSH_S = 0.2  # of one call: a longer one may run a callback with an exception set
REPORT_POLLS = 5  # after a fatal error
CALL_S = 5.0
GIVE_UP_S = 45.0  # of one step; shorter than the time-out of a transaction
OLD_TRANSACTION_S = 0.8 * TRANSACTION_TIMEOUT_MS / 1000
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class Delivery(Protocol):
    """Sends records and commits progress, under one delivery guarantee."""

    def open(self) -> None:
        """Make a new producer. What an earlier one left undecided is aborted."""

    def send(
        self, routes: Sequence[Route], offsets: list[TopicPartition], progress: Progress
    ) -> None:
        """Deliver the records in their order, then commit the offsets.

        Args:
            routes: The records; may be empty.
            offsets: The progress after them.
            progress: As it was committed before them.

        Raises:
            RecordRejectedError: A record is refused for good. No offset is committed; `open` is
                needed next.
            ClusterInterruptedError: The run has to go on from its committed offsets.
            CommandError: Nothing helps.
        """


class AtLeastOnce:
    """Delivers, then commits: after a kill the records of one batch are sent again."""

    def __init__(self, cluster: Cluster) -> None:
        """Prepare; open() makes the producer.

        Args:
            cluster: Where the letters are.
        """
        self._cluster = cluster
        self._records = _Records(cluster)

    def open(self) -> None:
        """Start with a new producer."""
        self._records.open()

    def send(
        self, routes: Sequence[Route], offsets: list[TopicPartition], progress: Progress
    ) -> None:
        """Produce the batch, wait for its deliveries, then commit. Raises CommandError."""
        self._require_current(offsets, progress)
        self._records.produce(routes)
        self._records.flush()
        try:
            done = self._cluster.consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            raise _sort(
                error.args[0], f"committing the offsets of group {self._cluster.group}"
            ) from None
        for each in done or ():
            if each.error:
                raise _sort(each.error, f"committing the offsets of group {self._cluster.group}")

    def _require_current(self, offsets: list[TopicPartition], progress: Progress) -> None:
        """Without transactions nothing fences a second run: its commits show it."""
        found = self._cluster.fetch_committed([each.partition for each in offsets])
        if any(progress.is_outdated(each) for each in found):
            raise OutdatedProgressError(self._cluster.topic)


class ExactlyOnce:
    """Records and offsets become visible together, in one transaction for each batch."""

    def __init__(self, cluster: Cluster) -> None:
        """Prepare; open() makes the producer.

        Args:
            cluster: Where the letters are.
        """
        self._cluster = cluster
        self._records = _Records(cluster)
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
        except _FencedError as error:
            raise self._explain_fencing(str(error)) from None
        # The program ends: an open transaction would hold back the readers of its topics.
        except CommandError:
            with suppress(KafkaException):
                self._records.producer.abort_transaction(CALL_S)
            raise

    def _call(self, name: str, *arguments: Any, has_timeout: bool = True) -> None:
        """Make a call of the producer; one that is retriable goes on where it left off."""
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
        if cause(error) in _FENCED:
            return self._explain_fencing(error.str())
        if remedy(cause(error), Client.PRODUCER) is Remedy.PERSON:
            return describe(error, name)
        # A new producer aborts what is open.
        if error.txn_requires_abort() or error.fatal() or error.retriable():
            return ClusterInterruptedError(f"{name}: {error.str()}")
        return _sort(error, name)

    def _explain_fencing(self, error: str) -> Exception:
        """Explain fencing: another run, or an outage longer than the transaction's timeout."""
        if monotonic() - self._began_at > OLD_TRANSACTION_S:
            return ClusterInterruptedError(error)
        return OutdatedProgressError(self._cluster.topic)


class _FencedError(Exception):
    """The broker does not take records of this producer any more."""


class _Records:
    """The producer and its records in flight."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._failures: list[KafkaError] = []
        self.producer: Producer

    def open(self) -> None:
        """Make a producer; the records of an earlier one that are still in flight are given up."""
        if hasattr(self, "producer"):
            self.producer.purge()
            self.producer.flush(FLUSH_S)
        self._failures = failures = []
        self.producer = self._cluster.make_producer(
            lambda error, _: failures.append(error) if error else None
        )

    def produce(self, routes: Sequence[Route]) -> None:
        for route in routes:
            while True:
                try:
                    self.producer.produce(*route.arguments)
                except BufferError:
                    self._serve(lambda: self.producer.poll(FLUSH_S))
                except KafkaException as error:
                    raise self._explain(error.args[0]) from None
                else:
                    break

    def flush(self) -> None:
        """Wait until every record is delivered."""
        end = monotonic() + GIVE_UP_S
        while self._serve(lambda: self.producer.flush(FLUSH_S)):
            if monotonic() > end:
                raise ClusterInterruptedError(f"records are not delivered after {GIVE_UP_S:g} s")

    def _serve(self, call: Callable[[], int]) -> int:
        """Make a call that serves delivery reports. The client may raise a fatal error from it."""
        try:
            left = call()
        except KafkaException as error:
            raise self._explain(error.args[0]) from None
        self._cluster.check()
        if self._failures:
            raise self._explain(self._failures[0])
        return left

    def _explain(self, error: KafkaError) -> Exception:
        """Explain a rejection by the delivery reports: it fails the batch, or ends the producer."""
        for _ in range(REPORT_POLLS):
            rejected = [each for each in (error, *self._failures) if each.code() in RECORD_CODES]
            if rejected:
                return RecordRejectedError(rejected[0])
            if not error.fatal():
                break
            with suppress(KafkaException):
                self.producer.poll(FLUSH_S)
        if cause(error) in _FENCED:
            return _FencedError(error.str())
        return _sort(error, "producing")


def _sort(error: KafkaError, what: str) -> Exception:
    if remedy(cause(error), Client.PRODUCER) in (Remedy.WAIT, Remedy.NEW_CLIENT):
        return ClusterInterruptedError(f"{what}: {error.str()}")
    return describe(error, what)
