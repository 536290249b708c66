"""Gives single records to the client: waits for room in its queue, and explains a rejection."""

from collections.abc import Callable
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.errors.exceptions import (
    ConnectorError,
    Interrupted,
)
from connectors.errors.record_errors import delivery_error, is_about_record, kafka_error

_ENDED = {KafkaError._STATE, KafkaError._FATAL}  # the transaction has failed, or the producer has
Wait = Callable[[Callable[[], bool]], None]


class ProducerOwner(Protocol):
    """The part of RecordProducer that a RecordWriter needs."""

    producer: Producer  # changes when the client is replaced

    def raise_for_failed_delivery(self) -> None:
        """Run delivery callbacks. Raises ConnectorError if a delivery or the client has failed."""

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Return why the client sends no more."""


class RecordSender:
    """Sends one record at a time through the present producer of an output."""

    def __init__(self, output: ProducerOwner, *, transactional: bool) -> None:
        """Make a sender.

        Args:
            output: Owns the producer.
            transactional: Whether a failed transaction explains errors of the client.
        """
        self._output = output
        self._transactional = transactional

    def send(self, arguments: tuple[Any, ...], wait: Wait) -> BaseException | None:
        """Produce one record. Blocks while the client's queue is full.

        Args:
            arguments: The arguments of Producer.produce.
            wait: Blocks until its argument returns True. Raises Interrupted.

        Returns:
            Why the record is rejected, or None if it is produced.

        Raises:
            ConnectorError: The producer has failed.
            Interrupted: A stop or a rebalance ended the wait, or the transaction has failed.
        """
        refused: BaseException | None = None

        def try_to_produce() -> bool:
            nonlocal refused
            is_queue_empty = not len(self._output.producer)
            try:
                self._output.producer.produce(*arguments)
            except BufferError:
                self._output.raise_for_failed_delivery()
                # The record alone is larger than the queue, so waiting does not help.
                if is_queue_empty:
                    refused = KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
                return is_queue_empty
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                refused = error
            return True

        if not try_to_produce():
            wait(try_to_produce)
        return None if refused is None else self.refusal(refused, arguments[0])

    def send_again(
        self, arguments: tuple[Any, ...], error: BaseException, wait: Wait
    ) -> BaseException | None:
        """Produce a record that produce() has not accepted, if the queue was full.

        Args:
            arguments: The arguments of Producer.produce.
            error: The error of produce().
            wait: As for send().

        Returns:
            Why the record is rejected, or None if it is produced.
        """
        full = issubclass(type(error), BufferError)
        return self.send(arguments, wait) if full else self.refusal(error, arguments[0])

    def refusal(self, error: BaseException, topic: str) -> BaseException:
        """Return why a record becomes a dead letter.

        Args:
            error: The error of produce().
            topic: The topic of the record.

        Raises:
            ConnectorError: The producer has failed. The record is not the reason.
            Interrupted: The transaction has failed. Its next call raises the reason.
        """
        if issubclass(type(error), KafkaException) and (cause := kafka_error(error)) is not None:
            # The next call for the transaction raises the reason.
            if cause.code() in _ENDED and self._transactional:
                raise Interrupted from error
            if cause.code() == KafkaError._FATAL or cause.fatal():
                raise self._output.end_of_producer(cause) from error
            error = delivery_error(topic, cause, by_client=True)
        if not is_about_record(error):
            raise error
        return error
