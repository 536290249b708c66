"""docs/logs.md: its lines have the real form, real loggers, and words from the code."""

import json
import logging
import re
from pathlib import Path

import pytest

from runtime.logs.console import SpringFormatter
from runtime.logs.json_formats import FORMATTERS
from runtime.logs.names import SUBJECTS

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "logs.md").read_text()
BLOCKS = re.findall(r"```(json)?\n(.*?)```", PAGE, re.DOTALL)
SPRING_LINES = [line for kind, text in BLOCKS if not kind for line in text.splitlines()]
JSON_LINES = [line for kind, text in BLOCKS if kind for line in text.splitlines()]
# The words of each message that no other has; a message that is put together has them in its
# parts.
WORDS = {
    "processor.actuator": ["listening on port"],
    "processor.topics": ["created topic"],
    "processor.group": ["partitions assigned", "partitions revoked"],
    "processor.records": ["; it goes to "],
    "processor.commit": ["committed "],
    "processor.brokers": ["; waiting, nothing is lost", "a broker can be reached again, after "],
    "processor.lifecycle": [
        "finishing the present batch, at most ",
        "stopped: all records read are delivered and committed",
    ],
    "librdkafka": ["more like it"],
}


def sources() -> list[Path]:
    """All modules of the program."""
    packages = ("actuator", "config", "connectors", "formats", "runtime")
    return [
        ROOT / "bootstrap.py",
        ROOT / "dataflow.py",
        *(path for package in packages for path in (ROOT / package).rglob("*.py")),
    ]


def parsed(line: str) -> tuple[str, str, str]:
    """Level, logger, message."""
    match = re.fullmatch(r"\S+Z +(\w+) \d+ --- \[python-processor\] \[.{15}\] (\S+) *: (.*)", line)
    assert match, line
    return match[1], match[2], match[3]


@pytest.mark.parametrize("line", SPRING_LINES)
def test_documented_line_is_logged(line: str) -> None:
    level, logger, message = parsed(line)
    record = logging.LogRecord(
        logger, getattr(logging, {"WARN": "WARNING"}.get(level, level)), "", 0, message, None, None
    )
    record.threadName = "watchdog" if message.startswith("stopping") else "MainThread"
    written = SpringFormatter("python-processor").format(record)
    assert re.sub(r"^\S+ ( *\w+) \d+", r"\1 #", written) == re.sub(
        r"^\S+ ( *\w+) \d+", r"\1 #", line
    )


def test_documented_lines_exist() -> None:
    shown = [parsed(line) for line in SPRING_LINES]
    for logger, words in WORDS.items():
        for word in words:
            assert any(name == logger and word in message for _, name, message in shown), word
        if logger == "librdkafka":
            continue
        source = "".join(
            path.read_text() for path in sources() if f'getLogger("{logger}")' in path.read_text()
        )
        missing = [
            word for word in words if word not in source and not word.startswith("partitions")
        ]
        assert missing == [], logger
    assert {logger for _, logger, _ in shown} == WORDS.keys()


def test_json_lines_have_documented_fields() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "", None, None)
    tags = {"stream.name": "", "application": "", "instance.index": ""}
    written = [
        set(json.loads(FORMATTERS[form]("", tags).format(record))) for form in ("ecs", "logstash")
    ]
    assert [set(json.loads(line)) for line in JSON_LINES] == written


def test_table_has_every_subject() -> None:
    assert sorted(re.findall(r"^\| `(processor\S+)` \|", PAGE, re.MULTILINE)) == sorted(SUBJECTS)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_loggers_are_subjects(path: Path) -> None:
    """A logger named after its module would be renamed by a move."""
    names = re.findall(r"getLogger\(([^)]+)\)", path.read_text())
    fixed = {f'"{name}"' for name in SUBJECTS}
    assert [
        name
        for name in names
        if name not in fixed and not re.match(r'"(librdkafka|waitress)|name|each|None', name)
    ] == []
