"""docs/decisions/bytewax.md names every module that knows Bytewax."""

import re

from tests.support.docs.markdown import read_page
from tests.support.processor import REPOSITORY

PAGE = read_page("docs/decisions/bytewax.md")
FOLDERS = [
    "actuator",
    "catalog",
    "config",
    "connectors",
    "dead_letters",
    "formats",
    "functions",
    "local",
    "runtime",
]
ROOTS = {"dataflow.py", "bootstrap.py"}
IMPORT = re.compile(r"^\s*(?:from|import) bytewax\b", re.MULTILINE)


def test_page_names_the_seam() -> None:
    paths = [path for name in FOLDERS for path in (REPOSITORY / name).rglob("*.py")]
    paths += (REPOSITORY / "python_processor").rglob("*.py")
    paths += REPOSITORY.glob("*.py")
    users = {str(path.relative_to(REPOSITORY)) for path in paths if IMPORT.search(path.read_text())}
    named = {each.text.strip("`") for each in PAGE.cells if each.text.endswith(".py`")}
    assert named == users - ROOTS
    assert len(named) == 3
    assert users >= ROOTS
    assert all(f"`{name}`" in PAGE.text for name in ROOTS)
