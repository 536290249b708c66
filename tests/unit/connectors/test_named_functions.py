"""Functions named by the property `function`: what they take and give, and the one line of each
mistake.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest

import config
from connectors.errors.exceptions import FunctionRefusedError
from python_processor import Properties, Record, run
from tests.support.processor import DATAFLOW
from tests.system.image.container import config_map

DECLARED = "from python_processor import Properties, option\n"
DECLARED += "class Own(Properties):\n    {}: {} = option(1, 'X.')\ndef f(v, own: Own): return v\n"
MISTAKES = {
    "import": ("import nothing_like_it\ndef f(v): return v\n", "m.py:1: ModuleNotFoundError"),
    "syntax": ("def f(v) return v\n", "m.py:1: SyntaxError"),
    "raises": ("x = 1\n1 / 0\n", "m.py:2: ZeroDivisionError"),
    "name": ("def g(v): return v\n", "m.py has no function f; it has g"),
    "annotation": (
        "def f(v: int): return v\n",
        "m.py:1): the annotation of v, int, is unknown; known are bytes, str, dict",
    ),
    "unresolved": (
        "def f(v: 'Nothing'): return v\n",
        "m.py:1): its annotations cannot be resolved",
    ),
    "spring": (
        DECLARED.format("server_port", "int").replace(
            "Own(Properties)", "Own(Properties, prefix='server')"
        ),
        "m.py:3: ",
    ),
    "ours": (
        DECLARED.format("function", "int"),
        "m.py:3: the property function is one of this program's",
    ),
    "variable": (
        DECLARED.format("path", "int"),
        "m.py:3: the environment variable PATH would set path",
    ),
    "type": (DECLARED.format("x", "bytes"), "m.py:3: the type of x is unknown"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line(mistake: str, tmp_path: Path) -> None:
    code, line = MISTAKES[mistake]
    name = f"m_{mistake}"
    (tmp_path / f"{name}.py").write_text(code)
    with pytest.raises(config.SettingsError) as raised:
        config.load([f"--function={name}:f", f"--python-processor.function-path={tmp_path}"], {})
    assert line.replace("m.py", f"{name}.py") in str(raised.value)
    assert "\n" not in str(raised.value)


REFUSED = {
    "no module": ("", "nothing:f", "there is no module nothing; there are "),
    "no function": ("def g(v): return v\n", "own:f", "own.py has no function f; it has g"),
    "two values": (
        "def f(v, w): return v\n",
        "own:f",
        "own.py:1) cannot be called with one value: missing a required argument: 'w'",
    ),
    "no value": ("def f(): return b''\n", "own:f", "own.py:1) cannot be called with one value"),
    "no definition": (
        "def f(v): return v\n",
        "own",
        "'own' is no module:function, such as reverse:reverse",
    ),
    "an annotation": (
        "\ndef f(v: set): return v\n",
        "own:f",
        "own.py:2): the annotation of v, set, is unknown",
    ),
    "a mixture": (
        "def f(v: dict | bytes): return v\n",
        "own:f",
        "own.py:1): the annotation of v, dict | bytes, mixes JSON and bytes",
    ),
    "a result": (
        "def f(v: bytes) -> int: return 1\n",
        "own:f",
        "own.py:1): the annotation of its result, int, is unknown",
    ),
    "no session": (
        "async def f(v, session): return v\n",
        "own:f",
        "own.py:1): its parameter session needs a `setup` in its module",
    ),
    "two records": (
        "from python_processor import Record\ndef f(v, a: Record, b: Record): return v\n",
        "own:f",
        "own.py:2): a and b are both a Record",
    ),
    "a factory": (
        "from python_processor import Properties\nclass O(Properties): ...\ndef f(o: O): return 5\n",  # noqa: E501 - one text
        "own:f",
        "own.py:3) takes no value and returned no function",
    ),
    "a required property": (
        DECLARED.replace("option(1,", "option(...,").format("size", "int"),
        "own:f",
        "size is not set: X.",
    ),
    "a wrong value": (DECLARED.format("size", "int"), "own:f", "size"),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_mistake_ends_the_start_in_one_line(mistake: str, tmp_path: Path) -> None:
    """As a user sees it: the processor itself, by its exit code and all of its output."""
    code, definition, line = REFUSED[mistake]
    (tmp_path / "own.py").write_text(code)
    arguments = [f"--function={definition}", f"--python-processor.function-path={tmp_path}"]
    arguments += ["--size=many"] if mistake == "a wrong value" else []
    ended = subprocess.run(
        [sys.executable, DATAFLOW, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    (told,) = (ended.stdout + ended.stderr).splitlines()
    assert told.startswith("python-processor: ")
    assert line in told


class Model(pydantic.BaseModel):
    total: int


@dataclass
class Plain:
    total: int


def shout(text: str) -> str:
    return text + "é!"


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


def test_text_keeps_its_charset() -> None:
    assert run(shout, "ö", content_type="text/plain;charset=ISO-8859-1").value == b"\xf6\xe9!"
    assert run(shout, "ö", content_type="text/plain;charset=UTF-16").text == "öé!"


@pytest.mark.parametrize(("function", "expected"), [(model, {"total": 4}), (plain, {"total": 3})])
def test_json_in_and_out(function: Any, expected: dict[str, Any]) -> None:
    result = run(function, {"total": 3}, headers={"h": b"1"})
    assert result.json == expected
    assert result.headers["contentType"] == b"application/json"
    assert result.headers["h"] == b"1"


def test_result_of_other_kinds() -> None:
    assert run(keep, {"total": 1}).dropped
    assert run(keep, {"total": 2}).json == {"total": 2}
    assert run(parts, {"total": 2}).values == [b'{"n":0}', b'{"n":1}']
    assert run(parts, {"total": 0}).dropped


def test_record_sets_key_and_typed_headers() -> None:
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
        (nan, {"total": 1}, "ResultError", "is no JSON"),
    ],
)
def test_wrong_value_is_a_dead_letter(function: Any, value: Any, error: str, text: str) -> None:
    (letter,) = run(function, value).dead_letters
    assert letter.error == error
    assert text in letter.message
    assert "secret" not in letter.message


def test_properties_without_a_value_are_refused() -> None:
    def two(value: bytes, other: bytes) -> bytes:
        return value + other

    with pytest.raises(
        FunctionRefusedError, match=r"test_named_functions.py:\d+\) cannot be called with one value"
    ):
        run(two, b"")


def test_lists_and_utf_16_are_read() -> None:
    assert run(keep, '{"total": 2}'.encode("utf-16")).values


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
