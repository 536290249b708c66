"""A dead letter, decoded. Its headers are those of this processor or of Spring's Kafka binder."""

import re
from typing import NamedTuple, Self

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

from connectors.failures.dead_letters import FQCN, MESSAGE, OMITTED, STACKTRACE
from connectors.records.forwarding import REPLAYS
from connectors.records.messages import Headers, read_headers
from dead_letters.letters.stack_traces import NAME_MAX_CHARS, find_root_cause, find_step

TOPIC, PARTITION, OFFSET = "x-original-topic", "x-original-partition", "x-original-offset"
TIMESTAMP, TIMESTAMP_TYPE = "x-original-timestamp", "x-original-timestamp-type"
_NUMBER_BYTES = {PARTITION: 4, OFFSET: 8, TIMESTAMP: 8}  # big-endian, as Java writes them
_REQUIRED = (TOPIC, PARTITION, OFFSET, TIMESTAMP)
_TEXTS = (TOPIC, TIMESTAMP_TYPE, FQCN, MESSAGE, STACKTRACE)
# Names of Kafka's own topics begin with two underscores. A letter must not name one.
_TOPIC_NAME = re.compile(r"(?!__|\.{1,2}$)[a-zA-Z0-9._-]{1,249}")
_COUNT = re.compile(rb"[0-9]{1,9}")
_WRAPPERS = "org.springframework."  # Spring wraps an exception in its own classes
# A letter that lacks one of these parts cannot be replayed as the same record.
_NEEDED_PARTS = frozenset({"headers", "value", "key"})


class Letter(NamedTuple):
    """One dead letter. A missing header is None or "". `damages` lists damaged headers."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int  # when the record became a letter (epoch); -1 for none
    key: bytes | None
    value: bytes | None
    headers: Headers | None  # all headers; None when the client cannot read them
    original_topic: str
    original_partition: int | None
    original_offset: int | None
    original_timestamp_ms: int | None
    timestamp_type: str
    exception: str  # the class that the header names
    cause: str  # the innermost cause inside Spring's wrapper, or ""
    text: str  # the exception's message
    stack_trace: str
    step: str
    replays: int
    damages: tuple[str, ...]  # one phrase each; a letter with damages is not replayed

    @classmethod
    def from_message(cls, message: Message) -> Self:
        """Decode one message of a dead letter topic. Never raises, whatever the message contains.

        Args:
            message: A message without an error.
        """
        damages: list[str] = []
        headers: Headers | None
        try:
            headers = read_headers(message)
        except SystemError:
            headers = None
            damages.append("the headers cannot be read: a name is not UTF-8")
        last = dict(headers or ())  # the last of equal names counts, as in Java
        texts = {name: _read_text(name, last, damages) for name in _TEXTS}
        numbers = {name: _read_number(name, last, damages) for name in _NUMBER_BYTES}
        if headers is not None:
            damages += [f"{name} is missing" for name in _REQUIRED if last.get(name) is None]
        if last.get(TOPIC) is not None and not _TOPIC_NAME.fullmatch(texts[TOPIC]):
            damages.append(f"{TOPIC} is no name of a user's topic")
        omitted = (last.get(OMITTED) or b"").decode("ascii", "replace").split(",")
        damages += [
            f"the letter does not have the record's {part}"
            for part in omitted
            if part in _NEEDED_PARTS
        ]
        kind, timestamp_ms = message.timestamp()
        exception, trace = texts[FQCN][:NAME_MAX_CHARS], texts[STACKTRACE]
        return cls(
            topic=str(message.topic()),
            partition=int(message.partition() or 0),
            offset=int(message.offset() or 0),
            timestamp_ms=-1 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp_ms,
            key=message.key(),
            value=message.value(),
            headers=headers,
            original_topic=texts[TOPIC],
            original_partition=numbers[PARTITION],
            original_offset=numbers[OFFSET],
            original_timestamp_ms=numbers[TIMESTAMP],
            timestamp_type=texts[TIMESTAMP_TYPE],
            exception=exception,
            cause=find_root_cause(trace) if exception.startswith(_WRAPPERS) else "",
            text=texts[MESSAGE],
            stack_trace=trace,
            step=find_step(trace),
            replays=_read_replays(last, damages),
            damages=tuple(damages),
        )

    @property
    def failure(self) -> str:
        """The exception to count the letter by: the cause if Spring has wrapped it."""
        return self.cause or self.exception

    def __str__(self) -> str:
        """Return the letter's topic, partition and offset."""
        return f"{self.topic}-{self.partition}@{self.offset}"


def _read_text(name: str, headers: dict[str, bytes | None], damages: list[str]) -> str:
    """Decode a header. Bytes that are not UTF-8 become backslash escapes."""
    raw = headers.get(name)
    if raw is None:
        return ""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        damages.append(f"{name} is not UTF-8")
        return raw.decode(errors="backslashreplace")


def _read_number(name: str, headers: dict[str, bytes | None], damages: list[str]) -> int | None:
    raw, size = headers.get(name), _NUMBER_BYTES[name]
    if raw is None:
        return None
    if len(raw) != size:
        damages.append(f"{name} has {len(raw)} bytes instead of {size}")
        return None
    number = int.from_bytes(raw, "big", signed=True)
    if number < 0 and name != TIMESTAMP:
        damages.append(f"{name} is negative")
        return None
    return number


def _read_replays(headers: dict[str, bytes | None], damages: list[str]) -> int:
    raw = headers.get(REPLAYS)
    if raw is None:
        return 0
    if not _COUNT.fullmatch(raw):
        damages.append(f"{REPLAYS} is not a number")
        return 0
    return int(raw)
