r"""Reversing text by what people see as characters.

A character is an extended grapheme cluster (Unicode Standard Annex 29). The `regex` package's \X is the only authority on where
one begins; the fast paths around it give the same answer for the texts they take. A byte order mark inside UTF-8 is a character
like any other (so it is for Java), and a text that begins with a combining mark gives it to another letter.
"""

import codecs
import re
from functools import lru_cache

import regex  # type: ignore[import-untyped]  # it has no type hints

# Code points that can join a neighbour, by their properties; besides them only CR LF does. One by one in the Basic Multilingual
# Plane, where `re` makes a bitmap of them (0.4 us per 100 characters); the other planes whole, which keeps it one.
_JOINING_VALUES = ("Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark", "L", "V", "T")
_JOINING_CLASS = "".join(rf"\p{{Grapheme_Cluster_Break={value}}}" for value in _JOINING_VALUES) + r"\p{Indic_Conjunct_Break=Linker}"
_JOINING_BMP = "".join(regex.findall(f"[{_JOINING_CLASS}]", "".join(map(chr, range(0x10000)))))
_JOINING = re.compile(f"[{_JOINING_BMP}\U00010000-\U0010ffff]")
_CLUSTER = regex.compile(r"\X")

# Every ASCII byte, with escape sequences of ISO 2022 and of one of Python's own codecs where such would begin.
_ASCII = bytes(range(128)).replace(b"\x1b", b"\x1b$B!!\x1b(B").replace(b"\\", rb"\u0041")

# Byte order marks of the charsets that have a choice, with the codec for the rest; without a mark big-endian, as in Java.
_BYTE_ORDERS = {
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (b"", "utf-16-be")),
    "utf-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (b"", "utf-32-be")),
}

_CHARSET = re.compile(r""";\s*charset\s*=\s*\\?["']?([^\s;"'\\]+)""", re.IGNORECASE)


class UndecodableText(ValueError):  # noqa: N818  named after what it is, as the log and the dead letter show it
    """The bytes are no text in the charset they are said to be in; the message names the charset, never the text."""


def reverse(value: bytes, charset: str = "utf-8") -> bytes:
    """The text in `value`, which is encoded in `charset`, with its characters in reverse order, in the same charset.

    Raises UndecodableText if the charset is unknown, the bytes are not valid in it, or the reversed text cannot be written in it.
    """
    if value.isascii() and (charset == "utf-8" or _keeps_ascii(charset)):
        return value[::-1] if 13 not in value else value[::-1].replace(b"\n\r", b"\r\n")
    if charset == "utf-8":  # almost every text: no mark to look for, and what has been read can be written
        try:
            return reverse_text(value.decode()).encode()
        except ValueError:
            raise UndecodableText("not valid 'utf-8' text") from None  # not chained: the cause carries the text
    return _reverse_in(value, charset)


def untouched(value: bytes) -> bytes:
    """What takes the place of `reverse` unless reversestring is true."""
    return value


def reverse_text(text: str) -> str:
    """`text` with its characters in reverse order."""
    if _JOINING.search(text):
        return "".join(_CLUSTER.findall(text)[::-1])
    return text[::-1].replace("\n\r", "\r\n")  # turned round, each CR LF and nothing else shows as LF CR


def _reverse_in(value: bytes, charset: str) -> bytes:
    try:
        mark, codec = next(order for order in _byte_orders(charset) if value.startswith(order[0]))
        text = value[len(mark) :].decode(codec)
    except LookupError:
        raise UndecodableText(f"unknown charset {charset!r}") from None
    except ValueError:
        raise UndecodableText(f"not valid {charset!r} text") from None
    try:
        return mark + reverse_text(text).encode(codec)
    except (LookupError, ValueError):  # a lookup: Python decodes no bytes at all in whatever codec
        raise UndecodableText(f"the reversed text cannot be written in {charset!r}") from None


@lru_cache(maxsize=256)
def charset_of(content_type: bytes | str | None) -> str:
    """The charset parameter of a contentType header, in lower case; "utf-8" if it has none.

    Spring writes the header raw (`text/plain;charset=UTF-8`) or as JSON (the same in double quotes); the value may be quoted too.
    """
    header = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type or ""
    found = _CHARSET.search(header)
    return found[1].lower() if found else "utf-8"


@lru_cache(maxsize=256)
def _keeps_ascii(charset: str) -> bool:
    """Whether ASCII bytes are ASCII characters wherever they stand: so in ISO 8859, not in UTF-16, UTF-7, ISO 2022 or EBCDIC."""
    try:
        text = _ASCII.decode(charset)
        return text == _ASCII.decode("ascii") and text.encode(charset) == _ASCII
    except (LookupError, ValueError):
        return False


@lru_cache(maxsize=256)
def _byte_orders(charset: str) -> tuple[tuple[bytes, str], ...]:
    """The marks a text in `charset` may begin with, each with the codec for the rest; the last is no mark."""
    return _BYTE_ORDERS.get(codecs.lookup(charset).name, ((b"", charset),))
