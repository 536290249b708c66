"""The records of one turn, carried through the flow as a single item: Bytewax's own cost is per item."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from time import monotonic
from typing import Any

from confluent_kafka import Message

from connectors import headers
from connectors.cutter import Cutter
from connectors.errors import FunctionError, Interrupted
from connectors.function_errors import USUAL, values_of
from connectors.pace import BUDGET
from runtime.forks import end_child

Value = bytes | str | None
TopicPartitionKey = tuple[str, int]
Recover = Callable[["Batch", str, Message, Exception, Callable[[], Any]], Any]

LEAST = 0.05  # seconds each step has at least, also after one that has used up the time of the batch


class Batch:
    """Messages and, beside them, the value each of them has by now.

    A value that is None is not given to functions: it is a null value (a tombstone), which stays null, or one that was dropped. The
    message's own value tells which. `positions` is what may be committed once the batch has been produced: topic and partition to the
    next offset to read. `cut` has the messages that time did not allow for; they are to be read again. A batch with a `failure` is
    passed on as it is, to the sink, where the lane ends: raised through Bytewax, the one line that matters would be lost in a page.
    `dead` has the dead letters to be produced with it, `waited` the seconds that retries were waited for.
    """

    __slots__ = (
        "_charset",
        "_cutter",
        "_headers",
        "_recover",
        "cut",
        "dead",
        "failure",
        "handed_out",
        "made_by",
        "messages",
        "positions",
        "values",
        "waited",
    )

    def __init__(
        self,
        messages: list[Message],
        positions: dict[TopicPartitionKey, int],
        recover: Recover,
        cutter: Cutter,
        charset: str = "utf-8",
    ) -> None:
        """`recover`: what becomes of a record whose function raised (see Recovery.recover); `charset`: of records that name none."""
        self.messages = messages
        self.values: list[Any] = list(map(Message.value, messages))
        self.positions = positions
        self.cut: list[Message] = []
        self.dead: list[tuple[Message, tuple[Any, ...]]] = []  # the record and the arguments of Producer.produce for its letter
        self.failure: FunctionError | Interrupted | None = None
        self.made_by: tuple[str, Callable[..., Any], str] | None = None  # step and function of the values, and "return" or "yield"
        self._recover = recover
        self._cutter = cutter
        self._charset = charset
        self.handed_out = monotonic()
        self.waited = 0.0
        self._headers: list[headers.Headers | None] | None = None

    @property
    def headers(self) -> Iterable[headers.Headers | None]:
        """The headers of each message. The client makes a new list at each call, so they are read once."""
        if self._headers is not None:
            return self._headers
        return map(Message.headers, self.messages)  # type: ignore[arg-type]  # a consumer gives lists of (str, bytes or None)

    def map(self, step: str, mapper: Callable[..., Any], *, wants_charset: bool = False) -> "Batch":
        """Replace each value by `mapper(value)`, or `mapper(value, charset)`; None drops the record."""
        self.values = self._apply(step, mapper, wants_charset=wants_charset)
        self.made_by = step, mapper, "return"
        return self

    def filter(self, step: str, predicate: Callable[[Any], object]) -> "Batch":
        """Drop the records whose value the predicate finds false."""
        kept = self._apply(step, predicate)
        self.values = [value if keep else None for value, keep in zip(self.values, kept, strict=True)]
        return self

    def flat_map(self, step: str, mapper: Callable[[Any], Iterable[Any]]) -> "Batch":
        """Replace each record by one record for each value of `mapper(value)`, with the key and headers of the original."""
        results = self._apply(step, lambda value: tuple(made) if type(made := mapper(value)) in USUAL else values_of(mapper, made))
        if self.failure:
            return self
        self.made_by = step, mapper, "yield"
        if self._headers is not None:
            self._headers = [h for h, r in zip(self._headers, results, strict=True) for _ in ((r,) if r is None else r)]
        self.messages = [m for m, r in zip(self.messages, results, strict=True) for _ in ((r,) if r is None else r)]
        self.values = [value for r in results for value in ((r,) if r is None else r)]
        return self

    def drop(self) -> None:
        """Produce nothing of it, not even null values; its positions and dead letters stay."""
        self.messages, self.values, self._headers = [], [], None

    def _apply(self, step: str, function: Callable[..., Any], *, wants_charset: bool = False) -> list[Any]:
        """`function` of each value that is not None, until the time is up; what is left is cut off."""
        arguments = self._arguments(wants_charset=wants_charset)
        values, results = self.values, list[Any]()
        while (done := len(results)) < len(values):
            rest = [column[done:] for column in arguments]  # copies: the cutter empties the first when the time is up
            calls = _calls(function, rest)
            self._cutter.arm(rest[0], max(self.handed_out + BUDGET, monotonic() + LEAST))
            try:
                results.extend(calls)  # keeps what came before an exception: its length tells which record it was
                if not rest[0]:
                    if self._cut_off(len(results)):
                        del results[len(self.values) :]
                        break
                elif len(results) < len(values):  # the function raised StopIteration, which ends an iterator quietly
                    raise RuntimeError("StopIteration")  # noqa: TRY301 - into the same hands
            except Exception as error:  # noqa: BLE001 - whatever a function may raise
                end_child(error)
                index = len(results)
                again = partial(function, *(column[index] for column in arguments))
                try:
                    results.append(self._recover(self, step, self.messages[index], error, again))
                except (FunctionError, Interrupted) as failure:
                    self.failure = failure
                    return values
                if monotonic() > self.handed_out + BUDGET and self._cut_off(len(results)):  # retries were waited for
                    del results[len(self.values) :]
                    break
        return results

    def _arguments(self, *, wants_charset: bool) -> list[list[Any]]:
        """The columns that a function is called with."""
        if not wants_charset:
            return [self.values]
        self._headers = list(self.headers)
        if any(self._headers):
            return [self.values, [headers.charset(own, self._charset) for own in self._headers]]
        return [self.values, [self._charset] * len(self.values)]

    def _cut_off(self, kept: int) -> bool:
        """Keep the first `kept` records, or as many as end with a whole message; the others are to be read again. False if none can go."""
        messages = self.messages
        while 0 < kept < len(messages) and messages[kept] is messages[kept - 1]:  # values of one message, after a flat_map
            kept -= 1
        later = messages[kept:] if kept else []
        for message in reversed(later):
            self.positions[place(message)] = message.offset()  # type: ignore[assignment]  # a received message has an offset
        if later:
            self.cut = later + self.cut
            again = set(map(id, later))
            self.dead = [letter for letter in self.dead if id(letter[0]) not in again]
            del messages[kept:], self.values[kept:]
            if self._headers is not None:
                del self._headers[kept:]
        return bool(later)


def _calls(function: Callable[..., Any], columns: list[list[Any]]) -> Iterator[Any]:
    """`function` of each row; None for a row whose value is None. Ends with the first column, however short that becomes."""
    if all(columns[0]):  # neither null nor empty: the common case needs no test per value
        return map(function, *columns)
    return (None if row[0] is None else function(*row) for row in zip(*columns, strict=False))


def place(message: Message) -> TopicPartitionKey:
    """Topic and partition of a received message."""
    return message.topic(), message.partition()  # type: ignore[return-value]  # both are there on a received message
