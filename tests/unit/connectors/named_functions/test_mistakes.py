"""A mistake in the signature of a function is one line at the start."""

import subprocess
import sys
from pathlib import Path

import pytest

import config
from tests.support.processor import DATAFLOW

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
    "list": (
        DECLARED.format("x", "list[str]").replace("option(1", "option([]"),
        "m.py:3: TypeError: list cannot be the type of an option; tuple[str, ...] can",
    ),
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
        "own.py:1): nothing is given to its parameter w; a function takes the value, and",
    ),
    "two values, annotated": (
        "import datetime\ndef f(v: dict, *, w: datetime.date): return v\n",
        "own:f",
        "own.py:2): nothing is given to its parameter w: date; a function takes the value",
    ),
    "a file": ("def f(v): return v\n", "own.py:f", "'own.py:f' names a file; write own:f"),
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
def test_mistake_ends_start_in_one_line(mistake: str, tmp_path: Path) -> None:
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
    (reported,) = (ended.stdout + ended.stderr).splitlines()
    assert reported.startswith("python-processor: ")
    assert line in reported
