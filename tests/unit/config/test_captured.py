"""Golden tests: each captured environment, exactly as it was, and the settings it comes to."""

import json
from pathlib import Path

import pytest

import config
from config.report import resolve
from tests.support.config.captured import FOLDER, NAMES, captured


@pytest.mark.parametrize("name", NAMES)
def test_a_captured_environment_comes_to_these_settings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = captured(name)
    for path, content in given.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)

    settings = config.load(given.argv, given.environ)

    expected = json.loads((FOLDER / f"{name}.expected.json").read_text())
    assert {
        "set": {each.name: each.value for each in resolve(settings) if each.origin != "default"},
        "origins": sorted(
            {each.origin.replace(str(tmp_path), "") for each in resolve(settings)} - {"default"}
        ),
        "brokers": list(settings.brokers),
        "warnings": list(settings.warnings),
    } == expected
