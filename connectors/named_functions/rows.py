"""Results that set the key or headers of a record."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from catalog.callables import location
from connectors.errors.exceptions import ResultError
from connectors.functions import exception_text
from connectors.named_functions.json_values import CONTENT_TYPE as JSON
from connectors.named_functions.json_values import write_json
from connectors.named_functions.text_values import encode
from connectors.records.forwarding import with_content_type
from connectors.records.messages import STRING, TYPES, Headers, last_header, types_of
from python_processor import Record

_CLASSES = ((bool, "java.lang.Boolean"), (int, "java.lang.Long"), (float, "java.lang.Double"))


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
            headers = headers if headers is record[2] else typed_headers(function, headers)
            key = key.encode() if isinstance(key, str) else key
            if not (key is None or isinstance(key, bytes)):
                raise ResultError(
                    f"{location(function)} set a key that is "
                    f"{exception_text.type_name(type(key))}; a key is bytes, str or None"
                )
        else:
            made, key, headers = result, record[1], record[2]
        kind = type(made)
        if kind is bytes:
            return Row(made, key, headers)
        if kind is str:
            return Row(encode(made, value, codec), key, headers)
        if made is None:
            raise ResultError(
                f"{location(function)} set the value None; return None to drop the record"
            )
        if issubclass(kind, (bytes, str)):
            return Row(made, key, headers)
        if issubclass(kind, (int, float, tuple, set, frozenset, memoryview, bytearray)):
            raise ResultError(
                f"{location(function)} returned {exception_text.type_name(kind)}; return a "
                f"Record, bytes, str, dict or list"
            )
        return Row(write_json(function, made), key, with_content_type(headers, JSON))

    return write


def typed_headers(function: Callable[..., Any], pairs: list[tuple[Any, Any]]) -> Headers:
    """Return headers as Spring writes them.

    Bytes stay as they are. Other values are written as JSON, with a Java class in a header.

    Args:
        function: The function that has set the headers, for errors.
        pairs: Names and values.

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
        if value is None or isinstance(value, bytes):
            found.append((name, value))
        elif isinstance(value, str):
            found.append(
                (
                    name,
                    (
                        json.dumps(value, ensure_ascii=False) if value.startswith('"') else value
                    ).encode(),
                )
            )
            types[name] = STRING
        elif java := next((java for kind, java in _CLASSES if isinstance(value, kind)), None):
            found.append((name, json.dumps(value).encode()))
            types[name] = java
        else:
            kind = exception_text.type_name(type(value))
            raise ResultError(
                f"{location(function)} set the header {name!r} to {kind}; a header is bytes, str, "
                f"int, float, bool or None"
            )
    if not types:
        return found
    known = types_of(last_header(found, TYPES)) | types
    return [
        *(header for header in found if header[0] != TYPES),
        (TYPES, json.dumps(known, separators=(",", ":")).encode()),
    ]
