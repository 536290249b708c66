"""Sends small batches at once, so that linger.ms can be long enough for large ones."""

from collections.abc import Callable

from confluent_kafka import Producer

from config.librdkafka.client_config import LINGER_MS

SMALL_BATCH_RECORDS = 100  # with fewer, waiting for more records helps nobody
SEND_NOW_S = 0.001  # librdkafka sends without linger.ms while a flush lasts


class SmallBatches:
    """Chooses the call that serves the producer after each batch. On the task's thread."""

    def __init__(self, linger_ms: float) -> None:
        """Start without a batch.

        Args:
            linger_ms: Milliseconds. A user who sets more than LINGER_MS wants batches at any load,
                so nothing is sent earlier then.
        """
        self._sends_now = linger_ms <= LINGER_MS
        self._is_small = False

    def note_batch(self, records: int) -> None:
        """Note a batch that was given to the producer.

        Args:
            records: Of the input.
        """
        self._is_small = self._sends_now and records < SMALL_BATCH_RECORDS

    def serving_call(self, producer: Producer) -> tuple[Callable[[float], int], float]:
        """Return the call that runs callbacks, and its time-out in seconds.

        It is a flush of SEND_NOW_S once after a small batch, else a poll that does not block.

        Args:
            producer: The present client.
        """
        if not self._is_small:
            return producer.poll, 0.0
        self._is_small = False
        return producer.flush, SEND_NOW_S
