"""JSON log lines: the fields of Spring Boot 3.5.3 and later, one line for each event."""

import json
import logging
import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from runtime.logs.console import SpringFormatter
from runtime.logs.json_formats import FORMATTERS
from runtime.logs.levels import spring_level

TAGS = {"stream.name": "s", "instance.index": "0"}


def line(
    form: str,
    message: str = "hello",
    *,
    level: int = logging.INFO,
    raised: BaseException | None = None,
) -> str:
    info = (type(raised), raised, raised.__traceback__) if raised else None
    record = logging.LogRecord(
        "processor.lifecycle", level, "stream_task.py", 1, "%s", (message,), info
    )
    return FORMATTERS[form]("label", TAGS).format(record)


def fields(form: str, **what: Any) -> dict[str, Any]:
    found = json.loads(line(form, **what))
    assert isinstance(found, dict)
    return found


def test_elastic_common_schema() -> None:
    found = fields("ecs", level=logging.WARNING)
    assert datetime.fromisoformat(found.pop("@timestamp")).utcoffset() is not None
    assert found["process"].pop("pid") > 0
    assert found == {
        "log": {"level": "WARN", "logger": "processor.lifecycle"},
        "process": {"thread": {"name": "MainThread"}},
        "service": {"name": "label"},
        "message": "hello",
        "labels": {"stream_name": "s", "instance_index": "0"},
        "ecs": {"version": "8.11"},
    }


def test_graylog_format() -> None:
    """As a real Spring Boot 3.5.16 and 4.1.2 write it."""
    found = fields("gelf", level=logging.WARNING)
    assert isinstance(found.pop("timestamp"), float)
    assert found.pop("_process_pid") > 0
    assert found == {
        "version": "1.1",
        "short_message": "hello",
        "level": 4,
        "_level_name": "WARN",
        "_process_thread_name": "MainThread",
        "host": "label",
        "_log_logger": "processor.lifecycle",
        "_stream_name": "s",
        "_instance_index": "0",
    }
    assert fields("gelf", message=" ")["short_message"] == "(blank)"


@pytest.mark.parametrize("application", ["100%", "%s %(x)s", 'my "app"', "{x}", "a\nb"])
def test_any_application_name(application: str) -> None:
    record = logging.LogRecord(
        "processor.lifecycle", logging.INFO, "stream_task.py", 1, "hello", (), None
    )
    written = SpringFormatter(application).format(record)
    assert written.endswith("hello")
    assert written.isprintable()


def test_logstash_format() -> None:
    found = fields("logstash", level=logging.ERROR)
    assert datetime.fromisoformat(found.pop("@timestamp")).utcoffset() is not None
    assert found == {
        "@version": "1",
        "message": "hello",
        "logger_name": "processor.lifecycle",
        "thread_name": "MainThread",
        "level": "ERROR",
        "level_value": 40000,
        "stream_name": "s",
        "instance_index": "0",
    }


def test_exception_has_own_fields() -> None:
    try:
        raise ValueError("no good")
    except ValueError:
        error = sys.exc_info()[1]
    ecs, gelf, logstash = (fields(form, raised=error) for form in ("ecs", "gelf", "logstash"))
    assert ecs["error"]["type"] == gelf["_error_type"] == "ValueError"
    assert ecs["error"]["message"] == gelf["_error_message"] == "no good"
    assert ecs["error"]["stack_trace"] == gelf["_error_stack_trace"] == logstash["stack_trace"]
    assert gelf["full_message"] == f"hello\n\n{logstash['stack_trace']}"
    assert __file__ in logstash["stack_trace"]


@given(st.sampled_from(sorted(FORMATTERS)), st.text())
def test_record_is_one_json_line(form: str, message: str) -> None:
    written = line(form, message)
    assert "\n" not in written
    key = "short_message" if form == "gelf" else "message"
    assert json.loads(written)[key] == (message if form != "gelf" or message.strip() else "(blank)")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "TRACE"),
        (5, "TRACE"),
        (10, "DEBUG"),
        (15, "DEBUG"),
        (20, "INFO"),
        (30, "WARN"),
        (40, "ERROR"),
        (50, "ERROR"),
    ],
)
def test_levels_have_springs_names(number: int, name: str) -> None:
    assert spring_level(logging.LogRecord("x", number, "", 0, "", None, None)) == name


def test_setting_chooses_format() -> None:
    assert config.load([], {}).structured_console is None
    assert config.load([], {"LOGGING_STRUCTURED_FORMAT_CONSOLE": "ecs"}).structured_console == "ecs"
    with pytest.raises(
        config.SettingsError, match=r"logging\.structured\.format\.console.*ecs, gelf, logstash"
    ):
        config.load(["--logging.structured.format.console=xml"], {})
