"""Functions named by the property `function`.

What they take and give, and the one line of each mistake.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest

import config
from connectors.errors.exceptions import InvalidValueError
from connectors.named_functions.json_values import json_reader
from python_processor import Properties, Record, run
from tests.support.pods import config_map


class Model(pydantic.BaseModel):
    total: int


@dataclass
class Plain:
    total: int


def shout(text: str) -> str:
    return text + "é!"


def text_of_bytes(_: bytes) -> str:
    return "é"


def text_of_json(_: dict[str, int]) -> str:
    return "é"


def model(order: Model) -> Model:
    return Model(total=order.total + 1)


def plain(order: Plain) -> dict[str, Any]:
    return {"total": order.total}


def keep(order: dict[str, Any]) -> bool:
    return bool(order["total"] > 1)


def parts(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from ({"n": n} for n in range(order["total"]))


def whole(record: Record) -> Record:
    return record.replace(key="k", headers={**record.headers, "n": 5, "s": "x"})


def wrong(order: dict[str, Any]) -> dict[str, Any]:
    return [order]  # type: ignore[return-value]  # on purpose


def nan(order: dict[str, Any]) -> dict[str, Any]:
    return order | {"x": float("nan")}


@pytest.mark.parametrize("function", [text_of_bytes, text_of_json])
def test_text_is_in_charset_of_record(function: Callable[..., str]) -> None:
    found = run(function, "{}", content_type="text/plain;charset=ISO-8859-1")
    assert found.value == b"\xe9"


def test_text_keeps_its_charset() -> None:
    assert run(shout, "ö", content_type="text/plain;charset=ISO-8859-1").value == b"\xf6\xe9!"
    assert run(shout, "ö", content_type="text/plain;charset=UTF-16").text == "öé!"


@pytest.mark.parametrize(("function", "expected"), [(model, {"total": 4}), (plain, {"total": 3})])
def test_json_in_and_out(function: Any, expected: dict[str, Any]) -> None:
    result = run(function, {"total": 3}, headers={"h": b"1"})
    assert result.json == expected
    assert result.headers["contentType"] == b"application/json"
    assert result.headers["h"] == b"1"


def test_other_results_convert() -> None:
    assert run(keep, {"total": 1}).dropped
    assert run(keep, {"total": 2}).json == {"total": 2}
    assert run(parts, {"total": 2}).values == [b'{"n":0}', b'{"n":1}']
    assert run(parts, {"total": 0}).dropped


def test_record_sets_key_and_headers() -> None:
    result = run(whole, b"v", headers={"h": b"1"})
    assert (result.value, result.key, result.headers["h"], result.headers["n"]) == (
        b"v",
        b"k",
        b"1",
        b"5",
    )
    assert (
        result.headers["spring_json_header_types"]
        == b'{"n":"java.lang.Long","s":"java.lang.String"}'
    )


@pytest.mark.parametrize(
    ("function", "value", "error", "text"),
    [
        (model, b'{"total": "secret"}', "InvalidValueError", "total: int_parsing"),
        (model, b"secret", "InvalidValueError", "json_invalid"),
        (keep, b'{"total": NaN}', "InvalidValueError", "no JSON"),
        (wrong, {"total": 1}, "ResultError", "returned list; its annotation says dict"),
        (nan, {"total": 1}, "ResultError", "is no JSON: JSON has no NaN and no Infinity"),
    ],
)
def test_wrong_value_is_dead_letter(function: Any, value: Any, error: str, text: str) -> None:
    (letter,) = run(function, value).dead_letters
    assert letter.error == error
    assert text in letter.message
    assert "secret" not in letter.message


def test_empty_properties_fail() -> None:
    def two(value: bytes, other: bytes) -> bytes:
        return value + other

    with pytest.raises(
        config.SettingsError, match=r"test_values.py:\d+\): nothing is given to its para"
    ):
        run(two, b"")


def test_lists_and_utf_16_are_read() -> None:
    assert run(keep, '{"total": 2}'.encode("utf-16")).values


def test_text_of_an_earlier_step_is_json() -> None:
    read = json_reader(keep, dict)
    assert read('{"total": 2}') == {"total": 2}
    with pytest.raises(InvalidValueError):
        read('{"total": NaN}')


def test_options_are_frozen() -> None:
    class Own(Properties):
        size: int

    with pytest.raises(AttributeError):
        Own(size=1).size = 2  # type: ignore[misc]  # what the test is about


def test_functions_in_a_config_map(tmp_path: Path) -> None:
    """As the kubelet lays it out, and the first folder with a module of the name counts."""
    folder = config_map(tmp_path / "mounted", {"own_mounted.py": "def f(v): return v\n"})
    settings = config.load(
        ["--function=own_mounted:f", f"--python-processor.function-path={folder}"], {}
    )
    assert settings.functions[0].function(b"v") == b"v"
