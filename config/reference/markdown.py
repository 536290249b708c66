"""Markdown tables."""

from collections.abc import Iterable, Sequence


def code_span(text: str) -> str:
    """Return the text as code; "" stays empty."""
    return f"`{text}`" if text else ""


def markdown_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with this head."""
    cells = [head, ["---" for _ in head], *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells
    )
