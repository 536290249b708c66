"""The pages are short to read: sentences, cells and pages have a limit, and old words are out."""

import re
from collections.abc import Callable

import pytest

from tests.support.docs.markdown import GENERATED, Page, page_names, parse_page, read_page

MOST_WORDS = 25  # of a sentence and of a cell
MOST_LINES = 400
MOST_LINES_OF_README = 170
OLD_WORDS = re.compile(
    r"\b(?:lest|anew|heed\w*|likewise|whoever|thereof|begun|told|whilst|hence|thus)\b",
    re.IGNORECASE,
)
WRITTEN = [name for name in page_names() if name not in GENERATED]


@pytest.fixture(params=WRITTEN)
def page(request: pytest.FixtureRequest) -> Page:
    name: str = request.param
    return read_page(name)


def test_sentences_are_short(page: Page) -> None:
    assert [str(each) for each in page.sentences if each.words > MOST_WORDS] == []


def test_cells_are_short(page: Page) -> None:
    assert [str(each) for each in page.cells if each.words > MOST_WORDS] == []


def test_no_old_words(page: Page) -> None:
    parts = [*page.sentences, *page.cells]
    assert [str(each) for each in parts if OLD_WORDS.search(each.text)] == []


def test_pages_are_short(page: Page) -> None:
    limit = MOST_LINES_OF_README if page.name == "README.md" else MOST_LINES
    assert len(page.text.splitlines()) <= limit


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_say_so(name: str) -> None:
    assert f"Made by `{GENERATED[name]}`" in read_page(name).text


def test_figures(report_figure: Callable[[str], None]) -> None:
    found = [read_page(name) for name in WRITTEN]
    sentence = max((each for page in found for each in page.sentences), key=lambda each: each.words)
    cell = max((each for page in found for each in page.cells), key=lambda each: each.words)
    readme = read_page("README.md").text
    report_figure(
        f"{len(found)} pages; longest sentence {sentence.words} words, longest cell {cell.words}; "
        f"README {len(readme.splitlines())} lines, {len(readme.split())} words"
    )
    assert sentence.words <= MOST_WORDS


def test_parts_of_a_page() -> None:
    """The checks see what is there: an item, a sentence over two lines, a cell, code."""
    page = parse_page(
        "x.md",
        "# A `b` c's\n\nOne [two](x.md#a)\nthree. Four `5.6 7`!\n- item\n  goes on\n\n"
        "| a | b \\| c |\n|---|---|\n| d e | |\n\n    make run\n\n```sh\nls\n```\n",
    )
    assert [each.text for each in page.headings] == ["A `b` c's"]
    assert page.anchors == {"a-b-cs"}
    assert [each.words for each in page.sentences] == [3, 3, 3]
    assert [each.text for each in page.cells] == ["a", "b \\| c", "d e", ""]
    assert [(each.text, each.language) for each in page.code] == [
        ("make run", "indented"),
        ("ls", "sh"),
    ]
    assert [each.text for each in page.links] == ["x.md#a"]
    assert [each.text for each in page.spans] == ["5.6 7", "b"]
