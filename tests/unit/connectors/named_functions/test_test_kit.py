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
