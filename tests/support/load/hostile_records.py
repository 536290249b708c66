"""Records that a careless or hostile program may send, made from a seed.

Each carries its number where the processor keeps it.
"""

import json
import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from tests.support.load.hostile_bytes import HostileBytes
from tests.support.load.hostile_parts import (
    JOINING,
)
from tests.support.load.raw_produce import RawRecord

NUMBER_HEADER = b"record-number"
_LIMIT_BYTES = 1_000_000  # of a record; the topic's limit is 1,048,588 by default
_NUMBER = re.compile(rb"<([0-9]{8})>|>([0-9]{8})<")


class HostileRecord(NamedTuple):
    """A record to be sent. A `plain` one is beyond reproach: it has to come out.

    A header name is not UTF-8 unless it is `readable`.
    """

    number: int
    raw: RawRecord
    plain: bool
    readable: bool

    def __str__(self) -> str:
        headers = ", ".join(f"{_cut(name)}: {_cut(value)}" for name, value in self.raw.headers[:12])
        headers += f" and {len(self.raw.headers) - 12} more" if len(self.raw.headers) > 12 else ""
        stamp = "" if self.raw.timestamp is None else f", timestamp {self.raw.timestamp}"
        kind = "plain record" if self.plain else "record"
        return (
            f"{kind} {self.number}: key {_cut(self.raw.key)}, value {_cut(self.raw.value)}, "
            f"headers {{{headers}}}{stamp}"
        )


def _cut(part: bytes | None, limit: int = 48) -> str:
    """The bytes as Python writes them, in hex where they are no ASCII; a long part is cut."""
    if part is None:
        return "null"
    shown = repr(part[:limit]) if part[:limit].isascii() else f"hex {part[:limit].hex()}"
    return shown if len(part) <= limit else f"{shown}... ({len(part)} bytes)"


def number_of(
    key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]
) -> int | None:
    """The number of the record that an output record was made from.

    None for a record that the generator has not made.
    """
    if key and (found := _NUMBER.match(key)):
        return int(found[1])
    for name, content in headers:
        if name == NUMBER_HEADER.decode() and content:
            return int(content)
    if value and (found := _NUMBER.search(value)):
        return int(found[1] or found[2][::-1])
    return None


class HostileRecords:
    """An endless source of records; the same seed and share make the same records."""

    def __init__(self, rng: random.Random, large: float = 0.005) -> None:
        """`large`: the share of records that have one part of 20,000 to 400,000 bytes."""
        self._rng = rng
        self._number = -1
        self._parts = HostileBytes(rng, large)

    def take(self, count: int) -> list[HostileRecord]:
        """The next `count` records."""
        return [self._next() for _ in range(count)]

    def filling(self, size: int) -> list[HostileRecord]:
        """Records that fill a batch of `size` bytes but for some hundred bytes.

        One part or all header names make up the size.
        """
        size -= 300
        letter, broken = (
            self._rng.choice([b"a", "\N{REGIONAL INDICATOR SYMBOL LETTER D}".encode()]),
            b"\xff",
        )
        filler = letter * (size // len(letter))
        many = [(b"%06d" % number, b"") for number in range(size // 10)]
        headers: list[Sequence[tuple[bytes, bytes | None]]] = [
            [],
            [(b"a", filler)],
            [(filler[:32_000], b"")] * (size // 32_020),
            many,
        ]
        headers += [
            [(b"contentType", filler)],
            [(broken, filler)],
            [(b"spring_json_header_types", filler)],
        ]
        made = [
            self._of(RawRecord(each, self._next_mark())) for each in (filler, filler[:-1] + broken)
        ]
        made.append(self._of(RawRecord(broken, self._next_mark() + filler)))
        return made + [self._of(RawRecord(broken, self._next_mark(), each)) for each in headers]

    def _next_mark(self) -> bytes:
        self._number += 1
        return self._marked()

    def _next(self) -> HostileRecord:
        self._number += 1
        record = self._plain() if self._rng.random() < 0.2 else self._hostile()
        size = sum(
            len(part or b"")
            for part in (
                record.key,
                record.value,
                *(each for pair in record.headers for each in pair),
            )
        )
        if size > _LIMIT_BYTES:  # several large parts: the broker would refuse them
            record = self._plain()
        return self._of(record)

    def _of(self, record: RawRecord) -> HostileRecord:
        plain = record.timestamp is None and (b"plain", b"") in record.headers
        return HostileRecord(
            self._number, record, plain, all(_is_utf_8(name) for name, _ in record.headers)
        )

    # ---- whole records

    def _plain(self) -> RawRecord:
        """Text, a key, and what every partition key expression of the fuzzer finds."""
        text = "".join(self._rng.choices("".join(JOINING.values()), k=self._rng.randrange(60)))
        value = json.dumps(
            {"a": text, "b": [text, 1], "number": self._number},
            ensure_ascii=self._rng.random() < 0.3,
        ).encode()
        headers: list[tuple[bytes, bytes | None]] = [
            (b"x", json.dumps({"y": text or "-"}).encode()),
            (b"plain", b""),
        ]
        content_type = self._rng.choice(
            [None, b"application/json", b"text/plain;charset=UTF-8", b'"text/plain;charset=utf-8"']
        )
        if content_type:
            headers.append((b"contentType", content_type))
            if self._rng.random() < 0.5:
                headers.append(
                    (
                        b"spring_json_header_types",
                        b'{"contentType":"java.lang.String","x":"java.lang.String"}',
                    )
                )
        return RawRecord(value, self._marked(), headers)

    def _hostile(self) -> RawRecord:
        """The number is in the key, in a header, or in the value of a record without either."""
        bearer = self._rng.choices(["key", "header", "value"], [70, 20, 10])[0]
        if bearer == "value":
            return RawRecord(
                self._marked() + b"\n" + self._parts.value(), None, (), self._parts.timestamp()
            )
        headers = self._parts.headers()
        key, value = (
            self._rng.choice([None, b""]),
            None if self._rng.random() < 0.08 else self._parts.value(),
        )
        if bearer == "key":
            key = self._marked() + self._parts.any_bytes()
        else:
            headers.insert(
                self._rng.randrange(len(headers) + 1), (NUMBER_HEADER, b"%d" % self._number)
            )
        return RawRecord(value, key, headers, self._parts.timestamp())

    def _marked(self) -> bytes:
        return b"<%08d>" % self._number


def _is_utf_8(name: bytes) -> bool:
    try:
        name.decode()
    except ValueError:
        return False
    return True
