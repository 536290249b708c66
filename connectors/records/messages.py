"""Topic, partition and headers of Kafka messages. The headers are as Spring's binder reads them."""

import json
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from typing import Any

from confluent_kafka import Message, TopicPartition

from formats.caching import remember_short
from formats.charsets import find_charset, shorten
from formats.content_types import codec_named, codec_of
from formats.json_text import InvalidJsonError, parse_json
from text import UndecodableText, charset_of

Headers = list[tuple[str, bytes | None]]
TopicPartitionKey = tuple[str, int]

CONTENT_TYPE = "contentType"
TYPES = "spring_json_header_types"  # a JSON object with the Java class of each header
STRING = "java.lang.String"

header_name = itemgetter(0)


def topic_partition(message: Message) -> TopicPartitionKey:
    """Return topic and partition of a record.

    Args:
        message: A received message.
    """
    return message.topic(), message.partition()  # type: ignore[return-value]  # a received message has both


def key_of(partition: TopicPartition) -> TopicPartitionKey:
    """Return topic and partition without the offset.

    Args:
        partition: With or without an offset.
    """
    return partition.topic, partition.partition


def format_partitions(keys: Iterable[TopicPartitionKey]) -> str:
    """Return the partitions as a log line shows them, sorted.

    Args:
        keys: Topics and partitions.
    """
    return ", ".join(f"{topic}-{partition}" for topic, partition in sorted(keys))


def read_headers(message: Message) -> Headers:
    """Return the headers of a message, empty if it has none.

    `map` makes the call. After a direct call from Python, an optimized call site skips the check
    for the client's error, and the process crashes.

    Args:
        message: As the client has returned it.

    Raises:
        SystemError: A header name is no UTF-8. The headers of such a message must not be read
            again, as that crashes the process, too.
    """
    found = next(map(Message.headers, (message,)))
    return found or []  # type: ignore[return-value]  # a consumer returns lists of (str, bytes or None)


def last_header(headers: Headers, name: str) -> bytes | None:
    """Return the value of the last header with a name, as Java's `lastHeader`.

    Args:
        headers: The headers of one record.
        name: The exact name.

    Returns:
        The value. None without such a header, or for a header without a value.
    """
    for own, value in reversed(headers):
        if own == name:
            return value
    return None


def charset(headers: Headers | None, default: str = "utf-8") -> str:
    """Return the charset that the record's contentType names.

    Args:
        headers: The headers of one record.
        default: For a record without contentType.
    """
    if not headers:
        return default
    found = None
    # Not last_header(): this saves a call for each record. Forwards is quicker here.
    for header in headers:
        if header[0] == CONTENT_TYPE:
            found = header
    return default if found is None else charset_of(found[1])


def common_names(each: list[Headers | None]) -> list[str] | None:
    """Return the header names of a batch if all records have the same ones, in one order.

    One check of the whole batch costs a third of a check of each record.

    Args:
        each: The headers of each record, as the client returns them.

    Returns:
        The names. None if they differ, or if a record has no headers.
    """
    if not each or not all(each):
        return None
    names = list(map(header_name, each[0] or ()))
    if set(map(len, each)) != {len(names)}:  # type: ignore[arg-type]  # all records have headers
        return None
    found = list(map(header_name, chain.from_iterable(each)))  # type: ignore[arg-type]
    return names if found == names * len(each) else None


def common_codec(names: list[str], each: list[Headers], default: str) -> str | None:
    """Return the result of codec() for a batch, if it is the same for all records and values.

    Args:
        names: The result of common_names().
        each: The headers of each record.
        default: The charset of records without contentType.

    Returns:
        The codec. None if codec() has to be called for each record.
    """
    if CONTENT_TYPE not in names:
        return codec_named(default)
    content_types = last_values(names, CONTENT_TYPE, each)
    content_type = content_types[0]
    if content_types.count(content_type) < len(content_types):
        return None
    return codec_of(content_type) or codec_named(charset_of(content_type))


def codec(headers: Headers | None, default: str, value: Any) -> str:
    """Return Python's name of the codec of a value, by the record's contentType.

    Args:
        headers: The headers of the record.
        default: The charset of records without contentType.
        value: The value. Its byte order mark may decide.

    Raises:
        UndecodableText: The charset is unknown, and the value is not None.
    """
    name = default
    # Not last_header(): this saves a call for each record.
    for own, content_type in reversed(headers or ()):
        if own == CONTENT_TYPE:
            if found := codec_of(content_type):
                return found
            name = charset_of(content_type)
            break
    return codec_named(name) or _codec_for(name, value)


def _codec_for(name: str, value: Any) -> str:
    known = find_charset(name)
    if known is not None:
        return known.codec_for(value)
    if value is None:  # no function is called with None
        return name
    raise UndecodableText(f"unknown charset '{shorten(name)}'")


def last_index(names: list[str], name: str) -> int:
    """Return the index of the last header with a name. Raises ValueError without one."""
    return len(names) - 1 - names[::-1].index(name)


def last_values(names: list[str], name: str, each: list[Headers]) -> list[bytes | None]:
    """Return the value of the last header with a name, for each record of a batch.

    Args:
        names: The result of common_names().
        name: One of these names.
        each: The headers of each record.
    """
    index = last_index(names, name)
    return [headers[index][1] for headers in each]


@remember_short(2048)  # records of one source have the same header
def types_of(types: bytes | None) -> dict[str, str]:
    """Return the entries of spring_json_header_types, by header.

    Do not change the dictionary, as it is cached. Entries that name no class are left out, because
    Java fails at them.

    Args:
        types: The value of that header. A value that is no JSON object has no entries.
    """
    try:
        found = parse_json(types or b"{}")
    except InvalidJsonError:
        return {}
    return (
        {name: kind for name, kind in found.items() if isinstance(kind, str)}
        if isinstance(found, dict)
        else {}
    )


def listing(types: bytes | None, name: str, kind: str) -> bytes:
    """Return spring_json_header_types with an entry for one header.

    Args:
        types: Its present value. A value that is no JSON object is replaced.
        name: The header.
        kind: Its Java class.
    """
    return json.dumps({**types_of(types), name: kind}, separators=(",", ":")).encode()
