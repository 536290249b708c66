"""Evaluates an expression for a record to be produced."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import Message

from config.spring.spel import Expression
from connectors.errors.exceptions import PartitionKeyError
from connectors.produce import java_values
from connectors.records import messages as kafka_headers
from formats.charsets import find_charset, shorten
from formats.json_text import InvalidJsonError, parse_json

Headers = kafka_headers.Headers

# Headers that Spring's Kafka binder adds to a received message. They describe the record, and the
# record itself does not have them.
_RECEIVED: dict[str, Callable[[Message], java_values.Scalar | None]] = {
    "kafka_receivedMessageKey": lambda message: _text(message.key()),
    "kafka_receivedTopic": lambda message: str(message.topic()),
    "kafka_receivedPartitionId": lambda message: int(message.partition() or 0),
    "kafka_offset": lambda message: java_values.Long(message.offset() or 0),
    "kafka_receivedTimestamp": lambda message: java_values.Long(message.timestamp()[1]),
}


def evaluate(
    expression: Expression, message: Message, value: Any, headers: Headers, charset: str
) -> java_values.Scalar | None:
    """Return the value of an expression about a record. None is Java's null.

    The payload is the function's result. Bytes are text here, as `new String(payload, charset)` in
    Java. A Java byte[] itself would be another key each time. JSON numbers have Jackson's types.

    Args:
        expression: The property's value.
        message: The record that was read.
        value: The value to produce.
        headers: The record's headers.
        charset: For a payload whose contentType names none.

    Raises:
        PartitionKeyError: The value's hash code is not known here.
    """
    path = expression.path
    found: Any
    match expression.root:
        case "payload":
            found = _payload(value, headers, charset)
            if path and found is not None:
                found = _json(found, "payload")
        case "headers":
            name, path = str(path[0]), path[1:]
            found = header(message, headers, name)
            if path and isinstance(found, str):
                found = _json(found, f"header {name}")
        case _:
            found = _text(message.key())
    for step in path:
        found = _inside(found, step)
    if isinstance(found, list | dict):
        raise PartitionKeyError(
            f"{expression} is a JSON {'array' if isinstance(found, list) else 'object'}, no "
            f"single value"
        )
    return ask(expression, found)


def ask(expression: Expression, value: java_values.Scalar | None) -> java_values.Scalar | None:
    """Return the result of an expression's calls and modulus for a value.

    Args:
        expression: Has the calls.
        value: The value.

    Raises:
        PartitionKeyError: A method of the value is not known here.
    """
    for call in expression.calls:
        if value is None:
            return None
        if call == "hashCode":
            value = java_values.hash_code(value)
        elif call == "toString" and not isinstance(value, float):
            value = value if isinstance(value, str) else str(value).lower()
        elif call == "length" and isinstance(value, str):
            value = len(value.encode("utf-16-le", "surrogatepass")) // 2
        else:
            raise PartitionKeyError(
                f"{expression}: a {type(value).__name__} has no {call}() that is known here"
            )
    if expression.modulus is None or value is None:
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise PartitionKeyError(
            f"{expression}: % needs a whole number, not a {type(value).__name__}"
        )
    remainder = abs(value) % expression.modulus
    # Java's remainder has the sign of the dividend.
    return type(value)(-remainder if value < 0 else remainder)


def header(message: Message, headers: Headers, name: str) -> java_values.Scalar | None:
    """Return a header as Java has it: of the class in spring_json_header_types, or as text.

    Args:
        message: The record that was read.
        headers: The record's headers.
        name: The header, or one that Spring's binder adds, such as kafka_offset.

    Raises:
        PartitionKeyError: The header's class is unknown here, or its text is no such value.
    """
    if received := _RECEIVED.get(name):
        return received(message)
    if (raw := kafka_headers.last_header(headers, name)) is None:
        return None
    text = raw.decode("utf-8", "replace")
    types = kafka_headers.types_of(kafka_headers.last_header(headers, kafka_headers.TYPES))
    kind = types.get(name, kafka_headers.STRING)
    try:
        if kind == kafka_headers.STRING:
            return str(parse_json(text)) if text.startswith('"') else text
        return java_values.read(kind, text)
    except KeyError:
        raise PartitionKeyError(
            f"the header {name} is a {shorten(kind)}, a class that is not known here"
        ) from None
    except ValueError:
        raise PartitionKeyError(
            f"the header {name} is no {kind}, as {kafka_headers.TYPES} says"
        ) from None


def _payload(value: Any, headers: Headers, charset: str) -> str | None:
    if isinstance(value, str | None):
        return value
    if not isinstance(value, bytes):
        raise TypeError(f"a value has to be bytes, str or None, not {type(value).__name__}")
    name = kafka_headers.charset(headers, charset)
    if (known := find_charset(name)) is None:
        raise PartitionKeyError(f"the payload is in the unknown charset '{shorten(name)}'")
    return known.decode(value, "replace")


def _json(text: str, part: str) -> Any:
    try:
        return parse_json(text)
    except InvalidJsonError:
        raise PartitionKeyError(
            f"the {part} is not JSON, which the expression looks into"
        ) from None


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _text(raw: bytes | str | None) -> str | None:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
