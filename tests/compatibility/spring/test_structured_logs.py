"""JSON log lines have the fields and values that Spring Boot of both generations writes."""

import json
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runtime.logs.json_formats import FORMATTERS
from tests.support.spring import GENERATIONS, JAVA, find_jars

APPLICATION, LOGGER = "label", "connectors.task.stream_task"
LINES = [
    *((level, "one") for level in (5, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)),
    (logging.INFO, " "),
    (logging.INFO, '"quoted" \\ grüße \N{GRINNING FACE} \t \n second \u2028 line'),
]
# What is another one in each process, or named by the language: only its kind is compared.
OF_THE_PROCESS = {
    "pid",
    "_process_pid",
    "@timestamp",
    "timestamp",
    "name",
    "_process_thread_name",
    "thread_name",
}
OF_THE_LANGUAGE = {"type", "stack_trace", "_error_type", "_error_stack_trace", "full_message"}


@pytest.fixture(scope="module", params=GENERATIONS)
def classes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of the program that logs."""
    folder, libraries = tmp_path_factory.mktemp("logs"), f"{find_jars('spring', request.param)}/*"
    subprocess.run(
        ["javac", "-d", str(folder), "-cp", libraries, str(Path(__file__).parent / "Logs.java")],
        check=True,
    )
    return f"{libraries}:{folder}"


def springs(classes: str, form: str) -> list[dict[str, Any]]:
    """What Spring Boot writes for LINES and an exception."""
    settings = {
        "spring.application.name": APPLICATION,
        "spring.main.banner-mode": "off",
        "spring.main.web-application-type": "none",
        "spring.main.log-startup-info": "false",
        "logging.structured.format.console": form,
        f"logging.level.{LOGGER}": "trace",
    }
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SPRING_APPLICATION_JSON": json.dumps(settings),
    }
    command = [*JAVA, "-cp", classes, "Logs"]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environ, check=True, timeout=120
    )
    found = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
    return [line for line in found if LOGGER in json.dumps(line)]


def ours(form: str) -> list[dict[str, Any]]:
    formatter = FORMATTERS[form](APPLICATION, {})
    records = [
        logging.LogRecord(LOGGER, level, "stream_task.py", 1, message, (), None)
        for level, message in LINES
    ]
    error = RuntimeError("no good")
    records.append(
        logging.LogRecord(
            LOGGER, logging.ERROR, "stream_task.py", 1, "failed", (), (RuntimeError, error, None)
        )
    )
    return [json.loads(formatter.format(record)) for record in records]


def comparable(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):  # Boot writes an empty service.node in ECS, which says nothing
        return {key: comparable(each, key) for key, each in value.items() if each != {}}
    if name in OF_THE_PROCESS | OF_THE_LANGUAGE and value != APPLICATION:
        return type(value)
    return value


@pytest.mark.parametrize("form", sorted(FORMATTERS))
def test_lines_match_springs(classes: str, form: str) -> None:
    theirs = springs(classes, form)
    assert len(theirs) == len(LINES) + 1
    for their, our in zip(theirs, ours(form), strict=True):
        assert comparable(our) == comparable(their)
