"""Tables for a terminal. A column is as wide as its widest cell if the terminal has room."""

import shutil
import unicodedata
from collections.abc import Sequence

from config.errors import one_line

_GAP = "  "
_CUT = "\u2026"
_COLUMN_MIN_WIDTH = 6
# Columns, where neither a terminal nor COLUMNS sets a width. A log gets whole names.
_UNLIMITED_WIDTH = 10_000


def terminal_width() -> int:
    """Return the terminal's columns. An output that is no terminal has no limit."""
    return shutil.get_terminal_size((_UNLIMITED_WIDTH, 24)).columns


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> list[str]:
    """Return a table's lines. Numbers are on the right. The widest columns are cut to fit.

    Args:
        header: The names of the columns.
        rows: One cell for each column; control characters are shown as escapes.
        width: The terminal's width, in columns.
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
    """Return the beginning of the text, and a sign that more follows."""
    kept = ""
    for character in text:
        if _width(kept + character) > size - 1:
            break
        kept += character
    return kept + _CUT
