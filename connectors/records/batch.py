"""The records of one turn, carried through the flow as a single item: Bytewax's own cost is per
item.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, repeat
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
from connectors.functions.batch_size import BATCH_TIME_LIMIT_S
from connectors.functions.calls import call, call_each, read_each, record_span, unreadable_error
from connectors.functions.division import Division
from connectors.functions.errors import is_true, unforeseen_error
from connectors.functions.time_limit import StepTimer
from connectors.functions.values import keeps_exact
from connectors.named_functions.calls import Call
from connectors.named_functions.overlapping import Overlapping
from connectors.records import headers
from connectors.records.headers import Headers
from formats.content_types import codec_named
from python_processor import Record
from runtime.forks import end_child

TopicPartitionKey = tuple[str, int]
OnError = Callable[["RecordBatch", str, Message, BaseException, Callable[[], Any]], Any]

# Seconds each step has at least, also after one that has used up the time of the batch.
STEP_MIN_TIME_S = 0.05


class RecordBatch:
    """Messages and, beside them, the value each of them has by now.

    A value that is None is not given to functions: it is a null value (a tombstone), which stays
    null, or one that was dropped. The message's own value tells which. `positions` is what may be
    committed once the batch has been produced: topic and partition to the next offset to read.
    `cut` has the messages that time did not allow for; they are to be read again. A batch with a
    `failure` is passed on as it is, to the sink, where the lane ends: raised through Bytewax, the
    one line that matters would be lost in a page. `dead` has the dead letters to be produced with
    it. `given_up` has the id() of each message that is one or is skipped: none of its values goes
    out. `divided`: flat_map may have made several values of one message. `refused_letters`: why the
    broker refused earlier forms of the dead letter of a single message. `waited` has the seconds
    that retries were waited for.
    """

    __slots__ = (
        "_charset",
        "_cutter",
        "_headers",
        "_keys",
        "_overlapping",
        "_reader",
        "_recover",
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
        cutter: StepTimer,
        charset: str = "utf-8",
        *,
        overlapping: Overlapping | None = None,
    ) -> None:
        """Take over what has been read.

        Args:
            messages: The records.
            positions: See above.
            recover: What becomes of a record whose function raised (see Recovery.recover).
            cutter: Ends a step when the time of the batch is up.
            charset: Of records that name none.
            overlapping: Calls async functions.

        """
        self.messages = messages
        self.taken = len(messages)  # records, however many values are made of each
        self.values: list[Any] = list(map(Message.value, messages))
        self.next_offsets = positions
        self.deferred: list[Message] = []
        self.dead_letters: list[
            tuple[Message, tuple[Any, ...]]
        ] = []  # the record and the arguments of Producer.produce for its letter
        self.given_up = set[int]()
        self.refused_letters: Iterable[BaseException] = ()
        self.divided = False
        self.error: ConnectorError | Interrupted | None = None
        self.is_exact = True  # each value is bytes, str or None itself, as Kafka hands values over
        # Step and function of the values, and "return" or "yield".
        self.made_by: tuple[str, Callable[..., Any], str] | None = None
        self._recover = recover
        self._cutter = cutter
        self._charset = charset
        self._overlapping = overlapping
        self.overlapping = 1  # records that a step works on at the same time, at most
        self.handed_out_at = monotonic()
        self.backoff_s = 0.0
        self.content_type: bytes | None = None  # of every value, in place of the one in the headers
        self._headers: list[Headers | None] | None = None
        self._keys: list[bytes | None] | None = None  # where a function has set them
        self._reader: Iterator[Message] = iter(())

    @property
    def keys(self) -> Iterable[bytes | None]:
        """The key of each value, for the output."""
        return self._keys if self._keys is not None else map(Message.key, self.messages)

    @property
    def has_own_keys(self) -> bool:
        """Whether a function has set keys and headers, so that those of one message's values can
        differ.
        """
        return self._keys is not None

    @property
    def headers(self) -> Iterable[Headers | None]:
        """The headers of each message, for the output. Raises as `recover` does.

        Where no step has read them, each message's are read as the iteration comes to it, which
        takes half the time of all at once. If that raises, give_up_unreadable() takes the record
        out, and the iteration goes on.
        """
        if self._headers is not None or self.given_up or self.divided:
            return self._read_headers("output")
        self._reader = iter(self.messages)
        return map(Message.headers, self._reader)  # type: ignore[arg-type]  # a consumer gives lists of (str, bytes or None)

    @property
    def reads_headers(self) -> bool:
        """Whether the iteration over `headers` is one that reads them, so that it can raise."""
        return self._headers is None

    def give_up_unreadable(self, error: BaseException) -> None:
        """The iteration over `headers` has raised `error`. Raises as `recover` does."""
        self._recover_unreadable(
            "output",
            UnreadableHeadersError,
            len(self.messages) - length_hint(self._reader) - 1,
            error,
        )

    def map(
        self, step: str, mapper: Callable[..., Any], *, wants_charset: bool = False
    ) -> "RecordBatch":
        """Replace each value by `mapper(value)`, or `mapper(value, charset)`; None drops the
        record.

        `charset` is the name of Python's codec. A record with an unknown charset is given up before
        the mapper is called.
        """
        self.values = self._apply(step, mapper, wants_charset=wants_charset)
        self.made_by = step, mapper, "return"
        self.is_exact = self.is_exact and keeps_exact(mapper)
        return self

    def map_call(self, step: str, call: Call) -> "RecordBatch":
        """Replace each value by what the call makes of it; it may set keys, headers and the
        contentType.
        """
        values = self._apply(step, call.function, None, call)
        if self.error:
            return self
        self.made_by = step, call.user, "return"
        self.is_exact = False
        self._take(call, values)
        return self

    def filter(
        self, step: str, predicate: Callable[..., object], call: Call | None = None
    ) -> "RecordBatch":
        """Drop the records whose value the predicate finds false."""
        kept = self._apply(
            step,
            predicate,
            lambda answer: (
                answer if answer is True or answer is False else is_true(predicate, answer)
            ),
            call,
        )
        if self.error:
            return self
        if not all(kept):
            self.values = [
                value if keep else None for value, keep in zip(self.values, kept, strict=True)
            ]
        return self

    def flat_map(
        self, step: str, mapper: Callable[..., Iterable[Any]], call: Call | None = None
    ) -> "RecordBatch":
        """Replace each record by one record for each value of `mapper(value)`, with the key and
        headers of the original.
        """
        results = self._apply(
            step,
            mapper,
            Division(mapper, self._cutter.end, rows=call is not None and call.makes_rows),
            call,
        )
        if self.error:
            return self
        self.made_by = step, mapper, "yield"
        self.is_exact = False
        # Of a record that has no value, or is given none: it stays, so that a cut takes it along.
        if not all(results):
            results = [result or (None,) for result in results]
        counts = list(map(len, results))
        if counts.count(1) < len(counts):
            self.divided = self.divided or max(counts) > 1
            self.messages = list(chain.from_iterable(map(repeat, self.messages, counts)))
            if self._headers is not None:
                self._headers = list(chain.from_iterable(map(repeat, self._headers, counts)))
            if self._keys is not None:
                self._keys = list(chain.from_iterable(map(repeat, self._keys, counts)))
        values = list(chain.from_iterable(results))
        if call:
            self._take(call, values)
        else:
            self.values = values
        return self

    def clear(self) -> None:
        """Produce no value of it; its positions and dead letters stay."""
        self.values = [None] * len(self.values)

    def drop_given_up(self) -> None:
        """Produce no value of the records that are given up, also none that was made before."""
        if self.given_up:
            pairs = zip(self.messages, self.values, strict=True)
            self.values[:] = [
                None if id(message) in self.given_up else value for message, value in pairs
            ]

    def give_up(self, message: Message, letter: tuple[Any, ...] | None = None) -> None:
        """Produce none of the message's values, not even a null value; in their place `letter`, if
        there is one.
        """
        self.given_up.add(id(message))
        if letter is not None:
            self.dead_letters.append((message, letter))

    def _take(self, call: Call, values: list[Any]) -> None:
        """Take over the values that a call has made, with their keys, headers and contentType.
        _arguments() has read what it needs.
        """
        if call.makes_rows and self._headers is not None:
            keys, found = list(self.keys), self._headers
            for index, row in enumerate(values):
                if row is not None:
                    values[index], keys[index], found[index] = row
            self._keys = keys
        elif call.content_type and self._headers is not None:  # null values keep theirs
            rows = zip(self._headers, values, strict=True)
            kind = call.content_type
            self._headers = [
                own if value is None else headers.with_content_type(own or [], kind)
                for own, value in rows
            ]
        elif call.content_type:
            self.content_type = call.content_type
        self.values = values

    def _apply(
        self,
        step: str,
        function: Callable[..., Any],
        convert: Callable[[Any], Any] | None = None,
        call: Call | None = None,
        *,
        wants_charset: bool = False,
    ) -> list[Any]:
        """`convert(function(value))` of each value that is not None, until the time is up; what is
        left is cut off.

        Whatever is raised meanwhile is about the record it was raised for.
        """
        values = self.values
        try:
            if call is None:
                return self._results(
                    step, function, convert, self._arguments(step, wants_charset=wants_charset)
                )
            arguments = self._call_arguments(step, call)
            if call.is_async:
                return self._overlapping_results(step, call, convert, arguments)
            return self._results(step, function, convert, arguments)
        # Of what the lane does with a record that failed, never of the function.
        except (ConnectorError, Interrupted) as failure:
            self.error = failure
        except BaseException as error:  # noqa: BLE001 - raised through Bytewax, it would be a page
            self.error = unforeseen_error(error)
        return values

    def _results(
        self,
        step: str,
        function: Callable[..., Any],
        convert: Callable[[Any], Any] | None,
        arguments: list[list[Any]],
    ) -> list[Any]:
        values, results = self.values, list[Any]()
        while (done := len(results)) < len(values):
            # copies: the cutter empties the first when the time is up.
            rest = [column[done:] for column in arguments]
            calls = call_each(function, convert, rest)
            self._cutter.limit(
                rest[0], max(self.handed_out_at + BATCH_TIME_LIMIT_S, monotonic() + STEP_MIN_TIME_S)
            )
            try:
                # Keeps what came before an exception: its length tells which record it was.
                results.extend(calls)
                if not rest[0]:
                    if self._defer_rest(len(results)):
                        del results[len(self.values) :]
                        break
                # The function raised StopIteration, which ends an iterator quietly.
                elif len(results) < len(values):
                    raise RuntimeError("StopIteration")  # noqa: TRY301 - into the same hands
            except BaseException as error:  # noqa: BLE001 - whatever a function may raise: exit() raises SystemExit
                end_child(error)
                index = len(results)
                message = self.messages[index]
                again = partial(call, function, convert, [column[index] for column in arguments])
                result = self._recover(self, step, message, error, again)
                if id(message) in self.given_up:
                    # Also its values before this one, and those not seen yet.
                    first, end = record_span(self.messages, index)
                    results[first:] = [None] * (end - first)
                else:
                    results.append(result)
                # Retries were waited for.
                if monotonic() > self.handed_out_at + BATCH_TIME_LIMIT_S and self._defer_rest(
                    len(results)
                ):
                    del results[len(self.values) :]
                    break
        return results

    def _overlapping_results(
        self,
        step: str,
        call: Call,
        convert: Callable[[Any], Any] | None,
        arguments: list[list[Any]],
    ) -> list[Any]:
        if self._overlapping is None:
            raise RuntimeError("no event loop")
        function = self._overlapping.bind(call.function, call.setup)
        ends_at = max(self.handed_out_at + BATCH_TIME_LIMIT_S, monotonic() + STEP_MIN_TIME_S)
        return self._overlapping.results(
            self, step, function, convert, arguments, self._cutter, ends_at, self._defer_rest
        )

    def _call_arguments(self, step: str, call: Call) -> list[list[Any]]:
        """The columns that a call is made with. Headers that _take() changes one by one are read
        here.
        """
        columns = self._arguments(step, wants_charset=call.wants_charset)
        if call.content_type and None in self.values:
            self._read_headers(step)
        return [*columns, self._records(step)] if call.wants_record else columns

    def _arguments(self, step: str, *, wants_charset: bool) -> list[list[Any]]:
        """The columns that a function is called with."""
        if not wants_charset:
            return [self.values]
        if self.content_type:  # JSON that an earlier step has made
            return [self.values, ["utf-8"] * len(self.values)]
        found = self._read_headers(step)
        codec = codec_named(self._charset)
        if any(found) or not codec:
            columns = found, repeat(self._charset), self.values
            return [
                self.values,
                self._of_each(
                    step, headers.codec, UnreadableRecordError, *columns, for_each_value=True
                ),
            ]
        return [self.values, [codec] * len(self.values)]

    def _records(self, step: str) -> list[Record]:
        """Each record as a function gets it. What an earlier step has said of the contentType goes
        into the headers first.
        """
        found = self._read_headers(step)
        if self.content_type:
            found = self._headers = [
                headers.with_content_type(own or [], self.content_type) for own in found
            ]
            self.content_type = None
        each = self.messages
        times = (message.timestamp()[1] for message in each)
        places = map(Message.topic, each), map(Message.partition, each), map(Message.offset, each)
        return list(
            map(
                _make_record,
                zip(
                    self.values,
                    self.keys,
                    [own or [] for own in found],
                    *places,
                    times,
                    strict=True,
                ),
            )
        )

    def _read_headers(self, step: str) -> list[Headers | None]:
        """The client makes a new list at each call, so they are read once."""
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
        """`read` of each row of the columns; None for a record that is given up, because `read`
        raises for it or before.
        """
        skipped = self.given_up if self.given_up or self.divided else None
        give_up = partial(self._recover_unreadable, step, failed)
        found = read_each(
            self.messages, read, columns, skipped, give_up, for_each_value=for_each_value
        )
        self.drop_given_up()
        return found

    def _recover_unreadable(
        self, step: str, failed: type[UnreadableRecordError], index: int, error: BaseException
    ) -> None:
        self._recover(
            self, step, self.messages[index], unreadable_error(error, failed), lambda: None
        )

    def _defer_rest(self, kept: int) -> bool:
        """Keep the first `kept` records, or as many as end with a whole message; the others are to
        be read again. False if none can go.
        """
        messages = self.messages
        # Values of one message, after a flat_map.
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


_make_record = partial(tuple.__new__, Record)  # past its own __new__, which takes what users give


def topic_partition(message: Message) -> TopicPartitionKey:
    """Topic and partition of a received message."""
    return message.topic(), message.partition()  # type: ignore[return-value]  # both are there on a received message
