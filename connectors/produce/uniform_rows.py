"""Produces records that need no decision of their own: the whole batch in one loop of C code.

A loop in Python costs 150 ns more for each record of 40 bytes (docs/performance.md).
"""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import repeat, starmap
from operator import length_hint
from typing import Any

from connectors.produce.divided_records import Row
from connectors.records.batch import RecordBatch
from connectors.records.messages import Headers


class UniformRows:
    """The records of a batch with one value each. All are sent with their headers, or without any.

    No value is None, because a null value needs a decision. On the task's thread.
    """

    def __init__(
        self, topic: str, batch: RecordBatch, headers: list[Headers | None], *, sends_headers: bool
    ) -> None:
        """Take over the columns of a batch.

        Args:
            topic: Name of the output topic.
            batch: The records.
            headers: The headers of each record.
            sends_headers: Whether the headers are sent. Otherwise no record has any.

        Raises:
            ValueError: The columns differ in length.
        """
        self._batch, self._headers, self._keys = batch, headers, batch.keys
        lengths = {len(batch.messages), len(batch.values), len(headers)}
        if isinstance(self._keys, list):
            lengths.add(len(self._keys))
        if len(lengths) > 1:  # zip() below cannot tell, as repeat() has no end
            raise ValueError(f"columns of {sorted(lengths)} records")
        self._values_left = iter(batch.values)
        columns: list[Iterable[Any]] = [repeat(topic), self._values_left, self._keys]
        if sends_headers:  # by position, because keywords are slow
            columns += [repeat(-1), repeat(None), repeat(None), repeat(0), headers]
        self._arguments = zip(*columns, strict=False)

    def __len__(self) -> int:
        """Return how many records are left."""
        return length_hint(self._values_left)

    def produce(self, send: Callable[..., None]) -> Row | None:
        """Produce the records that are left, in order, until the client does not accept one.

        Args:
            send: Producer.produce.

        Returns:
            The record that the client did not accept. The next call begins after this record. None
            if the client has accepted all.
        """
        try:
            deque(starmap(send, self._arguments), maxlen=0)
        except BaseException:  # noqa: BLE001 - the caller produces the record again, and decides about the error
            return self._row(len(self._batch.values) - len(self) - 1)
        return None

    def _row(self, index: int) -> Row:
        message, keys = self._batch.messages[index], self._keys
        key: Any = keys[index] if isinstance(keys, list) else message.key()
        return message, key, self._batch.values[index], self._headers[index]
