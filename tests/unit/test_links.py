"""The pages: each relative link names a file of the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
FOLDERS = ("", "docs", "docs/decisions", "deploy", "benchmarks")
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_name_files(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_links_are_found() -> None:
    """Without links in the pages the test above would pass for nothing."""
    assert sum(len(LINK.findall(page.read_text())) for page in PAGES) > 50
