"""Levels of loggers: the fixed names by subject, and the names of version 1.0."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from runtime.control.commands import SetLogLevel
from runtime.logs import console
from runtime.logs.names import SUBJECTS, replacements

OLD_NAMES = [
    (old_name, subject) for subject, old_names in SUBJECTS.items() for old_name in old_names
]


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """Give every logger the level, handlers, filters and class it had before."""
    root = logging.getLogger()
    before = [(each, vars(each).copy(), type(each)) for each in (root, *_loggers())]
    handlers = root.handlers[:]
    yield
    for each in _loggers():
        each.setLevel(logging.NOTSET)
    for each, state, kind in before:
        each.__class__ = kind
        each.setLevel(state["level"])
        each.filters[:] = state["filters"]
    root.handlers[:] = handlers


def _loggers() -> list[logging.Logger]:
    return [
        each
        for each in logging.root.manager.loggerDict.values()
        if isinstance(each, logging.Logger)
    ]


def levels_of_subjects(levels: dict[str, str]) -> dict[str, int]:
    """Configure logging and return the levels of the subjects that have one of their own."""
    console.configure("app", levels)
    return {subject: level for subject in SUBJECTS if (level := logging.getLogger(subject).level)}


@pytest.mark.parametrize(("old_name", "subject"), OLD_NAMES)
def test_old_name_sets_its_subject(old_name: str, subject: str) -> None:
    assert levels_of_subjects({old_name: "debug"}) == {subject: logging.DEBUG}


@pytest.mark.parametrize("package", ["actuator", "connectors", "runtime"])
def test_old_package_sets_subjects(package: str) -> None:
    expected = {subject for old_name, subject in OLD_NAMES if old_name.startswith(f"{package}.")}
    assert levels_of_subjects({package: "warn"}) == dict.fromkeys(expected, logging.WARNING)


@pytest.mark.parametrize(
    "name", ["processor", "connectors.lan", "connectorsx", "conf", "librdkafka", "mine", ""]
)
def test_other_names_are_kept(name: str) -> None:
    assert replacements(name) == ()


@pytest.mark.parametrize("backwards", [False, True])
def test_exact_and_new_name_wins(backwards: bool) -> None:  # noqa: FBT001 - a parameter of the test
    levels = [
        ("connectors", "warn"),
        ("connectors.lane", "info"),
        ("connectors.brokers", "debug"),
        ("processor.brokers", "error"),
    ]
    found = levels_of_subjects(dict(reversed(levels) if backwards else levels))
    assert (
        found["processor.commit"],
        found["processor.lifecycle"],
        found["processor.brokers"],
    ) == (30, 20, 40)


def test_verbose_old_name_wins() -> None:
    levels = {"connectors.at_least_once": "debug", "connectors.guarantee": "error"}
    assert levels_of_subjects(levels) == {"processor.commit": logging.DEBUG}


def test_old_name_is_logged_with_successor(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("app", {"connectors.lane": "debug", "processor.group": "debug"})
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" : ")[2] for line in lines] == [
        "logging.level.connectors.lane is a name of version 1.0: use processor.lifecycle"
    ]


def test_request_may_use_old_name() -> None:
    SetLogLevel("connectors.course", logging.ERROR).apply()
    assert logging.getLogger("processor.lifecycle").level == logging.ERROR
    SetLogLevel("connectors.course", logging.NOTSET).apply()
    assert logging.getLogger("processor.lifecycle").level == logging.NOTSET


def test_repeated_broker_line_is_suppressed() -> None:
    console.configure("app", {})
    damped: list[Any] = [
        each
        for each in _loggers()
        if any(isinstance(one, console.RepeatFilter) for one in each.filters)
    ]
    assert {each.name for each in damped} == {"librdkafka", "processor.brokers"}


CLOSED = (
    "FAIL [consumer-1#consumer-2] [thrd:ssl://127.0.0.1:21024/bootstrap]: "
    "ssl://127.0.0.1:21024/bootstrap: "
)


@pytest.mark.parametrize(
    ("problem", "level"),
    [
        ("Send failed: tls_common.c:1961: error:80000020:system library::Broken pipe: tls", "INFO"),
        ("Receive failed: Connection reset by peer (after 3ms in state UP)", "INFO"),
        ("Connect to ipv4#127.0.0.1:21024 failed: Connection refused", "ERROR"),
    ],
)
def test_closed_connection_is_information(
    problem: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    console.configure("app", {})
    logging.getLogger("librdkafka").error("%s%s", CLOSED, problem)
    assert f" {level} " in capsys.readouterr().out


def test_closed_connection_can_be_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("app", {"librdkafka": "error"})
    logging.getLogger("librdkafka").error("%sSend failed: Broken pipe", CLOSED)
    assert not capsys.readouterr().out
