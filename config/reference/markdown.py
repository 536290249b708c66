"""Markdown tables."""

from collections.abc import Iterator


def code_span(text: str) -> str:
    """Return the text as code; "" stays empty."""
    return f"`{text}`" if text else ""


def markdown_table(head: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table with this head."""
    cells = [head, tuple("---" for _ in head), *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells
    )
