"""The values that a flat_map_value function makes of one record, within limits."""

from collections.abc import Callable
from itertools import islice
from types import GeneratorType
from typing import Any

from connectors.errors.exceptions import ResultError
from connectors.functions import exception_text
from connectors.functions.errors import describe
from python_processor import Record

# Values and bytes of one record. Without a limit an endless generator would take all memory at
# every start.
RECORD_VALUES = 1_000_000
RECORD_BYTES = 256_000_000
# The most values of a batch. A stop waits until all of them are produced.
BATCH_VALUES = 100_000
# Bytes of a batch's values. BATCH_VALUES limits their number. Further records are read again later.
BATCH_BYTES = 64_000_000

_CHUNK = 1000  # values
# Types that need no further check, which costs more.
_USUAL = frozenset({list, tuple, GeneratorType})
# Iterables whose items are not meant as records.
_NOT_VALUES = (str, bytes, bytearray, memoryview, dict, Record)


class Division:
    """Makes values of the function's result for each record of a batch."""

    def __init__(
        self, function: Callable[[Any], Any], end: Callable[[], None], *, rows: bool = False
    ) -> None:
        """Prepare for a batch.

        Args:
            function: The user's function.
            end: Ends the batch with the present record, unless it is the last one.
            rows: Whether the values are Rows.
        """
        self._rows = rows
        self._function = function
        self._end = end
        self._values = self._bytes = 0

    def __call__(self, results: Any) -> tuple[Any, ...]:
        """Return the values of one result.

        Raises ResultError if the result is no iterable of values, or has too many.
        """
        values = values_of(self._function, results, rows=self._rows)
        self._values += len(values)
        self._bytes += _row_size(values) if self._rows else _size(values)
        if self._values > BATCH_VALUES or self._bytes > BATCH_BYTES:
            self._end()
            # One record may have many values of another flat_map_value.
            if self._values > BATCH_VALUES + RECORD_VALUES:
                self._values = 0
                raise _too_many(self._function)
        return values


def values_of(
    function: Callable[[Any], Any], results: Any, *, rows: bool = False
) -> tuple[Any, ...]:
    """Return the values in the result of a flat_map_value function.

    Args:
        function: The user's function, for errors.
        results: Its result.
        rows: Whether the values are Rows.

    Raises:
        ResultError: The result is no iterable of values, or has too many.
    """
    kind = type(results)
    # All values are in memory already, so they need not be counted in chunks.
    if (kind is list or kind is tuple) and len(results) <= RECORD_VALUES:
        return tuple(results)
    check_several(function, results)
    iterator = iter(results)
    values, size = list(islice(iterator, _CHUNK)), 0
    if len(values) < _CHUNK:
        return tuple(values)
    chunk = values
    while chunk:
        size += _row_size(chunk) if rows else _size(chunk)
        if len(values) > RECORD_VALUES or size > RECORD_BYTES:
            raise _too_many(function)
        chunk = list(islice(iterator, _CHUNK))
        values += chunk
    return tuple(values)


async def gather_values(function: Callable[..., Any], results: Any) -> list[Any]:
    """Return the values that an async generator yields. Runs on the event loop.

    Args:
        function: The user's function, for errors.
        results: The async generator.

    Raises:
        ResultError: There are too many values.
    """
    values, size = list[Any](), 0
    async for value in results:
        values.append(value)
        if len(values) % _CHUNK == 0:
            size += _size(values[-_CHUNK:])
            if len(values) > RECORD_VALUES or size > RECORD_BYTES:
                raise _too_many(function)
    return values


def check_several(function: Callable[..., Any], results: Any) -> None:
    """Check that the result is an iterable of values.

    Args:
        function: The user's function, for errors.
        results: Its result.

    Raises:
        ResultError: It is not.
    """
    kind = type(results)
    if kind not in _USUAL and (issubclass(kind, _NOT_VALUES) or not hasattr(kind, "__iter__")):
        raise ResultError(
            f"{describe(function)} returned {exception_text.type_name(kind)}; return a list of "
            f"values, or yield them"
        )


def _row_size(rows: list[Any] | tuple[Any, ...]) -> int:
    """Return the size of the values in rows."""
    return _size([row[0] for row in rows])


def _size(values: list[Any] | tuple[Any, ...]) -> int:
    """Return the size in bytes or characters, or 0 if a value is neither bytes nor str."""
    try:
        return sum(map(len, values))
    except BaseException:  # noqa: BLE001 - a function may return any values
        return 0


def _too_many(function: Callable[[Any], Any]) -> ResultError:
    return ResultError(
        f"{describe(function)} gave more than {RECORD_VALUES:,} values, or "
        f"{RECORD_BYTES // 1_000_000} MB, for one record; give fewer"
    )
