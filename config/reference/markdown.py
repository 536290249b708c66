"""Markdown tables."""

from collections.abc import Iterable, Sequence


def code_span(text: str) -> str:
    return f"`{text}`" if text else ""


def markdown_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    cells = [head, ["---" for _ in head], *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells
    )
