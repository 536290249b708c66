"""Reads Java's properties format as Spring Boot does, within limits."""

import re
from collections.abc import Iterator

from config.files.document_error import MAX_ENTRIES, DocumentError


def parse_properties(text: str, repeated: list[str] | None = None) -> list[dict[str, str]]:
    r"""Return the documents of Java's format, which lines `#---` or `!---` separate.

    Properties are `name=value`, `name: value`, `name value` or `name[]=a,b`.

    Names that come again in one document with another value are put into `repeated`.

    A separator beside a comment of the same kind is a comment, as in Spring Boot. Raises
    DocumentError.
    """
    documents: list[dict[str, str]] = []
    document: dict[str, str] = {}
    previous = ""  # the comment sign of the line before
    lines = iter(re.split(r"\r\n|\r|\n", text))
    for line in lines:
        stripped = line.lstrip(" \t\f")
        if stripped[:1] in {"#", "!"} and stripped:
            if previous != stripped[0] and re.fullmatch(r"[#!]---[ \t\f]*", line):
                documents += [document] if document else []
                document = {}
                continue
            if not document and documents:
                document = documents.pop()
            previous = stripped[0]
            continue
        previous = ""
        if stripped:
            entry = _entry(_joined(stripped, lines))
            if repeated is not None:
                repeated += (
                    key for key, value in entry.items() if document.get(key, value) != value
                )
            document |= entry
            if len(document) > MAX_ENTRIES:
                raise DocumentError(f"has more than {MAX_ENTRIES} properties")
    return [*documents, document] if document else documents


def _joined(line: str, lines: Iterator[str]) -> str:
    """Return the logical line. A line goes on after an unescaped backslash at its end."""
    parts = []
    while (len(line) - len(line.rstrip("\\"))) % 2:
        parts.append(line[:-1])
        line = next(lines, "").lstrip(" \t\f")
    return "".join([*parts, line])


def _entry(line: str) -> dict[str, str]:
    found = re.fullmatch(r"((?:\\.|[^\\=:\s])*+)[ \t\f]*+[=:]?[ \t\f]*+(.*)", line, re.DOTALL)
    name, value = (found[1], found[2]) if found else ("", line)
    name = _unescaped(name)
    if not name.endswith("[]"):
        return {name: _unescaped(value)}
    items = re.findall(r"(?:\\.|[^\\,])+", value, re.DOTALL)
    return {
        f"{name[:-2]}[{number}]": _unescaped(item.strip(" \t\f"))
        for number, item in enumerate(items)
    }


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        body = match[1]
        if body[0] == "u":
            if len(body) == 1:
                raise DocumentError(r"has a \u that four hexadecimal digits do not follow")
            return chr(int(body[1:], 16))
        return {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(body, body)

    found = re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", character, text, flags=re.DOTALL)
    # Java joins the two surrogates of a character beyond U+FFFF.
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
