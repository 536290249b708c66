"""The examples of docs/your-function.md.

Each file is made as it stands there, named by --function, and tested by the page's own tests.
"""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import config
from catalog.lookup import _find
from connectors.named_functions.signatures import bind
from connectors.operators import filter_value, flat_map_value, guarded, map_value
from tests.fakes.messages import batch_of
from tests.fakes.tasks import MemoryTask, flow_of, run
from tests.support.processor import REPOSITORY

PAGE = (REPOSITORY / "docs/your-function.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {found[1]: block for block in BLOCKS if (found := re.match(r"# (\w+\.py)\n", block))}
TESTS = re.findall(r"^def (test_\w+)", FILES["test_examples.py"], re.MULTILINE)
EXAMPLES = sorted(name.removesuffix(".py") for name in FILES if not name.startswith("test_"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the page, and a stand-in for the HTTP client, which is not installed."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    client = ModuleType("httpx")
    client.AsyncClient = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "httpx", client)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name in {file.removesuffix(".py") for file in FILES}:
            del sys.modules[name]
    _find.cache_clear()


@pytest.mark.parametrize("test", TESTS)
def test_tests_of_the_page_pass(folder: Path, test: str) -> None:
    assert folder.is_dir()
    getattr(importlib.import_module("test_examples"), test)()


def test_each_example_is_tested() -> None:
    assert [name for name in EXAMPLES if f"run({name}." not in FILES["test_examples.py"]] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_can_be_named(folder: Path, name: str) -> None:
    """As the property `function` names them."""
    (used,) = set(re.findall(rf"run\({name}\.(\w+)", FILES["test_examples.py"]))
    settings = config.load(
        [f"--function={name}:{used}", f"--python-processor.function-path={folder}"], {}
    )
    ((_, function),) = settings.functions
    assert callable(bind("f.s", function, settings.options))
    assert not settings.warnings


def test_page_names_are_examples() -> None:
    """A function in a command or Dockerfile is one of the page or of functions/ too."""
    shipped = {path.stem for path in (REPOSITORY / "functions").glob("*.py")}
    named = re.findall(r"(?:--function=|FUNCTION=)\"?(\w+):(\w+)", PAGE)
    assert named
    for module, function in named:
        assert module in {*EXAMPLES, *shipped}
        text = FILES.get(f"{module}.py") or (REPOSITORY / "functions" / f"{module}.py").read_text()
        assert re.search(rf"^(async )?def {function}\(", text, re.MULTILINE), (module, function)


def test_steps_on_page_make_flow() -> None:
    """Blocks that are no file are steps in dataflow.py."""
    steps = [block for block in BLOCKS if not block.startswith("# ")]
    assert steps

    def enrich(value: bytes) -> bytes:
        return value + b"!"

    def add(records: Any) -> Any:
        names: dict[str, Callable[..., Any] | Any] = {
            "records": records,
            "enrich": enrich,
            "map_value": map_value,
        }
        names |= {"filter_value": filter_value, "flat_map_value": flat_map_value}
        for step in steps:
            exec(step, names)  # noqa: S102 - what the page says
        return names["records"]

    task = MemoryTask([batch_of(b"a")])
    run(guarded(flow_of(add, task)))
    assert [batch.values for batch in task.written] == [[b"a!"]]
