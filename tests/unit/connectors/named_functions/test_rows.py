"""Keys, headers and charsets that a function sets."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
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

    assert run(change, "x", content_type=LATIN).value == b"\xe9"


@pytest.mark.parametrize("dropped", [{}, {"contentType": None}])
def test_text_without_content_type_is_in_default_charset(dropped: dict[str, Any]) -> None:
    def clear(record: Record) -> Record:
        return record.replace(value="é", headers=dropped)

    assert run(clear, "x", content_type=LATIN).value == "é".encode()


@dataclass
class Holder:
    inner: Any


@pytest.mark.parametrize(
    "function",
    [
        lambda record: [record],
        lambda record: [1, record],
        lambda record: record.replace(value=[record]),
    ],
)
def test_records_in_result_are_no_json(function: Callable[[Record], Any]) -> None:
    def give(record: Record) -> Any:
        return function(record)

    (letter,) = run(give, b"v").dead_letters
    assert letter.error == "ResultError"
    assert "test_rows.py:" in letter.message
    assert "returned a list of Records: yield them, or annotate Iterator[Rec" in letter.message


def test_record_beside_json_value_is_no_json() -> None:
    def give(value: dict[str, Any], record: Record) -> list[Any]:
        return [value, record]

    (letter,) = run(give, {}).dead_letters
    assert "returned a list of Records" in letter.message


@pytest.mark.parametrize("result", [Decimal("1.5"), 1, (1,), {1}, 1j, iter([1])])
def test_other_results_are_refused(result: Any) -> None:
    def give(_: Record) -> Any:
        return result

    def put(record: Record) -> Record:
        return record.replace(value=result)

    for function in (give, put):
        (letter,) = run(function, b"v").dead_letters
        assert letter.error == "ResultError"
        assert f"returned {type(result).__qualname__}; return a Record, bytes" in letter.message


def test_json_results_are_accepted() -> None:
    def give(_: Record) -> Any:
        return Holder(1)

    def put(record: Record) -> Record:
        return record.replace(value=[1.5])

    assert run(give, b"v").value == b'{"inner":1}'
    assert run(put, b"v").value == b"[1.5]"


class Word(StrEnum):
    CAFE = "café"


class Marked(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        raise AssertionError("the subclass counts as its text")


@pytest.mark.parametrize("word", [Word.CAFE, Marked("café")], ids=["enum", "class"])
def test_subclass_of_str_is_in_charset(word: str) -> None:
    def give(_: Record) -> Any:
        return word

    def put(record: Record) -> Record:
        return record.replace(value=word, headers={"contentType": LATIN})

    assert run(give, "x", content_type=LATIN).value == b"caf\xe9"
    assert run(put, "x").value == b"caf\xe9"


@pytest.mark.parametrize("content_type", ["application/vnd.own+json", b"application/vnd.own+json"])
@pytest.mark.parametrize("before", [None, "application/json", LATIN])
def test_set_content_type_of_json_stays(content_type: Any, before: str | None) -> None:
    def change(record: Record) -> Record:
        return record.replace(value={}, headers={**record.headers, "contentType": content_type})

    headers = run(change, "x", content_type=before).headers
    assert headers["contentType"] == b"application/vnd.own+json"
    assert b'"contentType":"java.lang.String"' in (headers["spring_json_header_types"] or b"")


def test_received_content_type_of_json_is_replaced() -> None:
    def change(record: Record) -> Record:
        return record.replace(value={}, headers={**record.headers, "a": b"1"})

    def clear(record: Record) -> Record:
        return record.replace(value={}, headers={})

    for function in (change, clear):
        headers = run(function, "x", content_type=LATIN).headers
        assert headers["contentType"] == b"application/json"


def types_after(changes: dict[str, Any]) -> Any:
    """Return the types of headers after a function has changed some of n=5, s="x" and text."""

    def change(record: Record) -> Record:
        return record.replace(headers={**record.headers, **changes})

    received = {"n": 5, "s": "x"}
    found = run(change, b"v", headers=received, content_type="text/plain").headers
    return json.loads(found["spring_json_header_types"] or b"{}")


@pytest.mark.parametrize("value", [b"6", None])
def test_type_of_replaced_header_is_dropped(value: bytes | None) -> None:
    text = "java.lang.String"
    assert types_after({"n": value}) == {"s": text, "contentType": text}


def test_other_types_stay() -> None:
    number, text = "java.lang.Long", "java.lang.String"
    every = {"n": number, "s": text, "contentType": text}
    assert types_after({}) == every
    assert types_after({"n": b"5"}) == every
    assert types_after({"n": 6}) == every
    assert types_after({"contentType": b"text/html"}) == every
    own = {"n": b"6", "spring_json_header_types": b'{"n":"java.lang.Integer"}'}
    assert types_after(own)["n"] == "java.lang.Integer"


def test_content_type_and_its_class_are_dropped_together() -> None:
    def drop(record: Record) -> Record:
        return record.replace(
            headers={k: v for k, v in record.headers.items() if k != "contentType"}
        )

    assert run(drop, b"v", content_type=LATIN).headers == {}
