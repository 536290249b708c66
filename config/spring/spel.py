"""The supported part of SpEL: a path into a record, and a few calls on its value."""

import re
from dataclasses import dataclass

from config.spring.types import PropertyType

_LONGEST = 1000  # characters of an expression
CALLS = ("hashCode", "length", "toString")
_ROOT = re.compile(r"(?:#root\s*\.\s*)?(payload|headers|key)\b")
_THIS = re.compile(r"#(?:root|this)\b|(?=[A-Za-z])")
_STRING = r"'[^']*'|\"[^\"]*\""
_STEP = re.compile(
    rf"""\s*(?: \??\.\s* (?: get\(\s*(?P<got>{_STRING})\s*\) | (?P<name>[A-Za-z_$][\w$]*)(?P<call>\(\s*\))? )
          | \[\s*(?: (?P<quoted>{_STRING}) | (?P<number>\d+) | (?P<bare>[A-Za-z_]\w*) )\s*\] )""",  # noqa: E501 - lines of a page
    re.VERBOSE,
)
_END = re.compile(r"\s*(?:%\s*(\d+)\s*)?$")
# Java programs with payloads of bytes need this. Here a path always finds text.
_NEW_STRING = re.compile(r"new\s+(?:java\.lang\.)?String\((.*)\)\s*$", re.DOTALL)


@dataclass(frozen=True)
class Expression:
    """A parsed expression."""

    text: str  # as written
    root: str  # payload, headers or key; "" for the value itself
    path: tuple[str | int, ...] = ()
    calls: tuple[str, ...] = ()
    modulus: int | None = None

    def __str__(self) -> str:
        """Return the expression as it was written."""
        return self.text


def of_record(text: str) -> Expression:
    """Parse an expression about a record. Raises ValueError if it is not supported."""
    inner = text.strip()
    if len(inner) > _LONGEST:
        raise ValueError(text)
    while wrapped := _NEW_STRING.match(inner):
        inner = wrapped[1].strip()
    start = _ROOT.match(inner)
    if not start:
        raise ValueError(text)
    found = _parsed(text, start[1], inner[start.end() :])
    if (found.root == "headers" and not found.path) or (found.root == "key" and found.path):
        raise ValueError(text)
    return found


def of_key(text: str) -> Expression:
    """Parse an expression about a partition key. Raises ValueError if it is not supported."""
    inner = text.strip()
    if len(inner) > _LONGEST:
        raise ValueError(text)
    start = _THIS.match(inner)
    if not start:
        raise ValueError(text)
    found = _parsed(text, "", inner[start.end() :] if start[0] else f".{inner}")
    if found.path:
        raise ValueError(text)
    return found


def _parsed(text: str, root: str, rest: str) -> Expression:
    path: list[str | int] = []
    calls: list[str] = []
    at = 0
    while step := _STEP.match(rest, at):
        at = step.end()
        if step["call"]:
            calls.append(step["name"])
        elif calls:
            raise ValueError(text)  # the result of a call has no fields
        elif step["number"]:
            path.append(int(step["number"]))
        else:
            quoted = step["got"] or step["quoted"]
            path.append(quoted[1:-1] if quoted else step["name"] or step["bare"])
    end = _END.match(rest, at)
    if not end or not set(calls) <= set(CALLS) or (end[1] and not int(end[1])):
        raise ValueError(text)
    return Expression(text, root, tuple(path), tuple(calls), int(end[1]) if end[1] else None)


_ASKED = "then .hashCode(), .length() or .toString(), then % and a number"
OF_RECORD = PropertyType(
    of_record,
    f"payload, headers['name'] or key, then .field, ['field'] or [0] for what is inside JSON, "
    f"{_ASKED}",
    "java.lang.String",
)
OF_KEY = PropertyType(of_key, f"#root for the partition key, {_ASKED}", "java.lang.String")
