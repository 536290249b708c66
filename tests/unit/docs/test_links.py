"""Links of the pages lead to files and headings that are there. No network is needed."""

from collections.abc import Callable

import pytest

from tests.support.docs.markdown import Page, Part, page_names, parse_page, read_page
from tests.support.processor import REPOSITORY

NAMES = page_names()
ENTRY = "docs/README.md"
OTHER_SITES = ("https://", "http://", "mailto:")


def broken(link: Part, anchors: Callable[[str], set[str]]) -> str:
    """What is wrong with a relative link, or nothing."""
    target, _, anchor = link.text.partition("#")
    folder = (REPOSITORY / link.page).parent
    path = (folder / target).resolve() if target else REPOSITORY / link.page
    if not path.is_relative_to(REPOSITORY):
        return f"{link}: outside of the repository"
    if not path.exists():
        return f"{link}: no such file"
    if anchor and anchor not in anchors(str(path.relative_to(REPOSITORY))):
        return f"{link}: no such heading"
    return ""


def relative(page: Page) -> list[Part]:
    return [each for each in page.links if not each.text.startswith(OTHER_SITES)]


def anchors_of(name: str) -> set[str]:
    return read_page(name).anchors


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    found = (broken(link, anchors_of) for link in relative(read_page(name)))
    assert [each for each in found if each] == []


@pytest.mark.parametrize("target", ["none.md", "#none", "README.md#none", "../../x.md"])
def test_broken_links_are_found(target: str) -> None:
    (link,) = parse_page("README.md", f"a [link]({target}) here").links
    assert broken(link, anchors_of)


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_safe(name: str) -> None:
    """A link to another site uses TLS."""
    assert [str(each) for each in read_page(name).links if each.text.startswith("http://")] == []


def test_entry_page_links_all() -> None:
    folder = (REPOSITORY / ENTRY).parent
    links = relative(read_page(ENTRY))
    linked = {(folder / each.text.partition("#")[0]).resolve() for each in links}
    pages = {path.resolve() for path in (REPOSITORY / "docs").rglob("*.md")}
    assert sorted(map(str, pages - linked - {REPOSITORY / ENTRY})) == []


def test_readme_links_entry_page() -> None:
    assert ENTRY in {each.text for each in read_page("README.md").links}


def test_count(report_figure: Callable[[str], None]) -> None:
    links = [each for name in NAMES for each in relative(read_page(name))]
    report_figure(f"{len(links)} relative links on {len(NAMES)} pages")
    assert len(links) > len(NAMES)
