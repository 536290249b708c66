"""Hands single records to the client: waits for room in its queue, says why it refuses one."""

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
    """What a RecordWriter asks of the output that it is a part of."""

    producer: Producer  # another one after a rebuild

    def raise_for_failed_delivery(self) -> None:
        """Serve delivery reports. Raises ConnectorError if one, or the client, has failed."""

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Why the client sends no more."""


class RecordSender:
    """Sends one record at a time through the present producer of an output."""

    def __init__(self, output: ProducerOwner, *, transactional: bool) -> None:
        self._output = output
        self._transactional = transactional

    def send(self, arguments: tuple[Any, ...], wait: Wait) -> BaseException | None:
        """Produce one record, waiting for room in the client's queue.

        Args:
            arguments: Of Producer.produce.
            wait: Blocks until its argument returns True; raises Interrupted.

        Returns:
            Why the record is refused; None if it is produced.

        Raises:
            ConnectorError: The producer has failed.
            Interrupted: A stop or a rebalance ended the wait.
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
        return None if refused is None else self.refusal(refused, arguments[0])

    def send_again(
        self, arguments: tuple[Any, ...], error: BaseException, wait: Wait
    ) -> BaseException | None:
        """Produce a record that produce() has not taken, if its queue was full.

        Args:
            arguments: Of Producer.produce.
            error: What produce() raised.
            wait: See send().

        Returns:
            Why the record is refused; None if it is produced.
        """
        full = issubclass(type(error), BufferError)
        return self.send(arguments, wait) if full else self.refusal(error, arguments[0])

    def refusal(self, error: BaseException, topic: str) -> BaseException:
        """Return why to give a record up.

        Args:
            error: What produce() raised.
            topic: The topic of the record.

        Raises:
            ConnectorError: The producer has failed; the record is not the reason.
            Interrupted: The transaction has failed. Its next call says why.
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
