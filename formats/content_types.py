"""The charset of a contentType, in the three forms in which Spring writes the header."""

import re

from formats.caching import remember_short
from formats.charsets import find_charset, shorten
from formats.json_text import InvalidJsonError, parse_json

DEFAULT = "utf-8"

# The text between two semicolons outside quoted values. As in Spring, an open quote takes the rest.
# Possessive, so that no text takes more than one pass.
_PART = re.compile(r'(?:[^;"]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_TOKEN = re.compile(r"""[^\s"'\\(]++""")  # an RFC 822 comment may follow


@remember_short(256)
def charset_of(content_type: bytes | str | None) -> str:
    """Return the charset parameter of a contentType, in lower case, or "utf-8".

    Spring writes the header in three forms: raw (`text/plain;charset=UTF-8`), as JSON (the same in
    double quotes), or as a JSON object with `parameters`. As in Spring's MimeType, names of
    parameters are in any case, values may be quoted, and the last of two charsets counts. An
    unknown charset is cut for an error.

    Args:
        content_type: The header's value; None without one.
    """
    if not content_type:
        return DEFAULT
    header = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type
    name = _parameter(header).lower()
    return name if find_charset(name) else shorten(name) or DEFAULT


@remember_short(256)
def codec_of(content_type: bytes | str | None) -> str:
    """Return the codec of a contentType's charset.

    Args:
        content_type: The header's value; None without one.

    Returns:
        Python's name, or "" if the charset is unknown or a byte order mark decides.
    """
    return codec_named(charset_of(content_type))


@remember_short(256)
def codec_named(charset: str) -> str:
    """Return the codec of a charset.

    Args:
        charset: The charset's name.

    Returns:
        Python's name, or "" if the charset is unknown or a byte order mark decides.
    """
    known = find_charset(charset)
    return (known and known.codec) or ""


def _parameter(header: str) -> str:
    if header.lstrip()[:1] in ('"', "{"):
        try:
            found = parse_json(header)
        except InvalidJsonError:
            found = header.strip().strip('"')  # some senders write the quotes and escape nothing
        if isinstance(found, dict):
            return _in_object(found)
        header = found
    parts = _PART.findall(header)
    name = ""
    for part in parts[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == "charset":
            name = _unquote(value.strip()) or name
    return name


def _in_object(mime_type: dict[str, object]) -> str:
    """Return the charset of a MimeType: {"type": "text", "parameters": {"charset": "UTF-8"}}."""
    parameters = mime_type.get("parameters")
    if not isinstance(parameters, dict):
        return ""
    names = [
        value
        for key, value in parameters.items()
        if key.lower() == "charset" and isinstance(value, str)
    ]
    return _unquote(names[-1].strip()) if names else ""


def _unquote(value: str) -> str:
    if quoted := _QUOTED.match(value):
        return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL).strip()
    if len(value) > 1 and value[0] == value[-1] == "'":  # Java removes these, too
        return value[1:-1].strip()
    token = _TOKEN.match(value)
    return token[0] if token else ""
