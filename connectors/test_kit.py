"""Gives one record to a function's step, with conversion, retries and dead letters."""

import json
import time
from codecs import BOM_UTF16_BE
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, NamedTuple

import pydantic_core
from confluent_kafka import Message

import config
from catalog.callables import location
from catalog.lookup import Found
from config.loading.own_properties import checked_value, own_properties
from connectors.failures.dead_letters import FQCN, MESSAGE, DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.calls import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.json_values import CONTENT_TYPE
from connectors.named_functions.overlapping import Overlapping
from connectors.named_functions.rows import typed_headers
from connectors.named_functions.signatures import bind
from connectors.named_functions.steps import work_for
from connectors.produce.record_writer import RecordWriter
from connectors.records import forwarding, messages
from connectors.records.batch import RecordBatch
from formats.content_types import DEFAULT

_GROUP = "--spring.cloud.stream.bindings.input.group=test"
_STEP = "test"
_POLL_INTERVAL_S = 0.001


@dataclass(frozen=True)
class Sent:
    """A record that is produced."""

    value: bytes | None
    key: bytes | None
    headers: dict[str, bytes | None]

    @property
    def text(self) -> str:
        """The value as text, in the charset of its contentType."""
        value = self.value or b""
        return value.decode(messages.codec(list(self.headers.items()), DEFAULT, value))

    @property
    def json(self) -> Any:
        """The value, parsed as JSON."""
        return json.loads(self.value or b"")


class DeadLetter(NamedTuple):
    """A record that the function could not process."""

    error: str  # the exception's class
    message: str
    value: bytes | None
    headers: dict[str, bytes | None]


@dataclass(frozen=True)
class Outcome:
    """The result of one record."""

    records: list[Sent]
    dead_letters: list[DeadLetter]

    @property
    def dropped(self) -> bool:
        """Whether no record is produced, and there is no dead letter."""
        return not self.records and not self.dead_letters

    @property
    def only(self) -> Sent:
        """The only record that is produced. Raises AssertionError if there is none, or several."""
        if len(self.records) != 1:
            raise AssertionError(f"{len(self.records)} records go out: {self}")
        return self.records[0]

    @property
    def values(self) -> list[bytes | None]:
        """The value of each record."""
        return [record.value for record in self.records]

    @property
    def value(self) -> bytes | None:
        """The value of the only record."""
        return self.only.value

    @property
    def text(self) -> str:
        """The text of the only record."""
        return self.only.text

    @property
    def json(self) -> Any:
        """The JSON of the only record."""
        return self.only.json

    @property
    def key(self) -> bytes | None:
        """The key of the only record."""
        return self.only.key

    @property
    def headers(self) -> dict[str, bytes | None]:
        """The headers of the only record."""
        return self.only.headers


class _Producer:
    """Keeps produced records. It stands for Kafka's producer."""

    def __init__(self) -> None:
        self.produced = list[tuple[Any, ...]]()

    def __len__(self) -> int:
        return 0  # no record waits for its delivery

    def produce(self, topic: str, value: Any, *rest: Any) -> None:
        if isinstance(value, str):
            value.encode()  # Kafka's producer refuses surrogates in the same way
        self.produced.append((topic, value, *rest))


class _Output:
    """The owner of the producer."""

    def __init__(self) -> None:
        self.producer: Any = _Producer()

    def raise_for_failed_delivery(self) -> None:
        """Do nothing. No delivery fails here."""

    def end_of_producer(self, error: Any) -> Any:
        """Return the error. This producer never ends."""
        return error


class _Calls(AsyncCalls):
    """Calls async functions. A test may give the session."""

    def __init__(self, session: Any) -> None:
        super().__init__(1, _wait)
        self._given = session

    def session(self, setup: Callable[..., Any]) -> Any:
        return super().session(setup) if self._given is None else self._given


def run(
    function: Callable[..., Any],
    value: Any,
    *,
    key: bytes | str | None,
    headers: Mapping[str, Any] | None,
    content_type: str | None,
    topic: str,
    session: Any,
    properties: Mapping[str, Any],
) -> Outcome:
    """Run the function for one record. See python_processor.run."""
    settings = config.load([_GROUP], {})
    message = _message(
        function, value, key, headers=dict(headers or {}), content_type=content_type, topic=topic
    )
    owned = own_properties([Found(_STEP, function)], lambda _: False)
    known = {each.field for each in owned}
    if unknown := set(properties) - known:
        raise TypeError(
            f"{location(function)} has no property {', '.join(sorted(unknown))}; it has "
            f"{', '.join(sorted(known)) or 'none'}"
        )

    def options(owner: Any) -> Any:
        return owner(
            **{
                each.field: checked_value(each, properties[each.field])
                for each in owned
                if each.owner is owner and each.field in properties
            }
        )

    dead_letters = DeadLetterQueue(settings)
    dead_letters.found(dead_letters.topic(topic), 1)
    recovery = RetryPolicy(settings, dead_letters, lambda _: None)
    work = work_for(_STEP, bind(_STEP, function, options))
    calls = _Calls(session)
    overlapping = Overlapping(calls, recovery.recover_all)
    batch = RecordBatch(
        [message],
        {messages.topic_partition(message): 1},
        recovery.recover,
        StepTimer(),
        overlapping=overlapping,
    )
    work(batch)
    calls.close()
    if batch.error:
        raise batch.error
    output = _Output()
    RecordWriter(settings, output).write(batch, lambda _: None, recovery.give_up)
    records, letters = list[Sent](), list[DeadLetter]()
    for target, made, made_key, *rest in output.producer.produced:
        found = dict(rest[-1]) if rest else {}
        if target == dead_letters.topic(topic):
            letters.append(_letter(found, made))
        else:
            records.append(Sent(made.encode() if isinstance(made, str) else made, made_key, found))
    return Outcome(records, letters)


def _wait(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(_POLL_INTERVAL_S)


def _letter(headers: dict[str, bytes | None], value: bytes | None) -> DeadLetter:
    error, message = (headers.get(name) or b"" for name in (FQCN, MESSAGE))
    return DeadLetter(
        error.decode().rpartition(".")[2], message.decode("utf-8", "replace"), value, headers
    )


def _message(
    function: Callable[..., Any],
    value: Any,
    key: bytes | str | None,
    *,
    headers: Mapping[str, Any],
    content_type: str | None,
    topic: str,
) -> Message:
    found: messages.Headers = typed_headers(function, list(headers.items()))
    if content_type is not None:
        found = forwarding.with_content_type(found, content_type.encode())
    if isinstance(value, str):
        value = value.encode(messages.codec(found, DEFAULT, BOM_UTF16_BE))  # UTF-16 has a mark
    elif not (value is None or isinstance(value, bytes)):
        value = pydantic_core.to_json(
            asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        )
        if messages.last_header(found, messages.CONTENT_TYPE) is None:
            found = forwarding.with_content_type(found, CONTENT_TYPE)
    key = key.encode() if isinstance(key, str) else key
    return Message(topic=topic, partition=0, offset=0, key=key, value=value, headers=found or None)  # type: ignore[arg-type]  # the value may be None
