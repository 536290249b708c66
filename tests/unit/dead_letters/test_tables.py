"""Tables fit the terminal, whatever the cells hold."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_letters.display.tables import format_table, terminal_width


def columns(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide - sum(bool(unicodedata.combining(character)) for character in line)


def test_numbers_are_at_the_right() -> None:
    lines = format_table(("name", "count"), [("a", 5), ("long name", 12345)], 80)
    assert lines == ["name       count", "a              5", "long name  12345"]


def test_wide_cells_are_cut() -> None:
    lines = format_table(("name", "count"), [("x " * 100, 5)], 40)
    assert lines[1] == f"{'x ' * 16}\u2026      5"
    assert {columns(line) for line in lines} == {40}


def test_cut_names_keep_their_end() -> None:
    """Classes of one module differ there, and --exception takes the last part."""
    names = [
        ("connectors.errors.exceptions.InvalidValueError", 4),
        ("connectors.errors.exceptions.ResultError", 2),
    ]
    lines = format_table(("exception", "letters"), names, 31)
    assert lines[1:] == [
        "\u2026ons.InvalidValueError        4",
        "\u2026xceptions.ResultError        2",
    ]


def test_output_without_terminal_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of a Job and a pipe have whole names."""

    def get_terminal_size(_: int) -> os.terminal_size:
        raise OSError

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", get_terminal_size)
    name = "error." + "x" * 243
    assert (
        format_table(("topic", "letters"), [(name, 5)], terminal_width())[1] == f"{name}        5"
    )


def test_columns_limit_any_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert terminal_width() == 60


def test_control_chars_are_shown() -> None:
    """A name from a letter cannot move the cursor."""
    assert format_table(("name",), [("a\x1b[2Jb\n",)], 80) == ["name", "a\\x1b[2Jb\\n"]


@given(
    st.lists(
        st.tuples(st.text(max_size=90), st.integers(0, 10**9), st.text(max_size=90)), max_size=5
    ),
    st.integers(40, 120),
)
def test_table_fits_the_terminal(rows: list[tuple[str, int, str]], width: int) -> None:
    for line in format_table(("name", "count", "text"), rows, width):
        assert columns(line) <= width
        assert line.isprintable()
