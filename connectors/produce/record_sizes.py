"""Whether the client accepts a value of that size, without producing it."""

from itertools import chain
from typing import Any

from connectors.records.messages import Headers

# librdkafka's most for the lengths, the attributes and the two deltas of a record.
_OVERHEAD_BYTES = 36
_MAX_UTF8_BYTES = 4  # for a character
_MAX_HEADER_OVERHEAD_BYTES = 10  # the lengths of its name and of its value


def fits(value: bytes | str | None, key: bytes | None, headers: Headers, max_bytes: int) -> bool:
    """Return whether the record is within message.max.bytes. Most need no exact count.

    Args:
        value: The value to produce.
        key: The record's key.
        headers: The headers to send.
        max_bytes: message.max.bytes.
    """
    if not headers and isinstance(value, bytes):
        return _OVERHEAD_BYTES + len(value) + len(key or b"") <= max_bytes
    try:
        parts = sum(map(len, chain.from_iterable(headers))) + len(value or b"") + len(key or b"")  # type: ignore[arg-type]
    except TypeError:  # a header without a value
        return wire_bytes(value, key, headers) <= max_bytes
    at_most = _OVERHEAD_BYTES + _MAX_UTF8_BYTES * parts + _MAX_HEADER_OVERHEAD_BYTES * len(headers)
    return at_most <= max_bytes or wire_bytes(value, key, headers) <= max_bytes


def longest_value(values: list[Any]) -> bytes | None:
    """Return the longest value, or None if one is not bytes. Raises UnicodeEncodeError."""
    longest: bytes | None = b""
    for value in values:
        if type(value) is not bytes:
            longest = None
            if value is not None:
                value.encode()
        elif longest is not None and len(value) > len(longest):
            longest = value
    return longest


def wire_bytes(value: bytes | str | None, key: bytes | None, headers: Headers) -> int:
    """Return the size that librdkafka compares with message.max.bytes.

    Args:
        value: The value to produce.
        key: The record's key.
        headers: The headers to send.
    """
    size = _OVERHEAD_BYTES + _bytes(value) + len(key or b"")
    for name, content in headers:
        named = len(name.encode())
        size += (
            _varint_bytes(named)
            + named
            + _varint_bytes(-1 if content is None else len(content))
            + len(content or b"")
        )
    return size


def _bytes(value: bytes | str | None) -> int:
    return len(value.encode()) if isinstance(value, str) else len(value or b"")


def _varint_bytes(number: int) -> int:
    """Return the length of a zigzag varint: seven bits a byte."""
    return max(1, ((number << 1) ^ (number >> 63)).bit_length() + 6) // 7 if number else 1
