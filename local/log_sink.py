"""The stream's last app: prints each record as Spring Cloud Stream's log sink does."""

import os
import re
from collections.abc import Sequence
from datetime import datetime
from threading import Event

from confluent_kafka import Consumer, Message

from connectors.headers import types_of

Headers = Sequence[tuple[str, bytes | None]]

POLL_SECONDS = 0.2
_MIME_TYPE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(\s*;.*)?")
_TEXT = re.compile(r"(text/.*|application/(.*\+)?json)(\s*;.*)?", re.IGNORECASE)


class Unprintable(ValueError):  # noqa: N818  named after what it is
    """The stock log sink fails this record; str() is its reason."""


def run(consumer: Consumer, stopping: Event) -> None:
    """Print every record the consumer gets; once `stopping` is set, those that are there already, then close it."""
    while True:
        message = consumer.poll(POLL_SECONDS)
        if message is not None and not message.error():
            print(line(message), flush=True)
        elif stopping.is_set():
            break
    consumer.close()


def line(message: Message) -> str:
    """One line of a Spring Boot log. What the stock sink cannot print is told as an error, with where the record is."""
    try:
        level, text = "INFO", printed(message.value(), message.headers() or ())  # type: ignore[arg-type]  # headers come as a list of pairs
    except Unprintable as reason:
        level, text = "ERROR", f"{reason} ({message.topic()}-{message.partition()}@{message.offset()})"
    time = datetime.now().astimezone().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{time} {level:>5} {os.getpid()} --- [log-sink] log-sink : {text}"


def printed(value: bytes | None, headers: Headers) -> str:
    """What the stock sink prints: text as UTF-8 whatever its charset, the name of Java's object for all else. Raises Unprintable.

    A contentType counts only when spring_json_header_types has it too; application/json without that is what the stock sink fails at.
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
    return value.decode("utf-8", "replace") if _TEXT.fullmatch(content_type) else f"[B@{id(value) & 0x7FFFFFFF:x}"


def _is_typed(types: bytes | None) -> bool:
    return "contentType" in types_of(types)
