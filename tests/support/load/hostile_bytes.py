"""Keys, values and headers that a careless or hostile program may send, made from a seed."""

import json
import random
from itertools import cycle

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


class HostileBytes:
    """An endless source of parts of records; the same seed makes the same parts."""

    def __init__(self, rng: random.Random, large: float) -> None:
        """`large`: the share of parts of 20,000 to 400,000 bytes."""
        self._rng = rng
        self._large = large
        names = [*JAVA_CHARSETS, *PYTHON_CHARSETS]
        rng.shuffle(names)
        self._charset_names = cycle(names)

    def timestamp(self) -> int | None:
        return self._rng.choice([-1, -2, 0, 1, -(1 << 61)]) if self._rng.random() < 0.03 else None

    def _size(self) -> int:
        if self._rng.random() < self._large:
            return self._rng.randint(20_000, 400_000)
        return self._rng.choice([0, 1, 2, 5, 20, 20, 200, 2000])

    def any_bytes(self) -> bytes:
        return self._rng.choice([self._rng.randbytes, self._text_bytes, self._broken])(self._size())

    def _text_bytes(self, size: int) -> bytes:
        return self._text(size).encode("utf-8", "surrogatepass")

    def _broken(self, size: int) -> bytes:
        """Broken UTF-8: surrogates, overlong forms, cut characters, byte order marks, zeros."""
        return b"".join(
            self._rng.choices(
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
        alphabet = self._rng.choice([*classes, "".join(classes), "\ud800\udfffa"])
        if self._rng.random() < 0.5:
            return (alphabet * size)[: size // 2]
        return "".join(self._rng.choices(alphabet, k=size // 2))

    def _json(self) -> str:
        """JSON, or nearly."""
        size = self._size()
        value = self._rng.choice(
            [
                json.dumps(self._text(20)),
                *self._rng.sample(NUMBERS, 3),
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
        return self._rng.choice(forms)

    def value(self) -> bytes:
        if self._rng.random() < 0.3:
            return self._json().encode(
                self._rng.choice(["utf-8", "utf-8", "utf-8", "utf-16", "utf-32-le"]),
                "surrogatepass",
            )
        if self._rng.random() < 0.3:
            return self._in_charset(self._text(self._size()))
        return self.any_bytes()

    def _in_charset(self, text: str) -> bytes:
        """The text in a charset that Python knows, as far as it can be written in it."""
        name = self._rng.choice(PYTHON_CHARSETS)
        try:
            return text[:2000].encode(name, "ignore")  # punycode and idna take quadratic time
        # No codec of text, or one that knows no "ignore".
        except (LookupError, ValueError, TypeError):
            return text.encode("utf-8", "replace")

    def headers(self) -> list[tuple[bytes, bytes | None]]:
        count = self._rng.choice([0, 0, 1, 2, 3, 5, 8, 300 if self._rng.random() < 0.1 else 4])
        headers: list[tuple[bytes, bytes | None]] = [
            (self._header_name(), self._header_value()) for _ in range(count)
        ]
        headers += [
            (b"contentType", self._content_type()) for _ in range(self._rng.choice([0, 1, 1, 2]))
        ]
        if self._rng.random() < 0.5:
            headers.append((b"x", self._json().encode("utf-8", "surrogatepass")))
            headers += [(b"spring_json_header_types", self._types())] * self._rng.choice(
                [0, 1, 1, 2]
            )
        if self._rng.random() < 0.08:
            headers.append((self._rng.choice(UNREADABLE_NAMES), self._header_value()))
        self._rng.shuffle(headers)
        return headers

    def _header_name(self) -> bytes:
        if self._rng.random() < 0.8:
            return self._rng.choice(HEADER_NAMES)
        return self._text(20).encode("utf-8", "ignore")

    def _header_value(self) -> bytes | None:
        forms = [
            None,
            b"",
            b"5",
            b"-1",
            b"0",
            self._rng.choice(NUMBERS).encode(),
            self._json().encode("utf-8", "surrogatepass"),
            self.any_bytes(),
        ]
        return self._rng.choice(forms)

    def _types(self) -> bytes | None:
        """spring_json_header_types in many states."""
        known = {
            name: self._rng.choice(JSON_TYPES)
            for name in ("x", "contentType", "a", "scst_partitionOverride")
        }
        odd: list[object] = [5, None, [], {}, ["java.lang.Integer"], True, "java.lang.Integer"]
        forms = [json.dumps(known)] * 8 + [
            json.dumps({"x": self._rng.choice(odd), "contentType": self._rng.choice(odd)})
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
        chosen = self._rng.choice(forms)
        return None if self._rng.random() < 0.05 else chosen.encode("utf-8", "surrogatepass")

    def _content_type(self) -> bytes | None:
        """In each of the three forms on the wire, some of them broken.

        Each charset name comes up in turn.
        """
        charset = (
            self._rng.choice(NO_CHARSETS) if self._rng.random() < 0.2 else next(self._charset_names)
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
        nested = {"type": [charset], "subtype": "plain", "parameters": self._rng.choice(odd)}
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
        chosen = self._rng.choice(forms)
        if self._rng.random() < 0.03:
            return self._rng.choice([None, self.any_bytes()])
        return chosen.encode(
            self._rng.choice(["utf-8", "utf-8", "latin-1"]),
            "replace" if "\ud800" not in chosen else "ignore",
        )
