"""Each command of a page is executed by a test, or parsed here. One without a rule fails."""

import subprocess
from collections import Counter
from collections.abc import Callable

import pytest

from tests.support.docs.markdown import Part, read_page
from tests.support.processor import REPOSITORY
from tests.unit.docs.command_rules import RULES
from tests.unit.docs.commands import EXECUTED, EXECUTED_LINES, check, commands
from tests.unit.docs.python_rules import UnknownCommandError

ALL = list(commands())


def executed_by(command: Part) -> str:
    """The test that executes the command, or nothing."""
    by_block = EXECUTED.get((command.page, command.language), "")
    return by_block or (EXECUTED_LINES.get(command.text, "") if command.page == "README.md" else "")


PARSED = [command for command in ALL if not executed_by(command)]


@pytest.mark.parametrize("command", PARSED, ids=str)
def test_command_is_understood(command: Part) -> None:
    check(command)


@pytest.mark.parametrize(
    "text",
    [
        "make no-such-target",
        "make run NONE=1",
        'make run ARGS="word"',
        "make test-one T=tests/none.py",
        "python -m no_such_module",
        "python -m dead_letters erase topic",
        "python dataflow.py --server.port=x",
        "kubectl apply -f deploy/none",
        "kubectl scale deployment other --replicas=2",
        "docker compose -f deploy/compose.yaml --profile none up",
        "docker compose -f deploy/compose.yaml up broker",
        "uv python install 3.13",
        "pip install --require-hashes -r requirements.txt",
        "curl -d x --no-such-option localhost",
        "stream create --name a --no-such b",
        'stream create --name a --definition "http | python-processor --reversestring=maybe | log"',
        "stream deploy --name a --properties x.y=1",
        "rm -rf /",
    ],
)
def test_wrong_command_is_found(text: str) -> None:
    with pytest.raises(UnknownCommandError):
        check(Part("x.md", 1, text))


@pytest.mark.parametrize("page_and_language", EXECUTED, ids=str)
def test_executed_pages_have_test(page_and_language: tuple[str, str]) -> None:
    page, language = page_and_language
    code = (REPOSITORY / EXECUTED[page_and_language]).read_text()
    assert page.rpartition("/")[2] in code
    assert f"```{language}" in code


def test_executed_lines_are_shown() -> None:
    texts = {command.text for command in ALL if command.page == "README.md"}
    assert sorted(EXECUTED_LINES.keys() - texts) == []
    for test in EXECUTED_LINES.values():
        assert "README.md" in (REPOSITORY / test).read_text()


@pytest.mark.parametrize("page", sorted({command.page for command in ALL}))
def test_shell_blocks_are_shell(page: str) -> None:
    blocks = [each for each in read_page(page).code if each.language in ("bash", "sh")]
    script = "\n".join(each.text for each in blocks)
    checked = subprocess.run(
        ["bash", "-n"], input=script, capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stderr


def test_count(report_figure: Callable[[str], None]) -> None:
    by = Counter(executed_by(command) or "parsed by tests/unit/docs/commands.py" for command in ALL)
    shown = "; ".join(f"{count} {test}" for test, count in by.most_common())
    report_figure(f"{len(ALL)} commands on {len({each.page for each in ALL})} pages: {shown}")
    assert len(RULES) > len(by)
