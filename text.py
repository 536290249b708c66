r"""Reverses text by the characters that people see.

A character is an extended grapheme cluster (Unicode Standard Annex 29). Only \X of the `regex`
package decides where one begins. The fast paths around it give the same result for their texts.

A byte order mark inside UTF-8 is a character like any other, as in Java. If a text begins with a
combining mark, the reversed text has that mark on another letter.
"""

import re

import regex  # type: ignore[import-untyped]  # regex has no type hints

from formats.charsets import find_charset, shorten
from formats.content_types import charset_of

__all__ = ["UndecodableText", "charset_of", "reverse", "reverse_each", "reverse_text", "unchanged"]

# Code points that can join a neighbour, by their properties. Only CR LF joins besides. `_OTHER` has
# the other code points of the Basic Multilingual Plane. `re` makes a bitmap of them, so that the
# check of an ordinary character is one lookup. All other planes count as joining.
_JOINING_VALUES = ("Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark", "L", "V", "T")
_JOINING_CLASS = (
    "".join(rf"\p{{Grapheme_Cluster_Break={value}}}" for value in _JOINING_VALUES)
    + r"\p{Indic_Conjunct_Break=Linker}"
)
_OTHER_RUNS = regex.findall(f"[^{_JOINING_CLASS}]+", "".join(map(chr, range(0x10000))))
_OTHER = "".join(f"{re.escape(run[0])}-{re.escape(run[-1])}" for run in _OTHER_RUNS)
_JOINING = re.compile(f"[^{_OTHER}]")

# For each regional indicator \X counts those before it in the run. A long run would take the square
# of its length. So two of them are a cluster while one more follows. \X decides only at the run's
# end, where marks may follow.
_CLUSTER = regex.compile(r"\p{Regional_Indicator}{2}(?=\p{Regional_Indicator})|\X")

_SEPARATOR = b"\0"  # a control character joins no neighbour
# Up to this mean size of a batch's texts, the calls cost more than copies of the whole batch.
_SHORT_BYTES = 200


class UndecodableText(ValueError):  # noqa: N818  the log and dead letters show the name
    """The bytes are no text in their charset. The message names only the charset."""


def reverse(value: bytes, charset: str = "utf-8") -> bytes:
    """Return the text of a value, reversed by characters, in the same charset.

    Args:
        value: The encoded text.
        charset: The charset of the record's contentType.

    Raises:
        UndecodableText: The charset is unknown, the bytes are not valid in it, or the reversed text
            cannot be written in it.
    """
    if value.isascii() and (charset == "utf-8" or _keeps_ascii(charset)):
        return value[::-1] if 13 not in value else value[::-1].replace(b"\n\r", b"\r\n")
    # Almost every text is UTF-8. It needs no search for a mark, and decoded text can always be
    # encoded.
    if charset == "utf-8":
        try:
            return reverse_text(value.decode()).encode()
        except ValueError:
            # Not chained, as the cause contains the text.
            raise UndecodableText("not valid 'utf-8' text") from None
    return _reverse_in(value, charset)


def reverse_each(values: list[bytes | None]) -> list[bytes] | None:
    """Return reverse() of each UTF-8 text of a batch. It takes half the time of the calls.

    The texts are joined, reversed as one text, and divided again.

    Args:
        values: The encoded texts.

    Returns:
        The reversed texts. None if any text has joining characters or NUL, is null, empty or not
        UTF-8. Also None if the texts are long.
    """
    if not values or not all(values) or len(values[0] or b"") > _SHORT_BYTES:
        return None
    joined = _SEPARATOR.join(values)  # type: ignore[arg-type]  # none is null
    if len(joined) > (_SHORT_BYTES + 1) * len(values):
        return None
    if joined.isascii():
        turned = joined[::-1]
    else:
        try:
            text = joined.decode()
        except ValueError:
            return None
        if _JOINING.search(text):
            return None
        turned = text[::-1].encode()
    if 13 in joined:
        turned = turned.replace(b"\n\r", b"\r\n")
    divided = turned.split(_SEPARATOR)
    return divided[::-1] if len(divided) == len(values) else None


def unchanged(value: bytes) -> bytes:
    """Return the value. It is the function if reversestring is not true.

    Args:
        value: The encoded text.
    """
    return value


def reverse_text(text: str) -> str:
    """Return the text with its characters in reverse order."""
    if _JOINING.search(text):
        return "".join(_CLUSTER.findall(text)[::-1])
    turned = text[::-1]
    # Every LF CR of the reversed text was a CR LF. The search for a single CR is cheaper.
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
