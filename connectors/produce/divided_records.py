"""The values that flat_map makes of one record: either all of them are produced, or none."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, Message

from connectors.errors.exceptions import (
    DeliveryError,
)
from connectors.produce.partitioner import MessageKey, Partitioner
from connectors.produce.record_sizes import fits, longest_value
from connectors.records.batch import RecordBatch
from connectors.records.messages import Headers

# The record, its key, its present value, its headers.
Row = tuple[Message, bytes | None, Any, Headers | None]


class DividedRecords:
    """Finds partition and size of every value of a record before the first of them is produced."""

    def __init__(
        self,
        topic: str,
        content_type: bytes | None,
        partitioner: Partitioner | MessageKey | None,
        max_bytes: int,
    ) -> None:
        """Take over the properties of the output.

        Args:
            topic: Name of the output topic.
            content_type: contentType for records without one; None to leave them without.
            partitioner: Chooses partitions or keys; None for the client's own choice.
            max_bytes: message.max.bytes of the client.
        """
        self._topic = topic
        self._content_type = content_type
        self._partitioner = partitioner
        self._max_bytes = max_bytes

    def checked_arguments(
        self,
        batch: RecordBatch,
        rows: list[Row],
        values: list[Any],
        forwarded: Callable[[Headers], Headers],
    ) -> list[tuple[Any, ...]]:
        """Return the arguments of Producer.produce for each value of one record.

        Args:
            batch: The batch of the record.
            rows: One row for each value.
            values: The values of the rows.
            forwarded: Makes the headers to send.

        Raises:
            DeliveryError: A value is too large. Errors of Producer.produce are raised, too.
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
        if batch.has_own_keys:  # each value has its own key and headers
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
        # With the same key and headers, each value fits if the longest one does.
        alike = longest is not None and not self._partitioner and not batch.has_own_keys
        for _, value, own_key, *others in [(self._topic, longest, key, *rest)] if alike else ready:
            if not fits(value, own_key, others[-1] if others else [], self._max_bytes):
                raise DeliveryError(
                    self._topic, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), by_client=True
                )
        return ready
