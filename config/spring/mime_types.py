"""The grammar of a content type in a setting, as Spring's MimeType checks it."""

import re

from config.spring.types import PropertyType
from formats.charsets import find_charset
from formats.content_types import charset_of

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Text between semicolons outside quotation marks.
_PART = re.compile(r'(?:[^;"]|"[^"]*(?:"|\Z))*')


def _content_type(text: str) -> str:
    whole, *parameters = _parts(text)
    kind, slash, subtype = ("*", "/", "*") if whole == "*" else whole.partition("/")
    if (
        not slash
        or not all(map(_TOKEN.fullmatch, (kind, subtype)))
        or (kind == "*" and subtype != "*")
        or not all(map(_is_parameter, filter(None, parameters)))
        or find_charset(charset_of(text)) is None
    ):
        raise ValueError(text)
    return text.strip()


def _parts(text: str) -> list[str]:
    """Return the trimmed parts between semicolons."""
    parts, position = [], 0
    while position <= len(text):
        part = _PART.match(text, position)
        end = part.end() if part else position
        parts.append(text[position:end].strip())
        position = end + 1
    return parts


def _is_parameter(text: str) -> bool:
    """Return whether the text is `name=value`. Spring passes over text without an equals sign."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        return True
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return bool(_TOKEN.fullmatch(name) and (quoted or _TOKEN.fullmatch(value)))


CONTENT_TYPE = PropertyType(
    _content_type,
    "a content type without a charset, or with one that formats/charset_names.py lists, such as "
    "text/plain or application/json;charset=UTF-8",
    "java.lang.String",
)
