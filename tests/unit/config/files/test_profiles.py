"""Which documents of a file apply."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.files.profiles import accepts


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("a", True),
        ("c", False),
        ("!a", False),
        ("! c", True),
        ("!!a", True),
        ("a & b", True),
        ("a&c", False),
        ("a & !c & b", True),
        ("c | a", True),
        ("c|d", False),
        ("(c | a) & !d", True),
        ("!(a & b)", False),
        ("((a))", True),
        ("a b", False),  # one name, and not one of ours
    ],
)
def test_expression_picks_profiles(expression: str, *, accepted: bool) -> None:
    assert accepts(expression, {"a", "b"}) is accepted


@pytest.mark.parametrize(
    "expression", ["", "&", "a &", "| a", "!", "()", "(a", "a)", "a & b | c", "a (b)", "a ! b"]
)
def test_invalid_expression_fails(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the loader's own words are tested below
        accepts(expression, {"a"})


@given(st.text("ab &|!()", max_size=20))
def test_any_text_parses_or_fails(expression: str) -> None:
    with contextlib.suppress(ValueError):
        assert accepts(expression, {"a"}) in (True, False)


def test_broken_expression_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "application.properties").write_text(
        "info.a=1\n#---\nspring.config.activate.on-profile=a & b | c\n"
    )
    with pytest.raises(
        config.SettingsError,
        match=r'on-profile: "a & b \| c" \(file .*, document 2\) is not allowed; allowed is',
    ) as caught:
        config.load([], {})
    assert "\n" not in str(caught.value)
