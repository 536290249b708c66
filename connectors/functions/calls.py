"""Calls of one function for each record: a step's function, or one that reads records.

The calls of a step end when the time of the batch is up. So a slow function never costs the group
membership, and never delays a commit or a stop for long.
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

# The most time of a batch in the steps. A stop waits that long at most. The time is far below
# max.poll.interval.ms.
BATCH_TIME_LIMIT_S = 0.5
# Between two reads of the clock. A wake-up for every batch would cost the task more.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list during its iteration when time is up. The present record is then the last.

    Reading the clock for each record would cost more than many functions.
    """

    def __init__(self) -> None:
        """Start without a limit."""
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        """Start the daemon thread that reads the clock."""
        threading.Thread(target=self._watch, name="step-timer", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty a list when time is up. Replaces the former limit. Does not block.

        Args:
            values: A copy of the values, which is being iterated over.
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
    """Yield `convert(function(...))` of each row, or None if the row's value is None.

    Args:
        function: Called with a row.
        convert: Applied to each result, unless it is None.
        columns: The arguments by column, the values first. The iteration ends with that list, which
            StepTimer may empty meanwhile.
    """
    try:
        are_true = all(columns[0])
    except BaseException:  # noqa: BLE001 - the values are what functions returned, and can refuse to be true or false
        are_true = False
    if are_true:  # neither null nor empty: the common case needs no test per value
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
        convert: Checks and converts the result, unless it is None.
        row: The arguments.
    """
    result = function(*row)
    return result if convert is None else convert(result)


def read_each(
    messages: list[Message],
    read: Callable[..., Any],
    columns: Sequence[Iterable[Any]],
    skipped: AbstractSet[int] | None,
    give_up: Callable[[int, BaseException], object],
    *,
    for_each_value: bool = False,
) -> list[Any]:
    """Return `read` of each row of the columns, or None for a record that is given up.

    Unreadable headers must not be read again: the client's second result crashes the process.

    Args:
        messages: The records, one for each row.
        read: Called with a row.
        columns: The arguments of `read` by column.
        skipped: The id() of each message that is given up already. None if there is none and no
            message is there more than once.
        give_up: Called with the index of a record for which `read` has raised, and the error.
        for_each_value: Whether the columns may differ between values of one record.
    """
    found = list[Any]()
    once = partial(_read_value, read) if for_each_value else partial(_read_once, read, [])
    items = (
        map(read, *columns) if skipped is None else map(partial(once, skipped), messages, *columns)
    )
    while len(found) < len(messages):
        try:
            found.extend(items)  # keeps the results before an exception
            if len(found) < len(messages):
                raise RuntimeError("StopIteration")  # noqa: TRY301 - handled as the errors of `read`
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
    """Read once for all values of a message. `last` has the last message and its result."""
    if id(message) in skipped:
        return None
    if not last or last[0] is not message:
        # A direct call can crash: see connectors.records.messages.read_headers.
        last[:] = message, next(map(read, *((item,) for item in row)))
    return last[1]


def _read_value(
    read: Callable[..., Any], skipped: AbstractSet[int], message: Message, *row: Any
) -> Any:
    return None if id(message) in skipped else read(*row)


def unreadable_error(error: BaseException, failed: type[UnreadableRecordError]) -> BaseException:
    """Return the error of a record that could not be read, for its dead letter.

    Args:
        error: The error that reading has raised.
        failed: The class of the returned error, unless `error` is UndecodableText.
    """
    if issubclass(type(error), UndecodableText):  # its text names the charset
        return error
    reason = failed(exception_text.class_name(error))
    reason.__cause__ = error
    return reason


def record_span(messages: list[Message], index: int) -> tuple[int, int]:
    """Return the start and the end of a record's values.

    After a flat_map several values may follow each other.

    Args:
        messages: The message of each value.
        index: The index of any value of the record.
    """
    first = end = index
    message = messages[index]
    while first > 0 and messages[first - 1] is message:
        first -= 1
    while end < len(messages) and messages[end] is message:
        end += 1
    return first, end
