"""The producing half of a lane: every record of a batch, in order, and the certainty that it has arrived."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from config import Settings
from connectors import clients
from connectors.batch import Batch, TopicPartitionKey
from connectors.brokers import Brokers
from connectors.errors import (
    ConnectorError,
    DeliveryError,
    ForgottenError,
    Interrupted,
    NotAllowedError,
    PlacementError,
    ProducerError,
)
from connectors.function_errors import result_error
from connectors.headers import Forwarding
from connectors.known import Known
from connectors.leaders import Leaders
from connectors.partitioning import partitioner
from connectors.progress import Progress
from connectors.statistics import Statistics, producer
from runtime.meters import Sample

REPORT = 0.5  # seconds given to a delivery report that is on its way
_PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}  # dropped with the transaction
# The producer has lost its place with the broker (its state is gone after a crash), or the outage was too long for a transaction: that
# costs the transaction, or the producer, and not the process.
_LOST_PLACE = {
    KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
    KafkaError.UNKNOWN_PRODUCER_ID,
    KafkaError.INVALID_PRODUCER_EPOCH,
    KafkaError.INVALID_PRODUCER_ID_MAPPING,
    KafkaError.INVALID_TXN_STATE,
    KafkaError._MSG_TIMED_OUT,
    KafkaError._TIMED_OUT,
    KafkaError._FATAL,
    KafkaError._FENCED,
    KafkaError._STATE,
}
_ENDED = {KafkaError._STATE, KafkaError._FATAL}  # the transaction has failed, or the producer has
GiveUp = Callable[[Batch, str, Message, Exception], None]


class Output:
    """A producer and the first delivery that failed. After a failure nothing may be committed."""

    def __init__(self, settings: Settings, brokers: Brokers) -> None:
        """Raises ClientError when librdkafka refuses the settings."""
        self._topic = settings.output_destination
        self._topics = {self._topic}  # and those of dead letters, once there are any
        self._content_type = settings.output_content_type.encode() if settings.output_content_type else None
        self._forwarded = Forwarding(self._content_type)
        self._settings = settings
        self._brokers = brokers
        self._transactional = settings.transactional_id is not None
        self._partitioner = partitioner(settings)
        self.samples: tuple[Sample, ...] = ()  # of the producer's statistics
        self.leaders = Leaders()  # of the partitions written to
        self._progress = Progress()
        self.undelivered = 0  # deliveries that have failed
        self.unconfirmed = 0  # and those dropped with their transaction
        self.producer = self._make()
        self.failure: ConnectorError | None = None
        self.sent = 0
        self.dropped = 0

    def bound(self, partitions: Mapping[str, int]) -> None:
        """`partitions`: how many each topic has."""
        if self._partitioner:
            self._partitioner.found(partitions[self._topic])

    def rebuild(self) -> None:
        """A new producer in place of one that is of no use any more; what it had not delivered is dropped."""
        self.leaders = Leaders()
        self.producer, self.failure = self._make(), None

    def _make(self) -> Producer:
        self._known = Known()  # to the producer
        self._statistics = Statistics(lambda document: producer(document, self.undelivered))
        return clients.make_producer(self._settings, self._brokers, self._on_delivery, self._on_statistics)

    def _on_statistics(self, statistics: str) -> None:
        document = json.loads(statistics)
        self.samples = self._statistics.take(document)
        self.leaders.take(document)
        self._known.take(document)

    def partitions(self) -> list[TopicPartitionKey]:
        """Every partition of the topics written to. Raises as clients.leaders does."""
        return [(topic, number) for topic in self._topics for number in self._leaders_of(topic)]

    def check(self) -> None:
        """Serve delivery reports.

        Raises DeliveryError when a delivery has failed, TopicGoneError when none ever will be made, ProducerError when the client has
        failed.
        """
        self._serve(self.producer.poll, 0)
        if self._brokers.trouble is None:
            self._ask_for_topics()

    def _ask_for_topics(self) -> None:
        """Ask the cluster whether all is well with the topics, should there be reason to doubt it: the client may wait for ever."""
        if lost := self.leaders.overlooked(self._leaders_of):
            raise ForgottenError(KafkaError(KafkaError.LEADER_NOT_AVAILABLE, f"it has overlooked that {lost} has a leader again"))
        if self._progress.stands(len(self.producer)):
            with suppress(KafkaException):  # no broker answers: nothing can be said
                for topic in self._topics:
                    self._leaders_of(topic)

    def _leaders_of(self, topic: str) -> Mapping[int, int]:
        return clients.leaders(self.producer, topic)

    def delivered(self, timeout: float) -> bool:
        """Whether everything produced so far is confirmed, waiting `timeout` seconds at most. Raises as check() does."""
        return self._serve(self.producer.flush, timeout) == 0

    def write(self, batch: Batch, wait: Callable[[Callable[[], bool]], None], give_up: GiveUp) -> None:
        """Produce the batch and its dead letters.

        When the producer's queue is full, `wait(has_room)` waits until the callable it is given returns True, or raises. What the
        client refuses, a value that is no bytes, str or None, and a record that cannot be placed is given up (see Recovery.give_up).
        Raises DeliveryError for a dead letter that is refused, Interrupted when the transaction has failed.
        """
        sent, topic, partitioner, given, produce = 0, self._topic, self._partitioner, self._content_type, self.producer.produce
        keys = map(Message.key, batch.messages)
        for message, key, value, headers in zip(batch.messages, keys, batch.values, batch.headers, strict=True):
            if value is None and message.value() is not None:
                continue  # dropped by a step; a null value of its own goes on
            arguments: tuple[Any, ...] = (topic, value, key)
            if headers or given:  # by position: keywords cost more than the headers' rules
                arguments += (-1, None, None, 0, self._forwarded(headers or []))
            try:
                if partitioner:
                    arguments = partitioner.placed(message, headers or [], arguments)
                produce(*arguments)
            except BufferError:
                if not self._produced_later(batch, message, arguments, wait, give_up):
                    continue
            except (KafkaException, TypeError, PlacementError) as error:
                step, cause = _blamed(batch, value, self._refusal(error, self._topic))
                give_up(batch, step, message, cause)
                continue
            sent += 1
        self.sent += sent
        self.dropped += max(0, len(batch.messages) - sent - len(batch.dead))
        for _, letter in batch.dead:
            self._write_dead(letter, wait)

    def _produced_later(
        self,
        batch: Batch,
        message: Message,
        arguments: tuple[Any, ...],
        wait: Callable[[Callable[[], bool]], None],
        give_up: GiveUp,
    ) -> bool:
        try:
            wait(lambda: self._fits(arguments))
        except KafkaException as error:
            give_up(batch, "output", message, self._refusal(error, self._topic))
            return False
        return True

    def _write_dead(self, letter: tuple[Any, ...], wait: Callable[[Callable[[], bool]], None]) -> None:
        self._topics.add(letter[0])
        try:
            wait(lambda: self._fits(letter))
        except KafkaException as error:
            refusal = self._refusal(error, letter[0])
            if isinstance(refusal, DeliveryError):
                refusal.about_the_record = False  # which is known already: reading again would not get round it
            raise refusal from error

    def _fits(self, arguments: tuple[Any, ...]) -> bool:
        self.check()
        try:
            self.producer.produce(*arguments)
        except BufferError:
            return False
        return True

    def _refusal(self, error: Exception, topic: str) -> Exception:
        """What to tell of a record that produce() refused. Raises ConnectorError or Interrupted when the record is not the reason."""
        if not isinstance(error, KafkaException):
            return error
        cause = error.args[0]
        if cause.code() in _ENDED and self._transactional:  # the next call for the transaction says why
            raise Interrupted from error
        if cause.code() == KafkaError._FATAL or cause.fatal():
            raise self._end_of_producer(cause) from error
        failure = _failure(topic, cause, by_client=True)
        if isinstance(failure, DeliveryError) and failure.about_the_record:
            return failure
        raise failure from error

    def _end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Why the client sends no more: a record was refused, of which a report is on its way, or something worse has happened."""
        end = monotonic() + REPORT
        while not self.failure and monotonic() < end:
            with suppress(KafkaException):
                self.producer.poll(REPORT / 10)
        return self.failure or ProducerError(error)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        """Called for failed deliveries only (delivery.report.only.error), inside poll() and flush()."""
        if error is None:
            return
        self.unconfirmed += 1
        if error.code() in _PURGED:
            return
        self.undelivered += 1
        if self.failure:
            return
        if error.code() not in _LOST_PLACE:
            self.failure = _failure(str(message.topic()), error)
        elif not self._transactional:  # else the next call for the transaction says so
            self.failure = ProducerError(error)

    def _serve(self, call: Callable[[float], int], timeout: float) -> int:
        try:
            result = call(timeout)
        except KafkaException as error:  # a fatal error of the client is raised here, not given to error_cb
            raise self._end_of_producer(error.args[0]) from error
        if self.failure:
            raise self.failure
        if self._known.none:
            self._known = Known()  # told once
            raise ForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE, "it has forgotten every broker"))
        return result


def _blamed(batch: Batch, value: object, error: Exception) -> tuple[str, Exception]:
    """The step to be named and what to tell: the function that gave back what is no value, or else the output."""
    if batch.made_by:
        step, function, verb = batch.made_by
        if wrong := result_error(function, verb, value):
            return step, wrong
    return "output", error


def _failure(topic: str, error: KafkaError, *, by_client: bool = False) -> ConnectorError:
    if error.code() in NotAllowedError.NEEDED:
        return NotAllowedError(error, f"WRITE on the topic {topic}")
    return DeliveryError(topic, error, by_client=by_client)
