"""Keys of retryable-exceptions: which name an exception, and a warning for each other one."""

import json
import sys
from pathlib import Path

import pytest

import config
from config.exception_names import names_class
from tests.fakes.retried_batch import OwnError
from tests.support.config.refusals import INPUT

RETRYABLE = f"{INPUT}.consumer.retryable-exceptions"
VARIABLE = "SPRING_CLOUD_STREAM_BINDINGS_INPUT_CONSUMER_RETRYABLE_EXCEPTIONS"


def warnings(*argv: str, **environ: str) -> tuple[str, ...]:
    return config.load(argv, environ).warnings


@pytest.mark.parametrize("name", ["ValueEror", "NumberFormatException", "json.JSONDecodeEror"])
def test_name_of_no_exception(name: str) -> None:
    [line] = warnings(f"--{RETRYABLE}.{name}=false")
    assert line.startswith(
        f"{RETRYABLE}.{name} (the command line) has no effect: no loaded exception has this name"
    )
    assert "Only names of Python's exceptions count" in line


def test_variable_with_no_exception() -> None:
    [line] = warnings(**{f"{VARIABLE}_VALUEEROR": "false"})
    assert f"(environment variable {VARIABLE}_VALUEEROR) has no effect" in line


@pytest.mark.parametrize(
    "name", ["ValueError", "builtins.ValueError", "JSONDecodeError", "json.JSONDecodeError"]
)
def test_name_of_an_exception(name: str) -> None:
    assert not warnings(f"--{RETRYABLE}.{name}=false")
    assert not warnings(**{f"{VARIABLE}_{name.upper().replace('.', '_')}": "false"})


def test_name_in_a_module_that_is_not_loaded_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function may import it later."""
    (tmp_path / "imported_later.py").write_text("class LateError(Exception): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert not warnings(f"--{RETRYABLE}.imported_later.LateError=false")


def test_exception_of_the_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "with_an_error.py").write_text(
        "class Mixin: pass\n"
        "class PlantedError(Mixin, Exception): pass\n"
        "def apply(value): return value\n"
    )
    for name in ("PlantedError", "with_an_error.PlantedError", "Mixin"):
        assert not warnings(
            "--function=with_an_error:apply",
            f"--python-processor.function-path={tmp_path}",
            f"--{RETRYABLE}.{name}=false",
        )


@pytest.mark.parametrize(
    ("written", "kind", "named"),
    [
        ("valueerror", ValueError, True),
        ("builtins.valueerror", ValueError, True),
        ("json.JSONDecodeError", json.JSONDecodeError, True),  # it is json.decoder's
        ("json.jsondecodeerror", json.JSONDecodeError, True),
        ("tests.fakes.retried.batch.ownerror", OwnError, True),  # as a variable spells `_`
        ("OwnError.InnerError", OwnError.InnerError, True),
        ("InnerError", OwnError.InnerError, False),
        ("other.ValueError", ValueError, False),
        ("json.OwnError", OwnError, False),
    ],
)
def test_spelling_of_a_class(written: str, kind: type, named: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert names_class(written, kind) is named
