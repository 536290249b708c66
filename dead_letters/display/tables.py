"""Tables for a terminal: as wide as the widest cells, and never wider than the terminal."""

import shutil
import unicodedata
from collections.abc import Sequence

from config.errors import one_line

_GAP = "  "
_CUT = "\u2026"
_COLUMN_MIN_WIDTH = 6
_UNLIMITED_WIDTH = 10_000  # columns, without terminal and COLUMNS: a log has whole names


def terminal_width() -> int:
    """Columns of the terminal; no limit for an output that is no terminal."""
    return shutil.get_terminal_size((_UNLIMITED_WIDTH, 24)).columns


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> list[str]:
    """Return a table's lines: numbers on the right, the widest columns cut to fit.

    Args:
        header: The names of the columns.
        rows: As many cells in each; control characters are shown as escapes.
        width: Of the terminal, in columns.
    """
    cells = [[one_line(str(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width and max(widths) > _COLUMN_MIN_WIDTH:
        widths[widths.index(max(widths))] -= 1
    numbers = [
        bool(rows) and all(isinstance(row[column], int) for row in rows)
        for column in range(len(header))
    ]
    lines = []
    for row in cells:
        parts = [
            _fit(cell, size, right=right)
            for cell, size, right in zip(row, widths, numbers, strict=True)
        ]
        lines.append(_GAP.join(parts).rstrip())
    return lines


def _width(text: str) -> int:
    """Return the width on a terminal: two for a wide character, none for a combining mark."""
    return len(text) if text.isascii() else sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fit(text: str, size: int, *, right: bool) -> str:
    if _width(text) > size:
        is_name = " " not in text  # names differ at the end: a.b.FirstError, a.b.SecondError
        text = _cut(text[::-1], size)[::-1] if is_name else _cut(text, size)
    padding = " " * (size - _width(text))
    return padding + text if right else text + padding


def _cut(text: str, size: int) -> str:
    """The beginning of the text, and a sign that there is more."""
    kept = ""
    for character in text:
        if _width(kept + character) > size - 1:
            break
        kept += character
    return kept + _CUT
