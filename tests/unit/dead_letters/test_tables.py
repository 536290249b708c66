"""Tables fit the terminal, whatever the cells hold."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dead_letters.display.tables import format_table


def columns(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide - sum(bool(unicodedata.combining(character)) for character in line)


def test_numbers_are_at_the_right() -> None:
    lines = format_table(("name", "count"), [("a", 5), ("long name", 12345)], 80)
    assert lines == ["name       count", "a              5", "long name  12345"]


def test_wide_cells_are_cut() -> None:
    lines = format_table(("name", "count"), [("x" * 200, 5)], 40)
    assert lines[1] == f"{'x' * 32}\u2026      5"
    assert {columns(line) for line in lines} == {40}


def test_control_characters_are_shown() -> None:
    """A name from a letter cannot move the cursor."""
    assert format_table(("name",), [("a\x1b[2Jb\n",)], 80) == ["name", "a\\x1b[2Jb\\n"]


@given(
    st.lists(
        st.tuples(st.text(max_size=90), st.integers(0, 10**9), st.text(max_size=90)), max_size=5
    ),
    st.integers(40, 120),
)
def test_table_fits(rows: list[tuple[str, int, str]], width: int) -> None:
    for line in format_table(("name", "count", "text"), rows, width):
        assert columns(line) <= width
        assert line.isprintable()
