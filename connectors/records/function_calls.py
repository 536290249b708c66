"""Calls of a step's function for the records of a batch, within the time of the batch."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from time import monotonic
from typing import Any, Self

from confluent_kafka import Message

from connectors.errors.exceptions import ConnectorError, Interrupted, UnreadableRecordError
from connectors.functions.calls import BATCH_TIME_LIMIT_S, call, call_each, record_span
from connectors.functions.errors import is_true, result_error, unforeseen_error
from connectors.functions.values import are_exact, is_value
from connectors.named_functions.calls import Call
from connectors.records import messages
from connectors.records.columns import RecordColumns
from connectors.records.forwarding import with_content_type
from formats.content_types import codec_named
from python_processor import Record
from runtime.forks import end_child
from text import reverse, reverse_each, unchanged

# The least time of each step, even if an earlier step has used up the batch's time.
STEP_MIN_TIME_S = 0.05


class FunctionCalls(RecordColumns):
    """Calls a function with the columns that it needs. No call adds a record."""

    __slots__ = ()

    def map(self, step: str, mapper: Callable[..., Any], *, wants_charset: bool = False) -> Self:
        """Replace each value by `mapper(value)` or `mapper(value, charset)`. None drops the record.

        A record with an unknown charset becomes a dead letter without a call of the mapper.

        Args:
            step: The step's name.
            mapper: The user's function.
            wants_charset: Whether to pass the name of Python's codec.
        """
        self.values = self._apply(step, mapper, wants_charset=wants_charset)
        self.made_by = step, mapper, "return"
        # These two return exact values for exact values.
        self.is_exact = self.is_exact and (mapper is reverse or mapper is unchanged)
        return self

    def filter(self, step: str, predicate: Callable[..., object], call: Call | None = None) -> Self:
        """Drop the records for whose value the predicate returns false.

        Args:
            step: The step's name.
            predicate: The user's function.
            call: The call of a function with annotations; None for another.
        """
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

    def _apply(
        self,
        step: str,
        function: Callable[..., Any],
        convert: Callable[[Any], Any] | None = None,
        call: Call | None = None,
        *,
        wants_charset: bool = False,
    ) -> list[Any]:
        """Return `convert(function(value))` of each value that is not None, until the time is up.

        Later records are deferred. Every exception is about the record whose value was passed.
        """
        values = self.values
        if self.error:  # of an earlier step
            return values
        try:
            if call is not None and call.reads and not self.is_exact:
                self._refuse_unreadable_results()
            if call is None:
                return self._results(
                    step, function, convert, self._arguments(step, wants_charset=wants_charset)
                )
            arguments = self._call_arguments(step, call)
            if call.is_async:
                return self._overlapping_results(step, call, convert, arguments)
            return self._results(step, function, convert, arguments)
        # The recovery of a record raises these, never the function.
        except (ConnectorError, Interrupted) as failure:
            self.error = failure
        except BaseException as error:  # noqa: BLE001 - Bytewax would print a long traceback
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
        if function is reverse and convert is None and (turned := self._reversed(*arguments)):
            return turned
        while (done := len(results)) < len(values):
            # Copies, because the timer empties the first one when time is up.
            rest = [column[done:] for column in arguments]
            calls = call_each(function, convert, rest)
            self._step_timer.limit(
                rest[0], max(self.handed_out_at + BATCH_TIME_LIMIT_S, monotonic() + STEP_MIN_TIME_S)
            )
            try:
                # extend() keeps the results before an exception: their number is the failed index.
                results.extend(calls)
                if not rest[0]:
                    if self._defer_rest(len(results)):
                        del results[len(self.values) :]
                        break
                # The function raised StopIteration, which ends an iterator quietly.
                elif len(results) < len(values):
                    raise RuntimeError("StopIteration")  # noqa: TRY301 - handled as the function's errors
            except BaseException as error:  # noqa: BLE001 - a function may raise anything, and exit() raises SystemExit
                end_child(error)
                index = len(results)
                message = self.messages[index]
                again = partial(call, function, convert, [column[index] for column in arguments])
                result = self._recover(self, step, message, error, again)
                if id(message) in self.given_up:
                    # All values of the message are given up, also the ones before and after this
                    # one.
                    first, end = record_span(self.messages, index)
                    results[first:] = [None] * (end - first)
                else:
                    results.append(result)
                # The waits of retries count, too.
                if monotonic() > self.handed_out_at + BATCH_TIME_LIMIT_S and self._defer_rest(
                    len(results)
                ):
                    del results[len(self.values) :]
                    break
        return results

    def _reversed(self, values: list[Any], codecs: Sequence[str] = ()) -> list[bytes] | None:
        """Return the reversed values if one call can reverse all. Otherwise return None."""
        are_utf8 = self.is_exact and codecs.count("utf-8") == len(values)
        return reverse_each(values) if are_utf8 else None

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
            self, step, function, convert, arguments, self._step_timer, ends_at, self._defer_rest
        )

    def _call_arguments(self, step: str, call: Call) -> list[list[Any]]:
        """Return the columns of a call. Read the headers that _take() may change."""
        columns = self._arguments(step, wants_charset=call.wants_charset)
        if call.content_type and None in self.values:
            self._read_headers(step)
        return [*columns, self._records(step)] if call.wants_record else columns

    def _refuse_unreadable_results(self) -> None:
        """Give up records for which an earlier step has returned neither bytes, str nor None.

        The dead letter then names the function that has returned the value.
        """
        if are_exact(self.values) or self.made_by is None:
            return
        step, function, verb = self.made_by
        for message, value in zip(self.messages, self.values, strict=True):
            if not is_value(value) and (wrong := result_error(function, verb, value)):
                self._recover(self, step, message, wrong, lambda: None)
        self.drop_given_up()

    def _arguments(self, step: str, *, wants_charset: bool) -> list[list[Any]]:
        """Return the columns that are a function's arguments."""
        if not wants_charset:
            return [self.values]
        if self.content_type:  # JSON that an earlier step has made
            return [self.values, ["utf-8"] * len(self.values)]
        found: list[Any] = self._read_headers(step)
        names = self.header_names
        if names is not None and (codec := messages.common_codec(names, found, self._charset)):
            return [self.values, [codec] * len(self.values)]
        codec = codec_named(self._charset)
        if any(found) or not codec:
            columns = found, repeat(self._charset), self.values
            return [
                self.values,
                self._of_each(
                    step, messages.codec, UnreadableRecordError, *columns, for_each_value=True
                ),
            ]
        return [self.values, [codec] * len(self.values)]

    def _records(self, step: str) -> list[Record]:
        """Return a Record for each value. It has the contentType that an earlier step has set."""
        found = self._read_headers(step)
        if self.content_type:
            found = self._headers = [
                with_content_type(own or [], self.content_type) for own in found
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


_make_record = partial(tuple.__new__, Record)  # past Record.__new__, which is for users
