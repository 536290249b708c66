"""JSON of a sender: one function reads it, and raises its own error or nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.json_text import InvalidJsonError, parse_json

SOURCES = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":1,"a":2}', {"a": 2}),
        ('"\\ud800"', "\ud800"),
        (b"1e999", float("inf")),
        ('"a"'.encode("utf-16"), "a"),
        (b"9" * 4000, int("9" * 4000)),
        (b'\xef\xbb\xbf{"a":null}', {"a": None}),
    ],
)
def test_json_is_read(text: bytes | str, value: object) -> None:
    assert parse_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[" * 1000,
        b"[" * 1000 + b"]" * 1000,
        b'{"a":' * 200_000,
        b"9" * 5000,
        b"[-" + b"9" * 1_000_000 + b"]",
        b"NaN",
        b"[Infinity]",
        b'{"a":-Infinity}',
        b"'a'",
        b"\xed\xa0\x80",
        b'"\xed\xa0\x80"',
        b"\x00\x00\xfe",
    ],
)
def test_bad_json_is_one_error(text: bytes) -> None:
    with pytest.raises(InvalidJsonError) as caught:
        parse_json(text)
    assert str(caught.value) == "no JSON that can be read"
    assert caught.value.__suppress_context__


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_pythons_json_is_read(value: object) -> None:
    assert parse_json(json.dumps(value)) == parse_json(json.dumps(value).encode()) == value


@given(st.binary() | st.text() | st.text(st.sampled_from('[]{}",:0e-\\u')))
def test_no_other_error_is_raised(text: bytes | str) -> None:
    try:
        parse_json(text)
    except InvalidJsonError:
        return


def test_records_use_this_parser() -> None:
    """A record's headers go through parse_json.

    The client's statistics and a function's JSON values do not.
    """
    readers = {
        path.name
        for path in (SOURCES / "connectors").rglob("*.py")
        if re.search(r"json\.loads?\(", path.read_text())
    }
    assert readers == {"statistics.py", "json_values.py", "test_kit.py"}
