"""The HTTP paths that settings allow."""

import re

from config.spring.types import PropertyType

# Excluded characters begin a pattern in Flask (<) or Spring ({, *), a query, a fragment or an
# escape. Others cannot be in a path without an escape.
_SEGMENTS = re.compile(r"[^<>{}*?#%\\/\s\x00-\x1f\x7f]+(/[^<>{}*?#%\\/\s\x00-\x1f\x7f]+)*")
_ALLOWED = "its parts, between single /, have no space, no control character and none of <>{}*?#%\\"


def _segments(text: str) -> str:
    """Return the text without / at both ends."""
    found = text.strip("/")
    if found and (not _SEGMENTS.fullmatch(found) or {".", ".."} & set(found.split("/"))):
        raise ValueError(text)
    found.encode()
    return found


def _path(text: str) -> str:
    if not text.startswith("/") or text.startswith("//"):
        raise ValueError(text)
    return f"/{found}" if (found := _segments(text)) else ""


def _mapped(text: str) -> str:
    if not (found := _segments(text.strip())):
        raise ValueError(text)
    return found


PATH = PropertyType(_path, f"a path that starts with /; {_ALLOWED}", "java.lang.String")
MAPPED = PropertyType(_mapped, f"a path below the actuator's; {_ALLOWED}", "java.lang.String")
