"""Fixtures of the tests of settings."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of the repository is read as a setting."""
    monkeypatch.chdir(tmp_path)
