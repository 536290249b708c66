"""Keys, headers and charsets that a function sets."""

from enum import IntEnum
from typing import Any

import pytest

from python_processor import Record, run

LATIN = "text/plain;charset=ISO-8859-1"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"headers": {"\ud800": b"x"}}, "set the name of a header to text with surrogates"),
        ({"headers": {"a": "\ud800"}}, "set the header 'a' to text with surrogates"),
        ({"headers": {"a": 2**63}}, "set the header 'a' to a number that java.lang.Long"),
        ({"headers": {"a": float("nan")}}, "set the header 'a' to a number that java.lang.Double"),
        ({"key": "\ud800"}, "set a key to text with surrogates"),
    ],
)
def test_unwritable_is_one_line(changes: dict[str, Any], text: str) -> None:
    """A name with surrogates must not reach the client: it would crash the process."""

    def change(record: Record) -> Record:
        return record.replace(**changes)

    (letter,) = run(change, b"v").dead_letters
    assert letter.error == "ResultError"
    assert "test_rows.py:" in letter.message
    assert text in letter.message


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize("number", [-(2**63), 2**63 - 1, 1.5, True, Level.HIGH])
def test_numbers_are_typed(number: float) -> None:
    def change(record: Record) -> Record:
        return record.replace(headers={"n": number})

    assert b"java.lang." in (run(change, b"v").headers["spring_json_header_types"] or b"")


@pytest.mark.parametrize("content_type", [b'"text/plain;charset=ISO-8859-1"', LATIN])
@pytest.mark.parametrize("before", [None, "text/plain;charset=UTF-16"])
def test_text_is_in_new_charset(content_type: Any, before: str | None) -> None:
    def change(record: Record) -> Record:
        return record.replace(value="é", headers={"contentType": content_type})

    assert run(change, "x", content_type=before).value == b"\xe9"


def test_unchanged_charset_stays() -> None:
    def change(record: Record) -> Record:
        return record.replace(value="é", headers={**record.headers, "a": b"1"})

    def clear(record: Record) -> Record:
        return record.replace(value="é", headers={})

    assert run(change, "x", content_type=LATIN).value == b"\xe9"
    assert run(clear, "x", content_type=LATIN).value == b"\xe9"
