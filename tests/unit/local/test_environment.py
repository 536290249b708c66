"""`make` builds the environment with progress, and builds one that does not work again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processor import REPOSITORY

# An interpreter that makes environments of itself, and whose pip installs nothing.
PYTHON = f"""#!/bin/bash
case "$1 $2" in
  "-m venv") rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; echo made >> environments ;;
  "-m pip") printf 'Collecting one==1 (from x)\\nRequirement already satisfied: two==2 in y\\n' ;;
  *) exec {sys.executable} "$@" ;;
esac
"""
FAILING = "#!/bin/bash\nexit 1\n"


class Folder:
    """A folder with the Makefile and an interpreter of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "Makefile").write_text((REPOSITORY / "Makefile").read_text())
        (path / "requirements.lock").write_text("one==1\ntwo==2\n")
        self.write("python", PYTHON)

    def write(self, name: str, script: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(script)
        file.chmod(0o755)

    def make(self, python: str = "./python") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--no-print-directory", f"PYTHON={python}", ".venv/ready"],
            cwd=self.path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def environments(self) -> int:
        """How many have been made."""
        return len((self.path / "environments").read_text().splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_progress_names_packages(folder: Folder) -> None:
    done = folder.make()
    assert done.returncode == 0, done.stderr
    first, *progress = done.stdout.splitlines()
    assert first.startswith("installing requirements.lock into .venv (./python)")
    assert progress == ["  1 of 2: one==1", "  2 of 2: two==2"]


def test_good_environment_is_kept(folder: Folder) -> None:
    folder.make()
    assert "up to date" in folder.make().stdout
    assert folder.environments() == 1


@pytest.mark.parametrize("script", [FAILING, "#!/no/such/python\n"])
@pytest.mark.parametrize("is_ready", [False, True], ids=["half made", "ready"])
def test_broken_environment_is_built_again(folder: Folder, script: str, *, is_ready: bool) -> None:
    """Ctrl-C came before pip, or the interpreter was removed or replaced."""
    folder.make()
    folder.write(".venv/bin/python", script)
    if not is_ready:
        (folder.path / ".venv/ready").unlink()
    done = folder.make()
    assert done.returncode == 0, done.stderr
    assert folder.environments() == 2
    assert "up to date" in folder.make().stdout


def test_failed_installation_is_repeated(folder: Folder) -> None:
    folder.write("python", PYTHON.replace("printf", "false"))
    assert folder.make().returncode != 0
    folder.write(".venv/bin/python", PYTHON)
    assert folder.make().returncode == 0
    assert folder.environments() == 1


@pytest.mark.parametrize("python", ["", "./no-such-python", "./other"])
def test_wrong_interpreter_is_one_line(folder: Folder, python: str) -> None:
    folder.write("other", FAILING)
    done = folder.make(python)
    assert done.returncode != 0
    assert "make: needs Python 3.11 or 3.12 on PATH" in done.stderr
    assert not (folder.path / ".venv").exists()
