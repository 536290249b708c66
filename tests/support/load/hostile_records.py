"""Records that a careless or hostile program may send, made from a seed. Each carries its number
where the processor keeps it.
"""

import json
import random
import re
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple

from tests.support.load.hostile_parts import (
    HEADER_NAMES,
    JAVA_CHARSETS,
    JOINING,
    JSON_TYPES,
    NO_CHARSETS,
    NUMBERS,
    PYTHON_CHARSETS,
    UNREADABLE_NAMES,
)
from tests.support.load.raw_produce import RawRecord

NUMBER_HEADER = b"record-number"
_LIMIT_BYTES = 1_000_000  # of a record; the topic's limit is 1,048,588 by default
_NUMBER = re.compile(rb"<([0-9]{8})>|>([0-9]{8})<")


class HostileRecord(NamedTuple):
    """A record to be sent. A `plain` one is beyond reproach: it has to come out. A header name is
    not UTF-8 unless it is `readable`.
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
    """The number of the record that an output record was made from; None for a record that the
    generator has not made.
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

    def __init__(self, chance: random.Random, large: float = 0.005) -> None:
        """`large`: the share of records that have one part of 20,000 to 400,000 bytes."""
        self._chance = chance
        self._large = large
        self._number = -1
        names = [*JAVA_CHARSETS, *PYTHON_CHARSETS]
        chance.shuffle(names)
        self._charset_names = cycle(names)

    def take(self, count: int) -> list[HostileRecord]:
        """The next `count` records."""
        return [self._next() for _ in range(count)]

    def filling(self, size: int) -> list[HostileRecord]:
        """Records that fill a batch of `size` bytes but for some hundred bytes: one part or all
        header names make up the size.
        """
        size -= 300
        letter, broken = (
            self._chance.choice([b"a", "\N{REGIONAL INDICATOR SYMBOL LETTER D}".encode()]),
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
        record = self._plain() if self._chance.random() < 0.2 else self._hostile()
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
        text = "".join(
            self._chance.choices("".join(JOINING.values()), k=self._chance.randrange(60))
        )
        value = json.dumps(
            {"a": text, "b": [text, 1], "number": self._number},
            ensure_ascii=self._chance.random() < 0.3,
        ).encode()
        headers: list[tuple[bytes, bytes | None]] = [
            (b"x", json.dumps({"y": text or "-"}).encode()),
            (b"plain", b""),
        ]
        content_type = self._chance.choice(
            [None, b"application/json", b"text/plain;charset=UTF-8", b'"text/plain;charset=utf-8"']
        )
        if content_type:
            headers.append((b"contentType", content_type))
            if self._chance.random() < 0.5:
                headers.append(
                    (
                        b"spring_json_header_types",
                        b'{"contentType":"java.lang.String","x":"java.lang.String"}',
                    )
                )
        return RawRecord(value, self._marked(), headers)

    def _hostile(self) -> RawRecord:
        """The number is in the key, in a header, or in the value of a record without either."""
        bearer = self._chance.choices(["key", "header", "value"], [70, 20, 10])[0]
        if bearer == "value":
            return RawRecord(self._marked() + b"\n" + self._value(), None, (), self._timestamp())
        headers = self._headers()
        key, value = (
            self._chance.choice([None, b""]),
            None if self._chance.random() < 0.08 else self._value(),
        )
        if bearer == "key":
            key = self._marked() + self._bytes()
        else:
            headers.insert(
                self._chance.randrange(len(headers) + 1), (NUMBER_HEADER, b"%d" % self._number)
            )
        return RawRecord(value, key, headers, self._timestamp())

    def _marked(self) -> bytes:
        return b"<%08d>" % self._number

    def _timestamp(self) -> int | None:
        return (
            self._chance.choice([-1, -2, 0, 1, -(1 << 61)])
            if self._chance.random() < 0.03
            else None
        )

    # ---- parts

    def _size(self) -> int:
        if self._chance.random() < self._large:
            return self._chance.randint(20_000, 400_000)
        return self._chance.choice([0, 1, 2, 5, 20, 20, 200, 2000])

    def _bytes(self) -> bytes:
        return self._chance.choice([self._chance.randbytes, self._text_bytes, self._broken])(
            self._size()
        )

    def _text_bytes(self, size: int) -> bytes:
        return self._text(size).encode("utf-8", "surrogatepass")

    def _broken(self, size: int) -> bytes:
        """UTF-8 with faults: surrogates, overlong forms, cut characters, byte order marks,
        zeros.
        """
        return b"".join(
            self._chance.choices(
                [
                    b"\xed\xa0\x80",
                    b"\xc0\x80",
                    b"\xe2\x82",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"\0",
                    b"a",
                ],
                k=size // 2,
            )
        )

    def _text(self, size: int) -> str:
        """Runs of one class that joins, or all mixed."""
        classes = list(JOINING.values())
        alphabet = self._chance.choice([*classes, "".join(classes), "\ud800\udfffa"])
        if self._chance.random() < 0.5:
            return (alphabet * size)[: size // 2]
        return "".join(self._chance.choices(alphabet, k=size // 2))

    def _json(self) -> str:
        """JSON, or nearly."""
        size = self._size()
        value = self._chance.choice(
            [
                json.dumps(self._text(20)),
                *self._chance.sample(NUMBERS, 3),
                "true",
                "null",
                "[]",
                "{}",
                '"\\ud800"',
            ]
        )
        forms = [
            "[" * size,
            '{"a":' * size,
            "[" * size + "]" * size,
            '{"a":' * size + "1" + "}" * size,
            value,
        ]
        forms += [f'{{"a":{value},"b":[{value}],"y":{value}}}'] * 6 + [
            f'{{"a":1,"a":{value}}}',
            f'{{"a":{{"a":{value}}}}}',
            f"[{value}]",
        ]
        return self._chance.choice(forms)

    def _value(self) -> bytes:
        if self._chance.random() < 0.3:
            return self._json().encode(
                self._chance.choice(["utf-8", "utf-8", "utf-8", "utf-16", "utf-32-le"]),
                "surrogatepass",
            )
        if self._chance.random() < 0.3:
            return self._in_charset(self._text(self._size()))
        return self._bytes()

    def _in_charset(self, text: str) -> bytes:
        """The text in a charset that Python knows, as far as it can be written in it."""
        name = self._chance.choice(PYTHON_CHARSETS)
        try:
            return text[:2000].encode(name, "ignore")  # punycode and idna take quadratic time
        # No codec of text, or one that knows no "ignore".
        except (LookupError, ValueError, TypeError):
            return text.encode("utf-8", "replace")

    def _headers(self) -> list[tuple[bytes, bytes | None]]:
        count = self._chance.choice(
            [0, 0, 1, 2, 3, 5, 8, 300 if self._chance.random() < 0.1 else 4]
        )
        headers: list[tuple[bytes, bytes | None]] = [
            (self._header_name(), self._header_value()) for _ in range(count)
        ]
        headers += [
            (b"contentType", self._content_type()) for _ in range(self._chance.choice([0, 1, 1, 2]))
        ]
        if self._chance.random() < 0.5:
            headers.append((b"x", self._json().encode("utf-8", "surrogatepass")))
            headers += [(b"spring_json_header_types", self._types())] * self._chance.choice(
                [0, 1, 1, 2]
            )
        if self._chance.random() < 0.08:
            headers.append((self._chance.choice(UNREADABLE_NAMES), self._header_value()))
        self._chance.shuffle(headers)
        return headers

    def _header_name(self) -> bytes:
        if self._chance.random() < 0.8:
            return self._chance.choice(HEADER_NAMES)
        return self._text(20).encode("utf-8", "ignore")

    def _header_value(self) -> bytes | None:
        forms = [
            None,
            b"",
            b"5",
            b"-1",
            b"0",
            self._chance.choice(NUMBERS).encode(),
            self._json().encode("utf-8", "surrogatepass"),
            self._bytes(),
        ]
        return self._chance.choice(forms)

    def _types(self) -> bytes | None:
        """spring_json_header_types in many states."""
        known = {
            name: self._chance.choice(JSON_TYPES)
            for name in ("x", "contentType", "a", "scst_partitionOverride")
        }
        odd: list[object] = [5, None, [], {}, ["java.lang.Integer"], True, "java.lang.Integer"]
        forms = [json.dumps(known)] * 8 + [
            json.dumps({"x": self._chance.choice(odd), "contentType": self._chance.choice(odd)})
        ]
        forms += [
            self._json(),
            "[" * 1000,
            '{"a":' * 1000,
            '["contentType"]',
            '"contentType"',
            "",
            "\ud800",
            "{" + '"contentType"',
            "9" * 5000,
        ]
        chosen = self._chance.choice(forms)
        return None if self._chance.random() < 0.05 else chosen.encode("utf-8", "surrogatepass")

    def _content_type(self) -> bytes | None:
        """In each of the three forms on the wire, some of them broken; each charset name comes up
        in turn.
        """
        charset = (
            self._chance.choice(NO_CHARSETS)
            if self._chance.random() < 0.2
            else next(self._charset_names)
        )
        raw = f"text/plain;charset={charset}"
        as_object = {"type": "text", "subtype": "plain", "parameters": {"charset": charset}}
        quoted = f'text/plain; Charset="{charset}"'
        odd: list[object] = [
            5,
            None,
            [],
            charset,
            {"charset": [charset]},
            {"charset": 5},
            {"charset": {}},
            {"CHARSET": charset},
            {"": ""},
        ]
        nested = {"type": [charset], "subtype": "plain", "parameters": self._chance.choice(odd)}
        forms = (
            [raw] * 4
            + [json.dumps(raw)] * 3
            + [json.dumps(as_object)] * 3
            + [json.dumps(nested)] * 2
        )
        forms += [
            quoted,
            json.dumps(quoted),
            json.dumps(json.dumps(raw)),
            json.dumps(raw)[:-1],
            json.dumps(as_object)[:-1],
            raw * 3,
        ]
        forms += [
            f"text/plain;{'a=b;' * 500}charset={charset}",
            "text/plain;charset=",
            "",
            "{",
            '"',
            self._json(),
            '{"parameters":' * 2000,
        ]
        chosen = self._chance.choice(forms)
        if self._chance.random() < 0.03:
            return self._chance.choice([None, self._bytes()])
        return chosen.encode(
            self._chance.choice(["utf-8", "utf-8", "latin-1"]),
            "replace" if "\ud800" not in chosen else "ignore",
        )


def _is_utf_8(name: bytes) -> bool:
    try:
        name.decode()
    except ValueError:
        return False
    return True
