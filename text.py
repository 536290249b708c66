r"""Reversing text by what people see as characters.

A character is an extended grapheme cluster (Unicode Standard Annex 29). The `regex` package's \X is
the only authority on where one begins; the fast paths around it give the same answer for the texts
they take. A byte order mark inside UTF-8 is a character like any other (so it is for Java), and a
text that begins with a combining mark gives it to another letter.
"""

import re

import regex  # type: ignore[import-untyped]  # it has no type hints

from formats.charsets import find_charset, shorten
from formats.content_types import charset_of

__all__ = ["UndecodableText", "charset_of", "reverse", "reverse_text", "unchanged"]

# Code points that can join a neighbour, by their properties; besides them only CR LF does. The
# class names the other ones of the Basic Multilingual Plane. `re` makes a bitmap of them, and one
# look at it decides about an ordinary character. All other planes count as joining.
_JOINING_VALUES = ("Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark", "L", "V", "T")
_JOINING_CLASS = (
    "".join(rf"\p{{Grapheme_Cluster_Break={value}}}" for value in _JOINING_VALUES)
    + r"\p{Indic_Conjunct_Break=Linker}"
)
_OTHER_RUNS = regex.findall(f"[^{_JOINING_CLASS}]+", "".join(map(chr, range(0x10000))))
_OTHER = "".join(f"{re.escape(run[0])}-{re.escape(run[-1])}" for run in _OTHER_RUNS)
_JOINING = re.compile(f"[^{_OTHER}]")

# \X counts the regional indicators before each of them back to where their run begins, which takes
# the square of the run's length. While one more follows, the next two are a cluster: \X decides
# only at the run's end, where marks may follow.
_CLUSTER = regex.compile(r"\p{Regional_Indicator}{2}(?=\p{Regional_Indicator})|\X")


class UndecodableText(ValueError):  # noqa: N818  named after what it is, as the log and the dead letter show it
    """The bytes are no text in their charset. The message names only the charset."""


def reverse(value: bytes, charset: str = "utf-8") -> bytes:
    """Return the text of a value reversed by characters, in the same charset.

    Args:
        value: The encoded text.
        charset: Of the record's contentType.

    Raises:
        UndecodableText: The charset is unknown, the bytes are not valid in it, or the reversed text
            cannot be written in it.
    """
    if value.isascii() and (charset == "utf-8" or _keeps_ascii(charset)):
        return value[::-1] if 13 not in value else value[::-1].replace(b"\n\r", b"\r\n")
    # Almost every text: no mark to look for, and what has been read can be written.
    if charset == "utf-8":
        try:
            return reverse_text(value.decode()).encode()
        except ValueError:
            # Not chained: the cause carries the text.
            raise UndecodableText("not valid 'utf-8' text") from None
    return _reverse_in(value, charset)


def unchanged(value: bytes) -> bytes:
    """What takes the place of `reverse` unless reversestring is true."""
    return value


def reverse_text(text: str) -> str:
    """`text` with its characters in reverse order."""
    if _JOINING.search(text):
        return "".join(_CLUSTER.findall(text)[::-1])
    turned = text[::-1]
    # Turned round, each CR LF and nothing else shows as LF CR. To look for CR costs less.
    return turned.replace("\n\r", "\r\n") if "\r" in turned else turned


def _keeps_ascii(name: str) -> bool:
    charset = find_charset(name)
    return charset is not None and charset.keeps_ascii


def _reverse_in(value: bytes, name: str) -> bytes:
    charset = find_charset(name)
    if charset is None:
        raise UndecodableText(f"unknown charset '{shorten(name)}'") from None
    mark, encoded, codec = charset.split(value)
    try:
        text = encoded.decode(codec)
    except ValueError:
        raise UndecodableText(f"not valid {name!r} text") from None
    try:
        return mark + reverse_text(text).encode(codec)
    except ValueError:
        raise UndecodableText(f"the reversed text cannot be written in {name!r}") from None
