"""The stream's last app: prints records as Spring's log sink does, and dead letters."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import methodcaller
from threading import Event

from confluent_kafka import Consumer, Message, Producer

from connectors.records.messages import types_of

Headers = Sequence[tuple[str, bytes | None]]

_HEADERS = methodcaller("headers")
POLL_TIMEOUT_S = 0.2
LONGEST_CHARS = 300  # of a dead letter's header
_MIME_TYPE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(\s*;.*)?")


class Unprintable(ValueError):  # noqa: N818  named after what it is
    """The stock log sink fails at this record. The text is its reason."""


def run(
    consumer: Consumer, producer: Producer, stopping: Event, show: Callable[[Message], None]
) -> None:
    """Show every record. After `stopping`, show only the records that are there, and close.

    The same thread runs the delivery callbacks of the http source's producer. Blocks until the end.

    Args:
        consumer: A subscribed consumer. It is closed at the end.
        producer: The http source's producer.
        stopping: Set when no further records come.
        show: Called with each record.
    """
    while True:
        producer.poll(0)
        message = consumer.poll(POLL_TIMEOUT_S)
        if message is not None and not message.error():
            show(message)
        elif stopping.is_set():
            break
    consumer.close()


def line(message: Message) -> str:
    """Return a line of Spring Boot's log. It is an error line if the stock sink fails."""
    try:
        level, text = "INFO", printed(message.value(), read_headers(message))
    except Unprintable as reason:
        level, text = (
            "ERROR",
            f"{reason} ({message.topic()}-{message.partition()}@{message.offset()})",
        )
    return _logged(level, "log-sink", text)


def dead_letter_line(message: Message) -> str:
    """Return a line for a dead letter: its topic, its record, and the exception."""
    try:
        found = dict(read_headers(message))
    except Unprintable as reason:
        return _logged(
            "ERROR",
            "dead-letter",
            f"{reason} ({message.topic()}-{message.partition()}@{message.offset()})",
        )
    partition, offset = (
        int.from_bytes(found.get(f"x-original-{part}") or b"", "big")
        for part in ("partition", "offset")
    )
    original = f"{_decoded(found.get('x-original-topic'))}-{partition}@{offset}"
    return _logged(
        "ERROR",
        "dead-letter",
        f"{message.topic()}: the record {original}: {exception_of(found)}",
    )


def exception_of(headers: Mapping[str, bytes | None]) -> str:
    """Return the exception of a dead letter as one line."""
    name, text = (_decoded(headers.get(f"x-exception-{part}")) for part in ("fqcn", "message"))
    return f"{name}: {text}" if text else name


def read_headers(message: Message) -> Headers:
    """Return the headers of a record.

    Raises:
        Unprintable: A header's name is no UTF-8.
    """
    try:
        # A direct call can crash: see connectors.records.messages.read_headers.
        return next(map(_HEADERS, (message,))) or ()
    except SystemError:
        raise Unprintable("A header's name is no UTF-8") from None


def _decoded(value: bytes | None) -> str:
    """Return the text as one line, cut."""
    text = (value or b"").decode("utf-8", "replace")
    return " ".join(text[: 2 * LONGEST_CHARS].split())[:LONGEST_CHARS]


def _logged(level: str, name: str, text: str) -> str:
    time = datetime.now().astimezone().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{time} {level:>5} {os.getpid()} --- [{name}] {name} : {text}"


def printed(value: bytes | None, headers: Headers) -> str:
    """Return the text that the stock sink prints. Bytes are Java's object name.

    A contentType counts only if spring_json_header_types lists it. Without that the stock sink
    fails at application/json.

    Raises:
        Unprintable: The stock sink fails at this record.
    """
    if value is None:
        return "org.springframework.kafka.support.KafkaNull"
    found = dict(headers)
    content_type = (found.get("contentType") or b"text/plain").decode("latin-1").strip('"')
    if "contentType" in found and not _is_typed(found.get("spring_json_header_types")):
        if not content_type.lower().startswith("text/plain"):
            raise Unprintable("Unknown type for contentType header value: class [B")
    elif not _MIME_TYPE.fullmatch(content_type):
        raise Unprintable("Invalid mime type")
    return (
        value.decode("utf-8", "replace")
        if _is_text(content_type)
        else f"[B@{id(value) & 0x7FFFFFFF:x}"
    )


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return (
        kind.startswith("text/")
        or kind == "application/json"
        or (kind.startswith("application/") and kind.endswith("+json"))
    )


def _is_typed(types: bytes | None) -> bool:
    return "contentType" in types_of(types)
