"""The producing half of a lane: every record of a batch, in order, and the certainty that it has arrived."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from config import Settings
from connectors import clients
from connectors.batch import Batch, function_error, place
from connectors.brokers import Brokers
from connectors.errors import DeliveryError
from connectors.headers import forwarded


class Output:
    """A producer and the first delivery that failed. After a failure nothing may be committed."""

    def __init__(self, settings: Settings, brokers: Brokers) -> None:
        """Raises ClientError when librdkafka refuses the settings."""
        self._topic = settings.output_destination
        self._producer: Producer = clients.make_producer(settings, brokers, self._on_delivery)
        self.failure: DeliveryError | None = None
        self.sent = 0
        self.dropped = 0

    def check(self) -> None:
        """Serve delivery reports. Raises DeliveryError when a delivery has failed."""
        self._producer.poll(0)
        self._raise_failure()

    def delivered(self, timeout: float) -> bool:
        """Whether everything produced so far is confirmed, waiting `timeout` seconds at most. Raises DeliveryError."""
        remaining = self._producer.flush(timeout)
        self._raise_failure()
        return remaining == 0

    def write(self, batch: Batch, wait_for_room: Callable[[Callable[[], bool]], None]) -> None:
        """Produce the batch.

        When the producer's queue is full, `wait_for_room(has_room)` waits until the callable it is given returns True, or raises.
        Raises DeliveryError for a record the client refuses, FunctionError for a value that is no bytes, str or None.
        """
        sent = 0
        for message, value, headers in zip(batch.messages, batch.values, batch.headers, strict=True):
            if value is None and message.value() is not None:
                continue  # dropped by a step; a null value of its own goes on
            arguments: tuple[Any, ...] = (self._topic, value, message.key())
            if headers:
                arguments += (-1, None, None, 0, forwarded(headers))  # by position: keywords cost more than the headers' rules
            try:
                self._producer.produce(*arguments)
            except BufferError:
                wait_for_room(lambda arguments=arguments: self._fits(arguments))  # type: ignore[misc]  # bound per record
            except KafkaException as error:
                raise DeliveryError("{}-{}@{}".format(*place(message), message.offset()), self._topic, error.args[0]) from error
            except TypeError as error:
                raise function_error("output", message, error) from error
            sent += 1
        self.sent += sent
        self.dropped += len(batch.messages) - sent

    def _fits(self, arguments: tuple[Any, ...]) -> bool:
        self.check()
        try:
            self._producer.produce(*arguments)
        except BufferError:
            return False
        return True

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        """Called for failed deliveries only (delivery.report.only.error), inside poll() and flush()."""
        if error is not None and self.failure is None:
            self.failure = DeliveryError("a record", str(message.topic()), error)

    def _raise_failure(self) -> None:
        if self.failure:
            raise self.failure
