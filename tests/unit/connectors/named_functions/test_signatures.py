"""Parameters and results as real functions annotate them."""

# ruff: noqa: ARG001 - functions as users write them

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ForwardRef

import pydantic
import pytest

import config
from catalog.errors import CatalogError
from connectors.errors.exceptions import FunctionRefusedError
from connectors.named_functions.calls import flat_map_call
from connectors.named_functions.json_values import json_reader
from connectors.named_functions.steps import work_for
from python_processor import Properties, Record, option, run
from tests.fakes.event_loop import Made


class Size(Properties):
    size: int = option(5, "A size.")


class Money:
    """A class that has no JSON schema."""


class Priced(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    total: int
    money: Money | None = None


def test_optional_parameters_are_given() -> None:
    def use(
        order: dict[str, Any], record: Record | None = None, size: Size | None = None
    ) -> dict[str, Any]:
        return {"topic": record and record.topic, "size": size and size.size}

    assert run(use, {}, topic="shop", size=7).json == {"topic": "shop", "size": 7}


def wrong_annotation(order: "dict | 5") -> dict[str, Any]:  # type: ignore[valid-type, type-arg]  # on purpose
    return {}


def properties_first(size: Size, order: dict[str, Any]) -> dict[str, Any]:
    return order


def several_answers(order: dict[str, Any]) -> Iterator[bool]:
    yield True


def unnamed_record(value: bytes, record: Record, /) -> bytes:
    return value


def unnamed_properties(value: bytes, size: Size, /) -> bytes:
    return value


def no_file(size: Size) -> Callable[[bytes], bytes]:
    raise FileNotFoundError("secret")


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (wrong_annotation, "its annotations cannot be resolved: TypeError"),
        (properties_first, "size is its first parameter; the value comes first"),
        (several_answers, "gives several True or False"),
        (unnamed_record, "missing a required argument: 'record'"),
        (unnamed_properties, "missing a required argument: 'size'"),
        (no_file, "takes no value and failed: FileNotFoundError at "),
    ],
)
def test_mistake_is_refused_at_start(function: Callable[..., Any], text: str) -> None:
    with pytest.raises((FunctionRefusedError, config.SettingsError)) as raised:
        run(function, {"a": 1})
    assert text in str(raised.value)
    assert "test_signatures.py:" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_model_needs_no_json_schema() -> None:
    def total(order: Priced) -> dict[str, Any]:
        return {"total": order.total}

    assert run(total, {"total": 3}).json == {"total": 3}
    (letter,) = run(total, {"total": "secret"}).dead_letters
    assert letter.message.endswith("*: int_parsing")


def annotated(order: Annotated[dict[str, Any], "an order"]) -> dict[str, Any]:
    return {}


def either(order: dict[str, Any] | list[Any] | None) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("function", [annotated, either])
def test_nan_is_no_json(function: Callable[..., Any]) -> None:
    assert run(function, b'{"a": "NaN"}').json == {}
    (letter,) = run(function, b'{"a": NaN}').dead_letters
    assert letter.error == "InvalidValueError"


def test_json_with_record_needs_no_charset() -> None:
    def topic(order: dict[str, Any], record: Record) -> dict[str, Any]:
        return {"topic": record.topic}

    assert run(topic, {}, content_type="application/json;charset=none").json == {"topic": "input"}


def free(order: Priced) -> Any:
    return {"total": order.total} if order.total else order


def text_for_json(order: Priced) -> Any:
    return str(order.total)


def test_result_needs_no_annotation() -> None:
    assert run(free, {"total": 3}).json == {"total": 3}
    assert run(free, {"total": 0}).json == {"total": 0, "money": None}
    (letter,) = run(text_for_json, {"total": 3}).dead_letters
    assert "returned str; return a dict, list, dataclass or pydantic model" in letter.message


def parse(value: bytes) -> Any:
    return {"a": 1} if value == b"1" else value


def text_of(value: str) -> str:
    return value + "!"


def json_of(value: list[Any]) -> list[Any]:
    return value


def is_text(value: str) -> bool:
    return bool(value)


@pytest.mark.parametrize("reader", [text_of, json_of, is_text])
def test_wrong_result_is_of_its_step(made: Made, reader: Callable[..., Any]) -> None:
    result = made.batch(b"[]", b"1", None)
    for step in (parse, reader):
        result = work_for(f"f.{step.__name__}", step)(result)
    ((message, letter),) = result.dead_letters
    assert message.value() == b"1"
    assert b"parse (" in dict(letter[-1])["x-exception-message"]
    assert b"returned dict" in dict(letter[-1])["x-exception-message"]
    assert result.values[1:] == [None, None]
    assert result.values[0]


def listed(record: Record) -> list[Record]:
    return [record]


def listed_beside_value(value: bytes, record: Record) -> tuple[Record, ...] | None:
    return (record,)


def nested(record: Record) -> dict[str, list[Record | None]]:
    return {"a": [record]}


async def listed_later(record: Record) -> Annotated[list[Record], "several"] | Record:
    return [record]


@pytest.mark.parametrize("function", [listed, listed_beside_value, nested, listed_later])
def test_collection_of_records_is_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(config.SettingsError) as raised:
        run(function, b"v")
    assert "test_signatures.py:" in str(raised.value)
    assert "yield the records, or annotate Iterator[Record]" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_list_of_records_is_several_for_flat_map() -> None:
    assert flat_map_call("s", listed).makes_rows


@dataclass
class Unresolved:
    part: "Nothing"  # type: ignore[name-defined]  # noqa: F821 - what the test is about


class UnresolvedModel(pydantic.BaseModel):
    part: "Nothing"  # type: ignore[name-defined]  # noqa: F821 - what the test is about


def of_dataclass(value: Unresolved) -> dict[str, Any]:
    return {}


def of_list(value: list[Unresolved]) -> dict[str, Any]:
    return {}


def of_model(value: UnresolvedModel) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("function", [of_dataclass, of_list, of_model])
def test_unresolved_field_is_refused_in_one_line(function: Callable[..., Any]) -> None:
    with pytest.raises(FunctionRefusedError) as raised:
        run(function, b"{}")
    assert "test_signatures.py:" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("raises", [TypeError("one\ntwo"), NameError(), ValueError("v")])
def test_every_refusal_of_pydantic_is_one_line(
    raises: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise raises

    monkeypatch.setattr(pydantic, "TypeAdapter", fail)
    with pytest.raises(CatalogError) as raised:
        json_reader(of_list, list)
    assert "\n" not in str(raised.value)
    assert not str(raised.value).endswith(" ")


def test_undefined_annotation_is_refused() -> None:
    with pytest.raises(CatalogError, match="Nothing"):
        json_reader(of_list, ForwardRef("Nothing"))
