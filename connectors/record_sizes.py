"""What the client would say of a value, without handing the value over: of several values none may go out where one is refused."""

from connectors.headers import Headers

_OVERHEAD_BYTES = 36  # the most that librdkafka counts for the lengths, the attributes and the two deltas of a record


def wire_bytes(value: bytes | str | None, key: bytes | None, headers: Headers) -> int:
    """The size that librdkafka holds against message.max.bytes."""
    size = _OVERHEAD_BYTES + _bytes(value) + len(key or b"")
    for name, content in headers:
        named = len(name.encode())
        size += _varint_bytes(named) + named + _varint_bytes(-1 if content is None else len(content)) + len(content or b"")
    return size


def _bytes(value: bytes | str | None) -> int:
    return len(value.encode()) if isinstance(value, str) else len(value or b"")


def _varint_bytes(number: int) -> int:
    """Zigzag, seven bits a byte."""
    return max(1, ((number << 1) ^ (number >> 63)).bit_length() + 6) // 7 if number else 1
