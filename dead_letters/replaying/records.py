"""The producer of a run, and its records in flight."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.errors.exceptions import RECORD_CODES
from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Client, Remedy
from dead_letters.cluster import Cluster
from dead_letters.errors import ClusterInterruptedError, RecordRejectedError, describe
from dead_letters.replaying.routing import Route
from dead_letters.replaying.stopping import StopRequest

FLUSH_S = 0.2  # of one call: a longer flush() may run a callback with an exception set
REPORT_POLLS = 5  # polls for delivery reports after a fatal error
GIVE_UP_S = 45.0  # of one step; shorter than a transaction's time-out
STOP_S = 5.0  # of a wait for room in the queue after a stop request
FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class FencedError(Exception):
    """Another producer with the same transactional id has fenced this one."""


class Records:
    """The producer and its records in flight."""

    def __init__(self, cluster: Cluster, stop: StopRequest) -> None:
        """Prepare. open() makes the producer.

        Args:
            cluster: The clients and the topic.
            stop: Shortens the wait for a full queue.
        """
        self._cluster = cluster
        self._stop = stop
        self._failures: list[KafkaError] = []
        self.producer: Producer

    def open(self) -> None:
        """Make a producer. Records of an earlier producer that are in flight are given up."""
        if hasattr(self, "producer"):
            self.producer.purge()
            self.producer.flush(FLUSH_S)
        self._failures = failures = []
        self.producer = self._cluster.make_producer(
            lambda error, _: failures.append(error) if error else None
        )

    def produce(self, routes: Sequence[Route]) -> None:
        """Put the records into the queue. Wait for room GIVE_UP_S at most for each record.

        Args:
            routes: The records.

        Raises:
            ClusterInterruptedError: The queue stays full, or the error may pass.
            CommandError: The run cannot go on.
            FencedError: Another producer has fenced this one.
            RecordRejectedError: A record is rejected for good.
        """
        for route in routes:
            began_at: float | None = None  # of the wait for room
            while not self._enqueue(route):
                began_at = monotonic() if began_at is None else began_at
                self._wait_for_room(began_at)

    def _enqueue(self, route: Route) -> bool:
        """Put a record into the queue. Return False if the queue is full."""
        try:
            self.producer.produce(*route.arguments)
        except BufferError:
            return False
        except KafkaException as error:
            raise self._explain(error.args[0]) from None
        return True

    def _wait_for_room(self, began_at: float) -> None:
        """Wait once for deliveries. Records never expire, so an outage leaves the queue full."""
        self._serve(lambda: self.producer.poll(FLUSH_S))
        # A live broker soon makes room, even after a stop request. Then the batch is finished, and
        # no record is sent twice.
        limit = STOP_S if self._stop.is_set else GIVE_UP_S
        if monotonic() - began_at > limit:
            raise ClusterInterruptedError(f"records are not delivered after {limit:g} s")

    def flush(self) -> None:
        """Wait until every record is delivered. Raises as produce() does."""
        end = monotonic() + GIVE_UP_S
        while self._serve(lambda: self.producer.flush(FLUSH_S)):
            if monotonic() > end:
                raise ClusterInterruptedError(f"records are not delivered after {GIVE_UP_S:g} s")

    def _serve(self, call: Callable[[], int]) -> int:
        """Make a call that runs delivery callbacks. The call may raise a fatal error."""
        try:
            left = call()
        except KafkaException as error:
            raise self._explain(error.args[0]) from None
        self._cluster.check()
        if self._failures:
            raise self._explain(self._failures[0])
        return left

    def _explain(self, error: KafkaError) -> Exception:
        """Return the error to raise. A rejected record counts more than the error after it."""
        for _ in range(REPORT_POLLS):
            rejected = [each for each in (error, *self._failures) if each.code() in RECORD_CODES]
            if rejected:
                return RecordRejectedError(rejected[0])
            if not error.fatal():
                break
            with suppress(KafkaException):
                self.producer.poll(FLUSH_S)
        if cause(error) in FENCED:
            return FencedError(error.str())
        return sort_error(error, "producing")


def sort_error(error: KafkaError, what: str) -> Exception:
    """Return ClusterInterruptedError for an error that may pass, and CommandError for another.

    Args:
        error: The client's error.
        what: What was tried, for the text.
    """
    if remedy(cause(error), Client.PRODUCER) in (Remedy.WAIT, Remedy.NEW_CLIENT):
        return ClusterInterruptedError(f"{what}: {error.str()}")
    return describe(error, what)
