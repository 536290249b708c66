"""No error of a conversion shows the payload, neither in its text nor in its stack trace."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pydantic
import pytest

from connectors.errors.exceptions import InvalidValueError, ResultError
from connectors.named_functions.json_values import json_reader, json_writer
from connectors.named_functions.text_values import decode, encode
from python_processor import Record, run
from text import UndecodableText

PLANTED = "pl4nted"


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    total: int
    kind: Literal["a"] = "a"

    @pydantic.field_validator("total", mode="before")
    @classmethod
    def check(cls, value: Any) -> Any:
        if isinstance(value, list):
            raise ValueError(f"refused {value}")  # noqa: TRY004 - pydantic takes ValueError
        return value


@dataclass
class Plain:
    total: int


def of_model(order: Model) -> Model:
    return order


def of_plain(order: Plain) -> Plain:
    return order


def of_dict(order: dict[str, int]) -> dict[str, int]:
    return order


def of_text(text: str) -> str:
    return text


def same(record: Record) -> Any:
    return record


INVALID: dict[str, tuple[Callable[..., Any], bytes]] = {
    "a field": (of_model, f'{{"total": "{PLANTED}"}}'.encode()),
    "a literal": (of_model, f'{{"total": 1, "kind": "{PLANTED}"}}'.encode()),
    "another field": (of_model, f'{{"total": 1, "{PLANTED}": 2}}'.encode()),
    "a validator": (of_model, f'{{"total": ["{PLANTED}"]}}'.encode()),
    "a dataclass": (of_plain, f'{{"total": "{PLANTED}"}}'.encode()),
    "a dict": (of_dict, f'{{"a": "{PLANTED}"}}'.encode()),
    "no JSON": (of_model, PLANTED.encode()),
    "cut": (of_dict, f'{{"{PLANTED}'.encode()),
    "UTF-16": (of_model, f'{{"total": "{PLANTED}"}}'.encode("utf-16")),
    "not finite": (of_dict, f'{{"{PLANTED}": NaN}}'.encode()),
    "no UTF-8": (of_dict, PLANTED.encode() + b"\xff"),
    "no text": (of_text, PLANTED.encode() + b"\xff"),
}


@pytest.mark.parametrize("invalid", INVALID)
def test_invalid_value_is_in_no_dead_letter(invalid: str) -> None:
    function, value = INVALID[invalid]
    (letter,) = run(function, value).dead_letters
    shown = b"".join(text or b"" for text in letter.headers.values())
    assert letter.headers["x-exception-stacktrace"]
    assert PLANTED.encode() not in shown


@pytest.mark.parametrize("invalid", INVALID)
def test_invalid_value_is_in_no_traceback(invalid: str) -> None:
    function, value = INVALID[invalid]
    kind = function.__annotations__
    read: Callable[[Any], Any] = (
        (lambda each: decode(each, "utf-8"))
        if function is of_text
        else json_reader(function, kind.get("order"))
    )
    with pytest.raises((InvalidValueError, UndecodableText)) as raised:
        read(value)
    assert PLANTED not in "".join(traceback.format_exception(raised.value))


class Unwritable:
    def __repr__(self) -> str:
        return PLANTED


class Failing(pydantic.BaseModel):
    text: str

    @pydantic.field_serializer("text")
    def give(self, value: str) -> str:
        raise RuntimeError(value)


@pytest.mark.parametrize(
    "result",
    [
        {"a": Unwritable()},
        {PLANTED: float("nan")},
        {"a": PLANTED + "\ud800"},
        [Failing(text=PLANTED)],
        [Record(PLANTED)],
    ],
)
def test_unwritable_result_is_in_no_traceback(result: Any) -> None:
    write = json_writer(same, Any)
    with pytest.raises(ResultError) as raised:
        write(result)
    assert PLANTED not in "".join(traceback.format_exception(raised.value))
    assert "test_secrecy.py:" in str(raised.value)


def test_unwritable_text_is_in_no_traceback() -> None:
    with pytest.raises(UndecodableText) as raised:
        encode(PLANTED + "\u20ac", b"", "iso8859-1")
    assert PLANTED not in "".join(traceback.format_exception(raised.value))
