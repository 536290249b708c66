"""The charset of a record, for functions of bytes and text."""

# ruff: noqa: ARG001 - functions as users write them

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest

from connectors.named_functions.calls import filter_call, flat_map_call
from python_processor import run

LATIN = "text/plain;charset=ISO-8859-1"


class Word(StrEnum):
    CAFE = "café"


class Plain(str):
    __slots__ = ()


def is_latin(value: bytes, charset: str) -> bool:
    return charset == "latin_1" and value.decode(charset) == "é"


def is_latin_by_keyword(value: bytes, *, charset: str = "utf-8") -> bool:
    return is_latin(value, charset)


def same(value: bytes, charset: str = "utf-8") -> bytes:
    return charset.encode()


def yields(value: bytes, *, charset: str) -> Iterator[bytes]:
    yield charset.encode()


def gives(value: bytes, charset: str) -> Iterator[bytes]:
    return iter([charset.encode()])


def unannotated(value, charset):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - as users write it
    yield charset.encode()


async def yields_async(value: bytes, charset: str) -> Any:
    yield charset.encode()


@pytest.mark.parametrize("function", [is_latin, is_latin_by_keyword])
def test_filter_gets_charset(function: Callable[..., bool]) -> None:
    assert run(function, "é", content_type=LATIN).value == b"\xe9"
    assert run(function, "é").dropped


@pytest.mark.parametrize("function", [same, yields, gives, unannotated, yields_async])
def test_map_and_flat_map_get_charset(function: Callable[..., Any]) -> None:
    assert run(function, "é", content_type=LATIN).value == b"latin_1"
    assert run(function, "é").value == b"utf-8"


def test_calls_without_charset_are_the_function() -> None:
    def judge(value: bytes) -> bool:
        return True

    def divide(value: bytes) -> list[bytes]:
        return [value]

    assert filter_call("s", judge).function is judge
    assert flat_map_call("s", divide).function is divide


@pytest.mark.parametrize("word", [Word.CAFE, Plain("café")])
def test_subclass_of_str_is_in_charset(word: str) -> None:
    def of_text(_: str) -> str:
        return word

    def of_bytes(_: bytes) -> str:
        return word

    def of_json(_: dict[str, Any]) -> str:
        return word

    def several(_: str) -> Iterator[str]:
        yield word

    async def later(_: str) -> str:
        return word

    for function in (of_text, of_bytes, of_json, several, later):
        assert run(function, "{}", content_type=LATIN).value == b"caf\xe9"
