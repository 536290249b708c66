"""Charsets by their names in a contentType: IANA's and Java's, each with Python's codec."""

import codecs
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from formats.charset_names import NAMES

MAX_SHOWN = 40  # characters of an unknown name that an error shows

# Every ASCII byte. The escape byte has become whole escape sequences of ISO 2022.
_ASCII = bytes(range(128)).replace(b"\x1b", b"\x1b$B!!\x1b(B")

# Byte order marks at the beginning of a text, each with the codec for the rest, as in Java. The
# last entry is for a text without a mark.
_BIG_16, _LITTLE_16 = (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")
_BIG_32, _LITTLE_32 = (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF32_LE, "utf-32-le")
_ORDERS = {
    "utf-16": (_BIG_16, _LITTLE_16, (b"", "utf-16-be")),
    "utf-16-le-bom": (_BIG_16, _LITTLE_16, (b"", "utf-16-le")),
    "utf-32": (_BIG_32, _LITTLE_32, (b"", "utf-32-be")),
    "utf-32-be-bom": (_BIG_32, (b"", "utf-32-be")),
    "utf-32-le-bom": (_LITTLE_32, (b"", "utf-32-le")),
}


@dataclass(frozen=True)
class Charset:
    """A known charset."""

    # Byte order marks at the beginning, each with the codec for the rest. The last has no mark.
    orders: tuple[tuple[bytes, str], ...]

    def split(self, value: bytes) -> tuple[bytes, bytes, str]:
        """Return the byte order mark (may be empty), the rest, and the codec of the rest.

        Args:
            value: The encoded text.
        """
        mark, codec = next(order for order in self.orders if value.startswith(order[0]))
        return mark, value[len(mark) :], codec

    def decode(self, value: bytes, errors: str = "strict") -> str:
        """Return the text without byte order mark.

        Args:
            value: The encoded text.
            errors: As in bytes.decode.

        Raises:
            ValueError: The bytes are not valid, and `errors` is "strict".
        """
        _, rest, codec = self.split(value)
        return rest.decode(codec, errors)

    @property
    def codec(self) -> str | None:
        """Python's name of the codec, or None if a byte order mark decides."""
        return self.orders[0][1] if len(self.orders) == 1 else None

    def codec_for(self, value: Any) -> str:
        """Return Python's codec for a value as Java reads it, by its byte order mark.

        Args:
            value: Bytes; anything else has no byte order mark.
        """
        if not isinstance(value, bytes):
            return self.orders[-1][1]
        mark, rest, codec = self.split(value)
        # utf-16 and utf-32 need a mark. Without one they are for bytes that are no text in either
        # order.
        return codec[:6] if mark or len(rest) % 2 else codec

    @cached_property
    def keeps_ascii(self) -> bool:
        """Whether ASCII bytes are always ASCII characters: true for ISO 8859, false for UTF-16."""
        try:
            text = self.decode(_ASCII)
        except ValueError:
            return False
        return (
            len(self.orders) == 1
            and text == _ASCII.decode("ascii")
            and text.encode(self.orders[0][1]) == _ASCII
        )


_CHARSETS = {
    name: charset
    for codec, names in NAMES.items()
    for charset in [Charset(_ORDERS.get(codec, ((b"", codec),)))]
    # The codec's name needs no change of _ to -.
    for name in [*names.split(), *([codec] if "_" in codec else [])]
}
_LONGEST = max(map(len, _CHARSETS))


def find_charset(name: str) -> Charset | None:
    """Return a charset by name, or None for an unknown one. Fills no cache of Python's.

    Args:
        name: The name in any case, with - or _.
    """
    if len(name) > _LONGEST or not name.isascii():
        return None
    return _CHARSETS.get(name) or _CHARSETS.get(name.lower().replace("_", "-"))


def shorten(name: str) -> str:
    """Return a sender's name for an error: cut, with unprintable characters escaped.

    Args:
        name: The name.
    """
    shown = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in name[: MAX_SHOWN + 1]
    )
    return shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "..."
