"""The records of a batch as parallel columns: messages, values, keys, headers."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import length_hint
from time import monotonic
from typing import Any

from confluent_kafka import Message

from connectors.errors.exceptions import (
    ConnectorError,
    Interrupted,
    UnreadableHeadersError,
    UnreadableRecordError,
)
from connectors.functions.calls import StepTimer, read_each, unreadable_error
from connectors.named_functions.overlapping import Overlapping
from connectors.records.messages import Headers, TopicPartitionKey, common_names, topic_partition

OnError = Callable[["RecordColumns", str, Message, BaseException, Callable[[], Any]], Any]


class RecordColumns:
    """The messages of a batch, and in parallel columns their present values, keys and headers.

    None is a null value (a tombstone) or a dropped record, by the message's own value. No function
    is called with it.

    Attributes:
        messages: One for each value. After a flat_map a message may occur several times.
        next_offsets: The offsets to commit after the batch is produced, by topic and partition.
        deferred: Messages for which there was no time. They are read again.
        error: Ends the task at the sink. Bytewax would print a long traceback instead.
        dead_letters: Messages, each with the arguments of Producer.produce for its dead letter.
        given_up: id() of each message that is a dead letter or is skipped. No value of it is
            produced.
        divided: Whether flat_map may have made several values of one message.
        refused_letters: Why earlier forms of a single message's dead letter were rejected.
        backoff_s: Seconds that retries have waited.
    """

    __slots__ = (
        "_charset",
        "_headers",
        "_keys",
        "_names",
        "_names_of",
        "_overlapping",
        "_reader",
        "_recover",
        "_step_timer",
        "backoff_s",
        "content_type",
        "dead_letters",
        "deferred",
        "divided",
        "error",
        "given_up",
        "handed_out_at",
        "is_exact",
        "made_by",
        "messages",
        "next_offsets",
        "overlapping",
        "refused_letters",
        "taken",
        "values",
    )

    def __init__(
        self,
        messages: list[Message],
        positions: dict[TopicPartitionKey, int],
        recover: OnError,
        step_timer: StepTimer,
        charset: str = "utf-8",
        *,
        overlapping: Overlapping | None = None,
    ) -> None:
        """Take over the records of one read.

        Args:
            messages: The records.
            positions: The attribute next_offsets.
            recover: Decides about a record whose function has raised (see RetryPolicy.recover).
            step_timer: Ends a step when the batch's time is up.
            charset: The charset of records that name none.
            overlapping: Calls async functions.
        """
        self.messages = messages
        self.taken = len(messages)  # number of records, not of values
        self.values: list[Any] = list(map(Message.value, messages))
        self.next_offsets = positions
        self.deferred: list[Message] = []
        self.dead_letters: list[tuple[Message, tuple[Any, ...]]] = []
        self.given_up = set[int]()
        self.refused_letters: Iterable[BaseException] = ()
        self.divided = False
        self.error: ConnectorError | Interrupted | None = None
        self.is_exact = True  # whether each value is exactly bytes, str or None
        # The step and the function that made the values, and "return" or "yield".
        self.made_by: tuple[str, Callable[..., Any], str] | None = None
        self._recover = recover
        self._step_timer = step_timer
        self._charset = charset
        self._overlapping = overlapping
        self.overlapping = 1  # the most records that a step works on at the same time
        self.handed_out_at = monotonic()
        self.backoff_s = 0.0
        self.content_type: bytes | None = None  # of every value, in place of its header
        # Changed in place only to become shorter.
        self._headers: list[Headers | None] | None = None
        self._names: list[str] | None = None  # the names in _names_of, see header_names
        self._names_of: list[Headers | None] | None = None
        self._keys: list[bytes | None] | None = None  # if a function has set them
        self._reader: Iterator[Message] = iter(())

    @property
    def keys(self) -> Iterable[bytes | None]:
        """The key of each value, for the output."""
        return self._keys if self._keys is not None else map(Message.key, self.messages)

    @property
    def has_own_keys(self) -> bool:
        """Whether a function has set keys and headers, perhaps different ones for one message."""
        return self._keys is not None

    @property
    def headers(self) -> Iterable[Headers | None]:
        """The headers of each message, for the output. Raises as `recover` does.

        If no step has read them, the iteration reads each message's headers when it reaches the
        message. That takes half the time of reading all at once. If reading raises,
        give_up_unreadable() makes a dead letter, and the iteration goes on.
        """
        if self._headers is not None:
            return self._headers
        if self.given_up or self.divided:
            return self._read_headers("output")
        self._reader = iter(self.messages)
        return map(Message.headers, self._reader)  # type: ignore[arg-type]  # a consumer returns lists of (str, bytes or None)

    @property
    def reads_headers(self) -> bool:
        """Whether the iteration over `headers` reads them, so that it can raise."""
        return self._headers is None

    @property
    def header_names(self) -> list[str] | None:
        """The header names of all records, in order, or None if they differ.

        It is also None if no step has read the headers, or a function has set them.
        """
        if self._headers is None or self._keys is not None:
            return None
        if self._names_of is not self._headers:
            self._names, self._names_of = common_names(self._headers), self._headers
        return self._names

    def give_up_unreadable(self, error: BaseException) -> None:
        """Handle an error of the iteration over `headers`. Raises as `recover` does."""
        self._recover_unreadable(
            "output",
            UnreadableHeadersError,
            len(self.messages) - length_hint(self._reader) - 1,
            error,
        )

    def give_up(self, message: Message, letter: tuple[Any, ...] | None = None) -> None:
        """Produce no value of the message, also no null value.

        Args:
            message: The record.
            letter: Its dead letter; None for a skipped record.
        """
        self.given_up.add(id(message))
        if letter is not None:
            self.dead_letters.append((message, letter))

    def drop_given_up(self) -> None:
        """Drop the values of records that are given up, also values from before."""
        if self.given_up:
            pairs = zip(self.messages, self.values, strict=True)
            self.values[:] = [
                None if id(message) in self.given_up else value for message, value in pairs
            ]

    def clear(self) -> None:
        """Drop all values. The offsets and dead letters stay."""
        self.values = [None] * len(self.values)

    def _read_headers(self, step: str) -> list[Headers | None]:
        """Read the headers once, because the client makes a new list at each call."""
        if self._headers is None:
            self._headers = self._of_each(
                step, Message.headers, UnreadableHeadersError, self.messages
            )
        return self._headers

    def _of_each(
        self,
        step: str,
        read: Callable[..., Any],
        failed: type[UnreadableRecordError],
        *columns: Iterable[Any],
        for_each_value: bool = False,
    ) -> list[Any]:
        """Return `read` of each row of the columns, or None for a record that is given up."""
        skipped = self.given_up if self.given_up or self.divided else None
        give_up = partial(self._recover_unreadable, step, failed)
        found = read_each(
            self.messages, read, columns, skipped, give_up, for_each_value=for_each_value
        )
        if self.given_up:
            self.drop_given_up()
        return found

    def _recover_unreadable(
        self, step: str, failed: type[UnreadableRecordError], index: int, error: BaseException
    ) -> None:
        self._recover(
            self, step, self.messages[index], unreadable_error(error, failed), lambda: None
        )

    def _defer_rest(self, kept: int) -> bool:
        """Keep at most `kept` records, and defer the others. False if none is deferred."""
        messages = self.messages
        # The values of one message stay together.
        while 0 < kept < len(messages) and messages[kept] is messages[kept - 1]:
            kept -= 1
        later = messages[kept:] if kept else []
        for message in reversed(later):
            self.next_offsets[topic_partition(message)] = message.offset()  # type: ignore[assignment]  # a received message has an offset
        if later:
            self.deferred = later + self.deferred
            again = set(map(id, later))
            self.dead_letters = [
                letter for letter in self.dead_letters if id(letter[0]) not in again
            ]
            self.given_up -= again
            self.taken -= len(again)
            del messages[kept:], self.values[kept:]
            if self._headers is not None:
                del self._headers[kept:]
            if self._keys is not None:
                del self._keys[kept:]
        return bool(later)
