"""Results that set the key or headers of a record."""

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from catalog.callables import location
from connectors.errors.exceptions import ResultError
from connectors.functions import exception_text
from connectors.named_functions.json_values import CONTENT_TYPE as JSON
from connectors.named_functions.json_values import is_json, write_json
from connectors.named_functions.text_values import encode
from connectors.records import messages
from connectors.records.forwarding import with_content_type
from connectors.records.messages import (
    CONTENT_TYPE,
    STRING,
    TYPES,
    Headers,
    last_header,
    types_of,
)
from formats.content_types import DEFAULT
from python_processor import Record

_CLASSES = ((bool, "java.lang.Boolean"), (int, "java.lang.Long"), (float, "java.lang.Double"))
_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1


class Row(NamedTuple):
    """The new value, key and headers of a record."""

    value: Any  # bytes or str
    key: bytes | None
    headers: Headers


def row_writer(function: Callable[..., Any]) -> Callable[..., Row | None]:
    """Return a function that converts a result to a Row, or raises ResultError.

    Args:
        function: The user's function, for errors.
    """

    def write(result: Any, value: Any, codec: str, record: Record) -> Row | None:
        if result is None:
            return None
        if type(result) is Record:
            made, key, headers = result[0], result[1], result[2]
            headers = (
                headers if headers is record[2] else typed_headers(function, headers, record[2])
            )
            key = _key(function, key)
        else:
            made, key, headers = result, record[1], record[2]
        kind = type(made)
        if kind is bytes:
            return Row(made, key, headers)
        if kind is str or issubclass(kind, str):
            if headers is not record[2]:
                codec = _codec_after(headers, record, codec)
            return Row(encode(made, value, codec), key, headers)
        if made is None:
            raise ResultError(
                f"{location(function)} set the value None; return None to drop the record"
            )
        if issubclass(kind, bytes):
            return Row(made, key, headers)
        return Row(_json(function, made), key, _json_headers(headers, record))

    return write


def _json(function: Callable[..., Any], made: Any) -> bytes:
    if not is_json(type(made)):
        raise ResultError(
            f"{location(function)} returned {exception_text.type_name(type(made))}; return a "
            f"Record, bytes, str, dict, list, dataclass or pydantic model"
        )
    return write_json(function, made)


def typed_headers(
    function: Callable[..., Any], pairs: list[tuple[Any, Any]], received: Headers | None = None
) -> Headers:
    """Return headers as Spring writes them.

    Bytes stay as they are. Other values are written as JSON, with a Java class in a header. A
    received class is left out if its header has other bytes now.

    Args:
        function: The function that has set the headers, for errors.
        pairs: Names and values.
        received: The headers of the received record. None if there are none.

    Raises:
        ResultError: A name or a value has another type.
    """
    found: Headers = []
    types = dict[str, str]()
    for name, value in pairs:
        if not isinstance(name, str):
            raise ResultError(
                f"{location(function)} set a header whose name is "
                f"{exception_text.type_name(type(name))}; a name is str"
            )
        _utf8(function, "the name of a header", name)  # the client would crash the process
        written, java = _header(function, name, value)
        found.append((name, written))
        if java:
            types[name] = java
    listed = last_header(found, TYPES)
    stale = _stale_types(found, received, listed) if received and listed else set[str]()
    if not types and not stale:
        return found
    known = {name: java for name, java in types_of(listed).items() if name not in stale} | types
    kept = [header for header in found if header[0] != TYPES]
    if not known:
        return kept
    return [*kept, (TYPES, json.dumps(known, separators=(",", ":")).encode())]


def _stale_types(headers: Headers, received: Headers, listed: bytes) -> set[str]:
    """Return the names whose received class is not that of the present value.

    A function that has set the types itself keeps them. contentType is a String while it is there.
    """
    if listed != last_header(received, TYPES):
        return set()
    values = {name: last_header(headers, name) for name in types_of(listed)}
    return {
        name
        for name, value in values.items()
        if value != last_header(received, name) and not (name == CONTENT_TYPE and value)
    }


def _header(function: Callable[..., Any], name: str, value: Any) -> tuple[bytes | None, str]:
    """Return a header's value as it is sent, and its Java class. Bytes have none."""
    if value is None or isinstance(value, bytes):
        return value, ""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False) if value.startswith('"') else value
        return _utf8(function, f"the header {name!r}", text), STRING
    for kind, java in _CLASSES:
        if isinstance(value, kind):
            if not (math.isfinite(value) if kind is float else _LONG_MIN <= value <= _LONG_MAX):
                raise ResultError(
                    f"{location(function)} set the header {name!r} to a number that {java} cannot "
                    f"hold; set a str"
                )
            return json.dumps(value).encode(), java
    raise ResultError(
        f"{location(function)} set the header {name!r} to {exception_text.type_name(type(value))}; "
        f"a header is bytes, str, int, float, bool or None"
    )


def _key(function: Callable[..., Any], key: Any) -> bytes | None:
    if isinstance(key, str):
        return _utf8(function, "a key", key)
    if key is None or isinstance(key, bytes):
        return key
    raise ResultError(
        f"{location(function)} set a key that is {exception_text.type_name(type(key))}; a key is "
        f"bytes, str or None"
    )


def _utf8(function: Callable[..., Any], what: str, text: str) -> bytes:
    try:
        return str.encode(text)
    except UnicodeEncodeError:
        raise ResultError(
            f"{location(function)} set {what} to text with surrogates, which UTF-8 cannot hold"
        ) from None


def _codec_after(headers: Headers, record: Record, codec: str) -> str:
    """Return the codec of a value whose function has set headers, perhaps another contentType."""
    content_type = last_header(headers, CONTENT_TYPE)
    if content_type == last_header(record[2], CONTENT_TYPE):
        return codec
    return messages.codec(headers, DEFAULT, b"")


def _json_headers(headers: Headers, record: Record) -> Headers:
    """Return the headers of a JSON value. A contentType that the function has set stays."""
    if headers is not record[2]:
        content_type = last_header(headers, CONTENT_TYPE)
        if content_type is not None and content_type != last_header(record[2], CONTENT_TYPE):
            return headers
    return with_content_type(headers, JSON)
