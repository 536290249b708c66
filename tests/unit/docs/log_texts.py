"""The texts that the code writes, in pieces, and the texts that a page quotes."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.docs.markdown import Part, read_page
from tests.support.processor import REPOSITORY

_SHORTEST = 5  # characters of a piece where a text goes on in another one


def pieces_of(folders: Iterable[str]) -> set[str]:
    """Every text in the sources of these folders, cut where a value is put in."""
    found: set[str] = set()
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            found.update(_pieces(path))
    return found


def _pieces(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.split(r"%[-.\d]*[a-z]", node.value)


def quoted_texts(page: str) -> list[Part]:
    """The texts in quotation marks in the first cells of the page's tables."""
    lines: dict[int, Part] = {}
    for cell in read_page(page).cells:
        lines.setdefault(cell.line, cell)
    return [
        Part(page, line, text.replace("`", ""))
        for line, cell in lines.items()
        if not cell.text.startswith("`")  # a whole line, or code
        for text in re.findall(r'"([^"]+)"', cell.text)
    ]


def is_written(text: str, pieces: set[str]) -> bool:
    """Whether the code writes the text; `...` stands for what is put in."""
    parts = (each.strip() for each in text.split("..."))
    return all(_is_in(part, pieces) for part in parts if part)


def _is_in(part: str, pieces: set[str]) -> bool:
    """Whether it is in one piece, or ends one piece and goes on in another one."""
    if any(part in piece for piece in pieces):
        return True
    cuts = range(_SHORTEST, len(part) - _SHORTEST + 1)
    return any(
        any(piece.endswith(part[:cut]) for piece in pieces) and _goes_on(part[cut:], pieces)
        for cut in cuts
    )


def _goes_on(rest: str, pieces: set[str]) -> bool:
    if any(piece.startswith(rest) for piece in pieces):
        return True
    cuts = range(_SHORTEST, len(rest) - _SHORTEST + 1)
    return any(rest[:cut] in pieces and _goes_on(rest[cut:], pieces) for cut in cuts)
