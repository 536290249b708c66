"""The producing half of a lane: every record of a batch, in order, and the certainty that it has arrived."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby, islice
from operator import is_, or_
from time import monotonic
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

import config.kafka
from config import Settings
from connectors import clients
from connectors.batch import Batch, TopicPartitionKey
from connectors.brokers import Brokers
from connectors.errors import (
    ConnectorError,
    DeliveryError,
    ForgottenError,
    HalfWrittenError,
    Interrupted,
    NotAllowedError,
    ProducerError,
    StoresChangedError,
)
from connectors.function_errors import result_error
from connectors.headers import Forwarding, Headers
from connectors.known import Known
from connectors.leaders import Leaders
from connectors.letter_forms import Letter, next_form
from connectors.partitioning import partitioner
from connectors.progress import Progress
from connectors.record_errors import is_about_record, kafka_error
from connectors.record_sizes import fits
from connectors.statistics import Statistics, parse_document, producer
from connectors.values import are_exact, exact
from runtime.meters import Sample

DELIVERY_S = 5.0  # given to records on their way when the key or trust store has changed
REPORT = 0.5  # seconds given to a delivery report that is on its way
FLUSH_S = 0.1  # one flush; see Output.delivered
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
GiveUp = Callable[[Batch, str, Message, BaseException], None]
Wait = Callable[[Callable[[], bool]], None]
Row = tuple[Message, bytes | None, Any, Headers | None]  # the record, its key, the value by now, its headers


class Output:
    """A producer and the first delivery that failed. After a failure nothing may be committed."""

    def __init__(self, settings: Settings, brokers: Brokers) -> None:
        """Raises ClientError when librdkafka refuses the settings."""
        self._topic = settings.output_destination
        self._topics = {self._topic}  # and those of dead letters, once there are any
        self._content_type = settings.output_content_type.encode() if settings.output_content_type else None
        self._forwarded = Forwarding(self._content_type)
        self._settings = settings
        self._properties = config.kafka.producer_config(settings)
        self._brokers = brokers
        self._transactional = settings.transactional_id is not None
        self._partitioner = partitioner(settings)
        self._max_bytes = int(config.kafka.producer_config(settings)["message.max.bytes"])
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
        self._store_version = self._brokers.store_version
        self._outdated_since = 0.0
        self._statistics = Statistics(lambda document: producer(document, self.undelivered))
        properties = self._properties | (self._brokers.stores.producer if self._brokers.stores else {})
        return clients.make_producer(properties, self._brokers, self._on_delivery, self._on_statistics)

    def _on_statistics(self, statistics: str) -> None:
        if (document := parse_document(statistics)) is None:
            return
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
        """Whether everything produced so far is confirmed, waiting `timeout` seconds at most. Raises as check() does.

        Never a flush of 200 ms or more: the client would divide it, and go on after a callback has left an exception.
        """
        end = monotonic() + timeout
        while self._serve(self.producer.flush, max(0.0, min(FLUSH_S, end - monotonic()))):
            if monotonic() >= end:
                return False
        return True

    def write(self, batch: Batch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters.

        When the producer's queue is full, `wait(has_room)` waits until the callable it is given returns True, or raises. A record that
        cannot be read, placed or converted, or that the client refuses, is given up (see Recovery.give_up).
        Raises DeadLetterError for a dead letter that is refused in every form, HalfWrittenError for a record that is refused when some
        of its values are produced, Interrupted when the transaction has failed.
        """
        if not are_exact(batch.values):
            _make_exact(batch, give_up)
        went_out = (self._write_divided if batch.divided else self._write_each)(batch, wait, give_up)
        self.dropped += max(0, batch.taken - went_out - len(batch.given_up))
        for number, (message, letter) in enumerate(batch.dead):
            for refusal in batch.refused_letters:
                letter = next_form(message, letter, refusal)  # noqa: PLW2901 - the same letter in another form
            batch.dead[number] = message, self._write_dead(message, letter, wait)

    def _write_each(self, batch: Batch, wait: Wait, give_up: GiveUp) -> int:
        """Produce records of one value each; how many went out."""
        before = self.sent
        rows = zip(batch.messages, map(Message.key, batch.messages), batch.values, batch.headers, strict=True)
        while True:
            try:
                self._write_rows(batch, rows, wait, give_up)
            except (ConnectorError, Interrupted):
                raise
            except BaseException as error:  # headers that cannot be read; `rows` goes on with the next record
                if not batch.reads_headers or not is_about_record(error):
                    raise
                batch.give_up_unreadable(error)
            else:
                return self.sent - before

    def _write_rows(self, batch: Batch, rows: Iterator[Row], wait: Wait, give_up: GiveUp) -> int:
        """Produce the next rows; how many went out. Raises what reading headers raises."""
        sent, topic, partitioner, given, produce = 0, self._topic, self._partitioner, self._content_type, self.producer.produce
        try:
            for message, key, value, headers in rows:
                if value is None and (message.value() is not None or id(message) in batch.given_up):
                    continue  # dropped by a step, or given up; a null value of its own goes on
                arguments: tuple[Any, ...] = (topic, value, key)
                try:
                    if headers or given:  # by position: keywords cost more than the headers' rules
                        arguments += (-1, None, None, 0, self._forwarded(headers or []))
                    if partitioner:
                        arguments = partitioner.placed(message, headers or [], arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record
                    _give_up(batch, message, [value], self._refusal(error, topic), give_up)
                    continue
                try:
                    produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - likewise, or the queue is full
                    if (refused := self._refused(arguments, error, wait)) is not None:
                        _give_up(batch, message, [value], refused, give_up)
                        continue
                sent += 1
        finally:
            self.sent += sent
        return sent

    def _refused(self, arguments: tuple[Any, ...], error: BaseException, wait: Wait) -> BaseException | None:
        """Why the record is given up that produce() has not taken; None if it is taken once there is room."""
        full = issubclass(type(error), BufferError)
        return self._produce(arguments, wait) if full else self._refusal(error, arguments[0])

    def _write_divided(self, batch: Batch, wait: Wait, give_up: GiveUp) -> int:
        """Produce a batch in which some records have several values, in order: of each record all values, or none of them.

        Returns:
            How many records went out.
        """
        went_out = 0
        same = list(map(is_, batch.messages, batch.messages[1:]))
        several = map(or_, [*same, False], [False, *same])
        rows = zip(batch.messages, map(Message.key, batch.messages), batch.values, batch.headers, strict=True)
        for are_several, run in groupby(several):
            write = self._write_several if are_several else self._write_rows
            went_out += write(batch, islice(rows, len(list(run))), wait, give_up)
        return went_out

    def _write_several(self, batch: Batch, rows: Iterator[Row], wait: Wait, give_up: GiveUp) -> int:
        """Produce records of several values each; how many went out.

        Each value is placed and checked before the first one of its record is produced.
        """
        went_out = 0
        for _, group in groupby(rows, key=_identity):
            of_record = list(group)
            message, key, _, headers = of_record[0]
            values = [row[2] for row in of_record]
            try:
                ready = self._checked(message, key, self._going_out(batch, message, values), headers or [])
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                _give_up(batch, message, values, self._refusal(error, self._topic), give_up)
                continue
            for number, arguments in enumerate(ready):
                try:
                    self.producer.produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - likewise, or the queue is full
                    if (refused := self._refused(arguments, error, wait)) is not None:
                        if number:
                            raise HalfWrittenError(message, refused) from None
                        give_up(batch, "output", message, refused)
                        break
                self.sent += 1
            else:
                went_out += bool(ready)
        return went_out

    def _going_out(self, batch: Batch, message: Message, values: list[Any]) -> list[Any]:
        if None not in values or (message.value() is None and id(message) not in batch.given_up):
            return values
        return [value for value in values if value is not None]

    def _checked(self, message: Message, key: bytes | None, values: list[Any], headers: Headers) -> list[tuple[Any, ...]]:
        """The arguments of Producer.produce for each value. Raises what produce() would raise for one of them."""
        rest: tuple[Any, ...] = (-1, None, None, 0, self._forwarded(headers)) if headers or self._content_type else ()
        ready = [(self._topic, value, key, *rest) for value in values]
        if self._partitioner:
            ready = [self._partitioner.placed(message, headers, arguments) for arguments in ready]
        longest: bytes | None = b""
        for value in values:
            if type(value) is not bytes:
                longest = None
                if value is not None:
                    value.encode()
            elif longest is not None and len(value) > len(longest):
                longest = value
        # All have the same headers: where the longest value fits, each does.
        weighed = ready if longest is None or self._partitioner else [(self._topic, longest, key, *rest)]
        for _, value, _, *others in weighed:
            if not fits(value, key, others[-1] if others else [], self._max_bytes):
                raise DeliveryError(self._topic, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), by_client=True)
        return ready

    def _write_dead(self, message: Message, letter: Letter, wait: Wait) -> Letter:
        """Produce the dead letter of `message`, in the first form that the client takes; that form."""
        self._topics.add(letter[0])
        while (refused := self._produce(letter, wait)) is not None:
            letter = next_form(message, letter, refused)
        return letter

    def _produce(self, arguments: tuple[Any, ...], wait: Wait) -> BaseException | None:
        """Produce one record, waiting for room; the error if the record is refused. Raises what is about anything else."""
        refused: BaseException | None = None

        def fits() -> bool:
            nonlocal refused
            is_queue_empty = not len(self.producer)
            try:
                self.producer.produce(*arguments)
            except BufferError:
                self.check()
                if is_queue_empty:  # the record alone is larger than the queue: there will never be room
                    refused = KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
                return is_queue_empty
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                refused = error
            return True

        if not fits():
            wait(fits)
        return None if refused is None else self._refusal(refused, arguments[0])

    def _refusal(self, error: BaseException, topic: str) -> BaseException:
        """The reason to give a record up. Raises ConnectorError or Interrupted when the record is not the reason."""
        if issubclass(type(error), KafkaException) and (cause := kafka_error(error)) is not None:
            if cause.code() in _ENDED and self._transactional:  # the next call for the transaction says why
                raise Interrupted from error
            if cause.code() == KafkaError._FATAL or cause.fatal():
                raise self._end_of_producer(cause) from error
            error = _failure(topic, cause, by_client=True)
        if not is_about_record(error):
            raise error
        return error

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
        if self._store_version != self._brokers.store_version and self._may_be_replaced():
            self._store_version = self._brokers.store_version  # told once
            raise ForgottenError(KafkaError(KafkaError._SSL, StoresChangedError.WHY))
        return result

    def _may_be_replaced(self) -> bool:
        """Nothing is on its way, or it does not arrive."""
        self._outdated_since = self._outdated_since or monotonic()
        return not len(self.producer) or monotonic() - self._outdated_since > DELIVERY_S


def _identity(row: Row) -> int:
    return id(row[0])


def _make_exact(batch: Batch, give_up: GiveUp) -> None:
    """Have the batch hold bytes, str and None alone. A record with another value is given up."""
    for index, value in enumerate(batch.values):
        try:
            batch.values[index] = exact(value)
        except TypeError as error:
            batch.values[index] = None
            _give_up(batch, batch.messages[index], [value], error, give_up)
    batch.drop_given_up()


def _give_up(batch: Batch, message: Message, values: list[Any], error: BaseException, give_up: GiveUp) -> None:
    """Give the record up in the name of the function that returned what Kafka cannot take, or else of the output."""
    if batch.made_by:
        step, function, verb = batch.made_by
        for value in values:
            if wrong := result_error(function, verb, value):
                give_up(batch, step, message, wrong)
                return
    give_up(batch, "output", message, error)


def _failure(topic: str, error: KafkaError, *, by_client: bool = False) -> ConnectorError:
    if error.code() in NotAllowedError.NEEDED:
        return NotAllowedError(error, f"WRITE on the topic {topic}")
    return DeliveryError(topic, error, by_client=by_client)
