"""Filters: each condition alone, and all of them together."""

import pytest

from dead_letters.letters.filter import LetterFilter
from tests.unit.dead_letters.letters import TIME_MS, headers, letter

JAVA = headers(
    fqcn=b"org.springframework.messaging.MessageHandlingException",
    stacktrace=b"org...: x\nCaused by: com.example.Orders$BadPrice: y\n\tat "
    b"com.example.Orders.enrich(Orders.java:1)\n",
)


@pytest.mark.parametrize(
    ("name", "is_match"),
    [("ValueError", True), ("valueerror", False), ("Error", False), ("builtins.ValueError", False)],
)
def test_exception_by_name(name: str, is_match: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert LetterFilter(exception=name).matches(letter()) == is_match


@pytest.mark.parametrize(
    "name", ["json.decoder.JSONDecodeError", "JSONDecodeError", "decoder.JSONDecodeError"]
)
def test_exception_with_its_module(name: str) -> None:
    assert LetterFilter(exception=name).matches(
        letter(headers(fqcn=b"json.decoder.JSONDecodeError"))
    )


@pytest.mark.parametrize(
    "name", ["MessageHandlingException", "BadPrice", "com.example.Orders$BadPrice"]
)
def test_exception_of_spring_or_its_cause(name: str) -> None:
    assert LetterFilter(exception=name).matches(letter(JAVA))


def test_step() -> None:
    assert LetterFilter(step="enrich").matches(letter())
    assert not LetterFilter(step="price").matches(letter())


def test_times_include_since_and_exclude_until() -> None:
    assert LetterFilter(since_ms=TIME_MS, until_ms=TIME_MS + 1).matches(letter())
    assert not LetterFilter(since_ms=TIME_MS + 1).matches(letter())
    assert not LetterFilter(until_ms=TIME_MS).matches(letter())


def test_letter_without_a_time() -> None:
    assert not LetterFilter(since_ms=0).matches(letter(timestamp_ms=-1))
    assert not LetterFilter(until_ms=TIME_MS).matches(letter(timestamp_ms=-1))
    assert LetterFilter().matches(letter(timestamp_ms=-1))


@pytest.mark.parametrize(
    "conditions",
    [[], ["a", "b", None], ["a", "b", "1", None], [1, "", None, None], ["", "", None, None, 5]],
)
def test_foreign_list_is_refused(conditions: list[object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is nobody's
        LetterFilter.from_list(conditions)
