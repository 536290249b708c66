"""Producing the records of a batch in order, each with its headers and its partition, and the dead
letters after them.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from operator import is_, or_
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

import config.librdkafka.client_config
from config import Settings
from connectors.errors.exceptions import (
    ConnectorError,
    DeliveryError,
    HalfWrittenError,
    Interrupted,
)
from connectors.errors.record_errors import delivery_error, is_about_record, kafka_error
from connectors.failures.dead_letter_forms import Letter, next_form
from connectors.functions.errors import result_error
from connectors.functions.values import are_exact, exact
from connectors.produce.partitioner import partitioner
from connectors.produce.record_sizes import fits, longest_value
from connectors.records.batch import RecordBatch
from connectors.records.headers import Forwarding, Headers, with_content_type

_ENDED = {KafkaError._STATE, KafkaError._FATAL}  # the transaction has failed, or the producer has
GiveUp = Callable[[RecordBatch, str, Message, BaseException], None]
Wait = Callable[[Callable[[], bool]], None]
# The record, its key, the value by now, its headers.
Row = tuple[Message, bytes | None, Any, Headers | None]


class ProducerOwner(Protocol):
    """What a RecordWriter asks of the output that it is a part of."""

    producer: Producer  # another one after a rebuild

    def raise_for_failed_delivery(self) -> None:
        """Serve delivery reports. Raises ConnectorError when one of them, or the client, has
        failed.
        """

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Why the client sends no more."""


class RecordWriter:
    """Produces records through the producer of an output, and counts them."""

    def __init__(self, settings: Settings, output: ProducerOwner) -> None:
        """`output` makes its producer later: only write() needs it."""
        self._output = output
        self._topic = settings.output_destination
        self.topics = {self._topic}  # and those of dead letters, once there are any
        self._content_type = (
            settings.output_content_type.encode() if settings.output_content_type else None
        )
        self._forwarded = Forwarding(self._content_type)
        self._transactional = settings.transactional_id is not None
        self._partitioner = partitioner(settings)
        self._max_bytes = int(
            config.librdkafka.client_config.producer_config(settings)["message.max.bytes"]
        )
        self.sent = 0
        self.dropped = 0

    def bound(self, partitions: Mapping[str, int]) -> None:
        """`partitions`: how many each topic has."""
        if self._partitioner:
            self._partitioner.found(partitions[self._topic])

    def write(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters; see Output.write."""
        if not (batch.is_exact or are_exact(batch.values)):
            _make_exact(batch, give_up)
        went_out = (self._write_divided if batch.divided else self._write_each)(
            batch, wait, give_up
        )
        self.dropped += max(0, batch.taken - went_out - len(batch.given_up))
        for number, (message, letter) in enumerate(batch.dead_letters):
            for refusal in batch.refused_letters:
                letter = next_form(message, letter, refusal)  # noqa: PLW2901 - the same letter in another form
            batch.dead_letters[number] = message, self._write_dead(message, letter, wait)

    def _write_each(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> int:
        """Produce records of one value each; how many went out."""
        before = self.sent
        rows = zip(batch.messages, batch.keys, batch.values, batch.headers, strict=True)
        while True:
            try:
                self._write_rows(batch, rows, wait, give_up)
            except (ConnectorError, Interrupted):
                raise
            # Headers that cannot be read; `rows` goes on with the next record.
            except BaseException as error:
                if not batch.reads_headers or not is_about_record(error):
                    raise
                batch.give_up_unreadable(error)
            else:
                return self.sent - before

    def _write_rows(
        self, batch: RecordBatch, rows: Iterator[Row], wait: Wait, give_up: GiveUp
    ) -> int:
        """Produce the next rows; how many went out. Raises what reading headers raises."""
        sent, topic, partitioner, given = (
            0,
            self._topic,
            self._partitioner,
            batch.content_type or self._content_type,
        )
        forwarded = self._forwarding(batch.content_type)
        produce = self._output.producer.produce
        try:
            for message, key, value, headers in rows:
                if value is None and (message.value() is not None or id(message) in batch.given_up):
                    continue  # dropped by a step, or given up; a null value of its own goes on
                arguments: tuple[Any, ...] = (topic, value, key)
                try:
                    if headers or given:  # by position: keywords cost more than the headers' rules
                        arguments += (-1, None, None, 0, forwarded(headers or []))
                    if partitioner:
                        arguments = partitioner.with_partition(message, headers or [], arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record
                    _give_up(batch, message, [value], self._refusal(error, topic), give_up)
                    continue
                try:
                    produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record; or the queue is full
                    if (refused := self._refused(arguments, error, wait)) is not None:
                        _give_up(batch, message, [value], refused, give_up)
                        continue
                sent += 1
        finally:
            self.sent += sent
        return sent

    def _forwarding(self, content_type: bytes | None) -> Callable[[Headers], Headers]:
        """What makes the headers to send on, with this contentType where a function has set one."""
        if content_type is None:
            return self._forwarded
        return lambda headers: self._forwarded(with_content_type(headers, content_type))

    def _refused(
        self, arguments: tuple[Any, ...], error: BaseException, wait: Wait
    ) -> BaseException | None:
        """Why the record is given up that produce() has not taken; None if it is taken once there
        is room.
        """
        full = issubclass(type(error), BufferError)
        return self._produce(arguments, wait) if full else self._refusal(error, arguments[0])

    def _write_divided(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> int:
        """Produce a batch in which some records have several values, in order: of each record all
        values, or none of them.

        Returns:
            How many records went out.
        """
        went_out = 0
        same = list(map(is_, batch.messages, batch.messages[1:]))
        several = map(or_, [*same, False], [False, *same])
        rows = zip(batch.messages, batch.keys, batch.values, batch.headers, strict=True)
        for are_several, run in groupby(several):
            write = self._write_several if are_several else self._write_rows
            went_out += write(batch, islice(rows, len(list(run))), wait, give_up)
        return went_out

    def _write_several(
        self, batch: RecordBatch, rows: Iterator[Row], wait: Wait, give_up: GiveUp
    ) -> int:
        """Produce records of several values each; how many went out.

        Each value is placed and checked before the first one of its record is produced.
        """
        went_out, forwarded = 0, self._forwarding(batch.content_type)
        for _, group in groupby(rows, key=_identity):
            of_record = list(group)
            message = of_record[0][0]
            values = [row[2] for row in of_record]
            try:
                ready = self._checked(batch, of_record, values, forwarded)
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                _give_up(batch, message, values, self._refusal(error, self._topic), give_up)
                continue
            for number, arguments in enumerate(ready):
                try:
                    self._output.producer.produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record; or the queue is full
                    if (refused := self._refused(arguments, error, wait)) is not None:
                        if number:
                            raise HalfWrittenError(message, refused) from None
                        give_up(batch, "output", message, refused)
                        break
                self.sent += 1
            else:
                went_out += bool(ready)
        return went_out

    def _checked(
        self,
        batch: RecordBatch,
        rows: list[Row],
        values: list[Any],
        forwarded: Callable[[Headers], Headers],
    ) -> list[tuple[Any, ...]]:
        """The arguments of Producer.produce for each value that goes out. Raises what produce()
        would raise for one of them.
        """
        message = rows[0][0]
        if None in values and (message.value() is not None or id(message) in batch.given_up):
            rows = [row for row in rows if row[2] is not None]
            values = [row[2] for row in rows]
        if not rows:
            return []
        _, key, _, headers = rows[0]
        always = batch.content_type or self._content_type
        rest: tuple[Any, ...] = (
            (-1, None, None, 0, forwarded(headers or [])) if headers or always else ()
        )
        if batch.has_own_keys:  # and headers: of each value
            ready = [
                (
                    self._topic,
                    value,
                    own_key,
                    *((-1, None, None, 0, forwarded(own or [])) if own or always else ()),
                )
                for _, own_key, value, own in rows
            ]
        else:
            ready = [(self._topic, value, key, *rest) for value in values]
        if self._partitioner:
            placed = self._partitioner.with_partition
            ready = [
                placed(message, row[3] or [], arguments)
                for row, arguments in zip(rows, ready, strict=True)
            ]
        longest = longest_value(values)
        # Where all have the same key and headers and the longest value fits, each does.
        alike = longest is not None and not self._partitioner and not batch.has_own_keys
        for _, value, own_key, *others in [(self._topic, longest, key, *rest)] if alike else ready:
            if not fits(value, own_key, others[-1] if others else [], self._max_bytes):
                raise DeliveryError(
                    self._topic, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), by_client=True
                )
        return ready

    def _write_dead(self, message: Message, letter: Letter, wait: Wait) -> Letter:
        """Produce the dead letter of `message`, in the first form that the client takes; that
        form.
        """
        self.topics.add(letter[0])
        while (refused := self._produce(letter, wait)) is not None:
            letter = next_form(message, letter, refused)
        return letter

    def _produce(self, arguments: tuple[Any, ...], wait: Wait) -> BaseException | None:
        """Produce one record, waiting for room; the error if the record is refused. Raises what is
        about anything else.
        """
        refused: BaseException | None = None

        def fits() -> bool:
            nonlocal refused
            is_queue_empty = not len(self._output.producer)
            try:
                self._output.producer.produce(*arguments)
            except BufferError:
                self._output.raise_for_failed_delivery()
                # The record alone is larger than the queue: there will never be room.
                if is_queue_empty:
                    refused = KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
                return is_queue_empty
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                refused = error
            return True

        if not fits():
            wait(fits)
        return None if refused is None else self._refusal(refused, arguments[0])

    def _refusal(self, error: BaseException, topic: str) -> BaseException:
        """The reason to give a record up. Raises ConnectorError or Interrupted when the record is
        not the reason.
        """
        if issubclass(type(error), KafkaException) and (cause := kafka_error(error)) is not None:
            # The next call for the transaction says why.
            if cause.code() in _ENDED and self._transactional:
                raise Interrupted from error
            if cause.code() == KafkaError._FATAL or cause.fatal():
                raise self._output.end_of_producer(cause) from error
            error = delivery_error(topic, cause, by_client=True)
        if not is_about_record(error):
            raise error
        return error


def _identity(row: Row) -> int:
    return id(row[0])


def _make_exact(batch: RecordBatch, give_up: GiveUp) -> None:
    """Have the batch hold bytes, str and None alone. A record with another value is given up."""
    for index, value in enumerate(batch.values):
        try:
            batch.values[index] = exact(value)
        except TypeError as error:
            batch.values[index] = None
            _give_up(batch, batch.messages[index], [value], error, give_up)
    batch.drop_given_up()


def _give_up(
    batch: RecordBatch, message: Message, values: list[Any], error: BaseException, give_up: GiveUp
) -> None:
    """Give the record up in the name of the function that returned what Kafka cannot take, or else
    of the output.
    """
    if batch.made_by:
        step, function, verb = batch.made_by
        for value in values:
            if wrong := result_error(function, verb, value):
                give_up(batch, step, message, wrong)
                return
    give_up(batch, "output", message, error)
