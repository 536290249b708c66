"""Finds the values that no text may show: those of secret names, and secrets in other values."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from config.errors import SHORTEST_SECRET, one_line
from config.kafka.java_properties import TABLE
from config.secrets import is_secret_name, secret_parts
from config.settings import properties
from config.spring.types import FALSE, TRUE
from config.unsupported.table import UNSUPPORTED

_ENCODING = re.compile(r"^\{[^}]*\}")  # Spring Security's `{noop}` before a password
_REFERENCE = re.compile(r"\$\{[a-z0-9_.\[\]-]+\}")  # names a secret, and has none
_SHORTEST_WORD = 8  # letters; a shorter word, such as "wrong", is one of many sentences
_SHORTEST_NUMBER = 6  # digits; a shorter number may be a port, a limit or a time


def secret_values(written: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the secrets among values, the longest first.

    A short word, and one that is part of a known name, is left out: masking it in a line would
    reveal it.

    Args:
        written: Names and values, as the sources have them or resolved.
    """
    found = {each for name, value in written for each in _of_value(name, value)}
    usable = set(filter(_is_usable, found))
    # Lines have control characters as escapes, and some quote as Python does.
    usable |= {one_line(each) for each in usable} | {repr(each)[1:-1] for each in usable}
    return tuple(sorted(usable, key=len, reverse=True))


def _of_value(name: str, value: str) -> Iterator[str]:
    if is_secret_name(name):
        yield from (value, value.strip(), _ENCODING.sub("", value))
    for start, end in secret_parts(value):
        yield value[start:end]
        yield value[start:end].partition(":")[2]  # the password after a URL's user


def _is_usable(secret: str) -> bool:
    text = secret.strip().lower()
    if _REFERENCE.fullmatch(text):
        return False
    if text.isalpha() and len(text) < _SHORTEST_WORD:
        return False
    if text.isdecimal():
        return len(text) >= _SHORTEST_NUMBER
    return len(text) >= SHORTEST_SECRET and text not in TRUE | FALSE and text not in _known_names()


@cache
def _known_names() -> str:
    return "\n".join((*(prop.name for prop in properties().values()), *TABLE, *UNSUPPORTED)).lower()
