"""The commands on the pages, and a rule for each program that parses its commands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import config
from tests.support.docs.markdown import Page, Part, page_names, read_page
from tests.unit.docs.command_rules import RULES
from tests.unit.docs.python_rules import UnknownCommandError

# Blocks that another test executes, by page and language; the same test has the page's name in it.
EXECUTED = {
    ("docs/data-flow.md", "bash"): "tests/system/scdf/test_docs.py",
    ("docs/dead-letters.md", "bash"): "tests/kafka/dead_letters/test_docs.py",
}
# Commands of README that are executed as they stand there.
EXECUTED_LINES = {
    "make run": "tests/kafka/process/test_readme.py",
    'make run ARGS="--function=orders:enrich --threshold=5"': "tests/kafka/process/test_readme.py",
    """curl -H 'Content-Type: application/json' -d '{"total": 7}' localhost:32123""": (
        "tests/kafka/process/test_readme.py"
    ),
    "curl -H 'Content-Type: text/plain' -d 'hello world' localhost:32123": (
        "tests/kafka/process/test_readme.py"
    ),
    ".venv/bin/python dataflow.py --check": "tests/kafka/process/test_readme.py",
}
_NO_COMMANDS = ("dockerfile", "java", "json", "mermaid", "properties", "python", "text", "yaml")


def commands() -> Iterator[Part]:
    """Every command of every page, without its comment."""
    for name in page_names():
        page = read_page(name)
        for block in page.code:
            if block.language not in _NO_COMMANDS:
                yield from _lines(block)
        yield from _spans(page)


def check(command: Part) -> None:
    """Parse a command.

    Raises:
        UnknownCommandError: No rule is for this program, or the program has no such option.

    """
    for words in _simple_commands(command.text):
        while re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        program = Path(words[0]).name
        rule = RULES.get(re.sub(r"^python3(\.\d+)?$", "python", program))
        if rule is None:
            raise UnknownCommandError(f"{command}: no rule for {program}")
        try:
            rule(words[1:])
        except (SystemExit, ValueError, config.SettingsError) as error:
            raise UnknownCommandError(f"{command}: {error}") from error


def _lines(block: Part) -> Iterator[Part]:
    number = block.line
    for line in block.text.replace("\\\n", "").splitlines():
        text = re.sub(r"\s+#.*$", "", line).strip()
        if text and not text.startswith("#"):
            yield Part(block.page, number, text, block.language)
        number += 1


def _spans(page: Page) -> Iterator[Part]:
    """Code in sentences that begins with a program and a space."""
    for span in page.spans:
        first, space, _ = span.text.partition(" ")
        if space and Path(first).name in RULES:
            yield span


def _simple_commands(text: str) -> Iterator[list[str]]:
    """The commands of a line with `&&`, with those inside of `$( )` first."""
    for inner in re.findall(r"\$\(([^()]*)\)", text):
        yield from _simple_commands(inner)
    for each in re.sub(r"\$\([^()]*\)", "INNER", text).split(" && "):
        yield shlex.split(each)
