"""Calls of one function for each record of a batch: a step's, or one that reads records.

The calls of a step end when the time of the batch is up. So a slow function never costs the group
membership, a commit or a stop.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from confluent_kafka import Message

from connectors.errors.exceptions import UnreadableRecordError
from connectors.functions import exception_text
from text import UndecodableText

# The most time of a batch in the steps. A stop waits that long at most. It is far below
# max.poll.interval.ms.
BATCH_TIME_LIMIT_S = 0.5
# Between two reads of the clock. A wake-up for every batch would cost the task more.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list during its iteration when time is up. The iteration then ends with the present
    record.

    Reading the clock for each record would cost more than many functions.
    """

    def __init__(self) -> None:
        """Start without a limit."""
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        """Start the daemon thread that reads the clock."""
        threading.Thread(target=self._watch, name="cutter", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty a list when time is up. Replaces the limit before. Does not block.

        Args:
            values: A copy, which is being iterated over.
            ends_at: Monotonic seconds.
        """
        self._armed = values, ends_at

    def end(self) -> None:
        """Empty the list now."""
        if self._armed:
            self._armed[0].clear()

    def _watch(self) -> None:
        while True:
            time.sleep(TIMER_TICK_S)
            armed = self._armed
            if armed and time.monotonic() > armed[1]:
                armed[0].clear()


def call_each(
    function: Callable[..., Any], convert: Callable[[Any], Any] | None, columns: list[list[Any]]
) -> Iterator[Any]:
    """Yield `convert(function(...))` of each row; None where the value is None.

    Args:
        function: Called with a row.
        convert: Applied to each result; None for none.
        columns: The values first. The iteration ends with this list, which may become shorter.
    """
    if _are_true(columns[0]):  # neither null nor empty: the common case needs no test per value
        results = map(function, *columns)
        return results if convert is None else map(convert, results)
    return (
        None if row[0] is None else call(function, convert, row)
        for row in zip(*columns, strict=False)
    )


def call(
    function: Callable[..., Any], convert: Callable[[Any], Any] | None, row: Iterable[Any]
) -> Any:
    """Call the function for one row, and convert its result.

    Args:
        function: The user's function.
        convert: Checks and converts the result.
        row: The arguments.
    """
    result = function(*row)
    return result if convert is None else convert(result)


def _are_true(values: list[Any]) -> bool:
    try:
        return all(values)
    except BaseException:  # noqa: BLE001 - the values are what functions returned, and can refuse to be true or false
        return False


def read_each(
    messages: list[Message],
    read: Callable[..., Any],
    columns: Sequence[Iterable[Any]],
    skipped: AbstractSet[int] | None,
    give_up: Callable[[int, BaseException], object],
    *,
    for_each_value: bool = False,
) -> list[Any]:
    """Return `read` of each row of the columns; None for a record that is given up.

    Headers that could not be read must not be read again: what the client returns then crashes the
    process.

    Args:
        messages: The records, one for each row.
        read: Called with a row.
        columns: What a row is made of.
        skipped: The id() of each message that is given up already. None where there is none, and no
            message is there more than once.
        give_up: Called with the index of a record that `read` has raised for, and the error.
        for_each_value: The values of one record can differ in what is read.
    """
    found = list[Any]()
    once = partial(_read_value, read) if for_each_value else partial(_read_once, read, [])
    items = (
        map(read, *columns) if skipped is None else map(partial(once, skipped), messages, *columns)
    )
    while len(found) < len(messages):
        try:
            found.extend(items)  # keeps what came before an exception
            if len(found) < len(messages):
                raise RuntimeError("StopIteration")  # noqa: TRY301 - into the same hands
        except BaseException as error:  # noqa: BLE001 - a header name that is no UTF-8 raises SystemError
            give_up(len(found), error)
            found.append(None)
    return found


def _read_once(
    read: Callable[..., Any],
    last: list[Any],
    skipped: AbstractSet[int],
    message: Message,
    *row: Any,
) -> Any:
    """Read once for all values of a message. `last` has the former message and its result."""
    if id(message) in skipped:
        return None
    if not last or last[0] is not message:
        # A direct call can crash: see headers.read_headers.
        last[:] = message, next(map(read, *((item,) for item in row)))
    return last[1]


def _read_value(
    read: Callable[..., Any], skipped: AbstractSet[int], message: Message, *row: Any
) -> Any:
    return None if id(message) in skipped else read(*row)


def unreadable_error(error: BaseException, failed: type[UnreadableRecordError]) -> BaseException:
    """Return why a record becomes a dead letter, if it could not be read.

    Args:
        error: What reading has raised.
        failed: The class of the error to return, unless `error` is UndecodableText.
    """
    if issubclass(type(error), UndecodableText):  # which names the charset
        return error
    reason = failed(exception_text.class_name(error))
    reason.__cause__ = error
    return reason


def record_span(messages: list[Message], index: int) -> tuple[int, int]:
    """Return the start and end of a record's values; several follow each other after a flat_map.

    Args:
        messages: One for each value.
        index: Any value of the record.
    """
    first = end = index
    message = messages[index]
    while first > 0 and messages[first - 1] is message:
        first -= 1
    while end < len(messages) and messages[end] is message:
        end += 1
    return first, end
