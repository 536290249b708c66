"""The test kit gives what the stream gives."""

from typing import Any, Literal

import pytest

import config
from python_processor import Properties, option, run


class Own(Properties):
    size: int = option(5, "A size.")
    mode: Literal["fast", "slow"] = option("fast", "A mode.")
    names: tuple[str, ...] = option((), "Names.")


def show(value: dict[str, Any], own: Own) -> dict[str, Any]:
    return {**value, "size": own.size, "mode": own.mode, "names": own.names}


def test_properties_have_their_types() -> None:
    result = run(show, {}, size="7", mode="slow", names=["a"])
    assert result.json == {"size": 7, "mode": "slow", "names": ["a"]}
    assert run(show, {}, size=7).json["size"] == 7


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"size": "many"}, "size cannot be 'many': it takes a whole number"),
        ({"mode": "other"}, "mode cannot be 'other': it takes one of fast, slow"),
    ],
)
def test_wrong_property_is_refused(wrong: dict[str, Any], text: str) -> None:
    with pytest.raises(config.SettingsError, match=text):
        run(show, {}, **wrong)


def test_surrogates_are_dead_letter() -> None:
    def surrogate(value: bytes) -> Any:
        return value.decode("ascii", "surrogateescape")

    (letter,) = run(surrogate, b"\xff").dead_letters
    assert letter.error == "ResultError"
    assert "text with surrogates" in letter.message


def text_of(value: str) -> str:
    return value


def raw(value: bytes) -> bytes:
    return value


def test_charset_is_of_any_known_name() -> None:
    thai = "text/plain;charset=x-windows-874"
    assert run(raw, "ก", content_type=thai).value == b"\xa1"
    assert run(text_of, "ก", content_type=thai).text == "ก"
    for name in ("UTF-16", "UTF-16LE", "UTF-32", "x-UTF-16LE-BOM", "X-UTF-32BE-BOM"):
        found = run(text_of, "é!", content_type=f"text/plain;charset={name}")
        assert found.text == "é!", name
        assert found.dead_letters == []


def test_charset_of_content_type_among_headers_counts() -> None:
    latin = "text/plain;charset=ISO-8859-1"
    assert run(raw, "é", headers={"contentType": latin}).value == b"\xe9"
    assert run(raw, "é", headers={"contentType": latin.encode()}).text == "é"
    assert run(raw, "é", headers={"contentType": latin}, content_type="text/plain").text == "é"


def test_content_type_of_json_among_headers_stays() -> None:
    own = "application/vnd.own+json"
    assert run(raw, {}, headers={"contentType": own}).headers["contentType"] == own.encode()
