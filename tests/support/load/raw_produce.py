"""A Kafka producer that checks nothing: it writes records that librdkafka and the Java client
refuse to send.

Examples are header names that are not UTF-8 and timestamps before 1970. The client speaks Produce
version 8 to one node, which must lead the partition. Every node of Kafka 2.4 to 4.x understands
that version.
"""

import socket
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tests.support.waiting import wait_for

_PRODUCE, _VERSION = 0, 8
_ALL_REPLICAS = -1
_CLIENT = b"raw"
_TIMEOUT_S = 30
_PASSING = {3, 6}  # UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER
# A larger record is a batch of its own; the broker's default limit is 1,048,588.
_BATCH_BYTES = 500_000


class RawRecord(NamedTuple):
    """A record as it stands in a record batch. Header names are bytes, `timestamp` is in
    milliseconds (None: now).
    """

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    timestamp: int | None = None


class RawProduceError(Exception):
    """The broker refused a batch; `code` is Kafka's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"error {code}: {message}")
        self.code = code


def raw_send(
    bootstrap: str, topic: str, records: Iterable[RawRecord], partition: int = 0
) -> list[int]:
    """Write the records in their order and return their offsets; the call blocks until all replicas
    have them.

    Args:
        bootstrap: host:port of the node that leads the partition.
        topic: an existing topic.
        records: in batches of about 500 kB each.
        partition: of the topic.

    Raises:
        RawProduceError: the broker refused a batch; earlier batches are written.
        AssertionError: the node does not lead the partition.
        OSError: the broker does not answer.

    """
    host, _, port = bootstrap.rpartition(":")
    offsets: list[int] = []
    with socket.create_connection((host, int(port)), _TIMEOUT_S) as connection:
        for batch in _batches(records):
            request = _request(topic, partition, _record_batch(batch))
            (first,) = wait_for(
                partial(_answer, connection, request, topic),
                _TIMEOUT_S,
                f"a leader of {topic}-{partition}",
            )
            offsets += range(first, first + len(batch))
    return offsets


def _answer(connection: socket.socket, request: bytes, topic: str) -> list[int] | None:
    """The offset of the first record written; None from a node that has not heard of the new topic
    yet.
    """
    connection.sendall(request)
    (size,) = struct.unpack(">i", _receive(connection, 4))
    try:
        return [_base_offset(_receive(connection, size), topic)]
    except RawProduceError as error:
        if error.code not in _PASSING:
            raise
    return None


def _batches(records: Iterable[RawRecord]) -> Iterator[list[RawRecord]]:
    batch: list[RawRecord] = []
    size = 0
    for record in records:
        added = _size(record)
        if batch and size + added > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += added
    if batch:
        yield batch


def _size(record: RawRecord) -> int:
    """Bytes, or a few more."""
    return 40 + sum(
        len(part or b"") + 10
        for part in (record.key, record.value, *(each for pair in record.headers for each in pair))
    )


def _request(topic: str, partition: int, batch: bytes) -> bytes:
    name = topic.encode()
    header = struct.pack(f">hhih{len(_CLIENT)}s", _PRODUCE, _VERSION, 1, len(_CLIENT), _CLIENT)
    body = struct.pack(">hhi", -1, _ALL_REPLICAS, 1000 * _TIMEOUT_S)  # -1: no transactional id
    body += (
        struct.pack(f">ih{len(name)}s", 1, len(name), name)
        + struct.pack(">iii", 1, partition, len(batch))
        + batch
    )
    return struct.pack(">i", len(header) + len(body)) + header + body


def _base_offset(response: bytes, topic: str) -> int:
    """The offset of the first record of the batch. Skips the correlation id, and the topic's name
    with the counts beside it.
    """
    at = 4 + 4 + 2 + len(topic.encode()) + 4
    _, code, offset, _, _, errors = struct.unpack_from(">ihqqqi", response, at)
    if code:
        raise RawProduceError(code, f"{topic}: {errors} records refused: {response[at + 34 :]!r}")
    return int(offset)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        if not (more := connection.recv(size - len(received))):
            raise ConnectionError("the broker closed the connection: it cannot read the request")
        received += more
    return bytes(received)


def _record_batch(records: Sequence[RawRecord]) -> bytes:
    """Record batch of format 2, neither compressed nor idempotent nor transactional."""
    now = time.time_ns() // 1_000_000
    stamps = [now if record.timestamp is None else record.timestamp for record in records]
    body = struct.pack(
        ">hiqqqhii", 0, len(records) - 1, stamps[0], max(stamps), -1, -1, -1, len(records)
    )
    body += b"".join(
        _record(place, stamps[place] - stamps[0], record) for place, record in enumerate(records)
    )
    return struct.pack(">qiibI", 0, len(body) + 9, -1, 2, crc32c(body)) + body


def _record(place: int, delay: int, record: RawRecord) -> bytes:
    parts = [
        b"\0",
        _varint(delay),
        _varint(place),
        _sized(record.key),
        _sized(record.value),
        _varint(len(record.headers)),
    ]
    parts += [_sized(part) for pair in record.headers for part in pair]
    written = b"".join(parts)
    return _varint(len(written)) + written


def _sized(part: bytes | None) -> bytes:
    return _varint(-1) if part is None else _varint(len(part)) + part


def _varint(number: int) -> bytes:
    """Zigzag: the sign in the lowest bit, seven bits a byte, the lowest first."""
    left = number << 1 if number >= 0 else (-number << 1) - 1
    written = bytearray()
    while left > 127:
        written.append(left & 127 | 128)
        left >>= 7
    written.append(left)
    return bytes(written)


def crc32c(data: bytes) -> int:
    """The CRC-32C (Castagnoli) checksum of `data`. It takes two bytes a step: 30 ms a megabyte."""
    crc = 0xFFFF_FFFF
    for pair in memoryview(data[: len(data) & ~1]).cast("H"):
        crc = _OF_PAIRS[crc & 0xFFFF ^ pair] ^ crc >> 16
    if len(data) & 1:
        crc = _OF_BYTES[crc & 0xFF ^ data[-1]] ^ crc >> 8
    return crc ^ 0xFFFF_FFFF


def _of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F6_3B78 * (byte & 1)
    return byte


_OF_BYTES = [_of_byte(byte) for byte in range(256)]
_OF_PAIRS = [
    _OF_BYTES[_OF_BYTES[pair & 0xFF] & 0xFF ^ pair >> 8] ^ _OF_BYTES[pair & 0xFF] >> 8
    for pair in range(1 << 16)
]
