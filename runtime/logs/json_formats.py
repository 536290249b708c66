"""Log lines as JSON in Spring Boot's forms: Elastic Common Schema, Graylog, Logstash."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from config.errors import hide
from runtime.logs.levels import spring_level
from runtime.logs.line_formatter import LineFormatter

_SYSLOG_LEVELS = {"TRACE": 7, "DEBUG": 7, "INFO": 6, "WARN": 4, "ERROR": 3}
# Logback's values.
_LOGSTASH_VALUES = {"TRACE": 5000, "DEBUG": 10000, "INFO": 20000, "WARN": 30000, "ERROR": 40000}


class JsonFormatter(LineFormatter):
    """Formats each record as one JSON object on one line."""

    def __init__(
        self, application: str, tags: Mapping[str, str], secrets: Iterable[str] = ()
    ) -> None:
        """Make a formatter.

        Args:
            application: The name in each line.
            tags: Of management.metrics.tags, so that lines can be found by stream as metrics can.
            secrets: Texts that no line shows.
        """
        super().__init__(application, secrets)
        # The names of tags are masked here, as the names of other fields are fixed.
        self._tags = {
            hide(name, self._secrets).replace(".", "_"): value for name, value in tags.items()
        }

    def _line(self, fields: dict[str, Any]) -> str:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class EcsFormatter(JsonFormatter):
    """Elastic Common Schema. The tags are labels."""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "@timestamp": _iso(datetime.fromtimestamp(record.created, UTC)),
            "log": {"level": spring_level(record), "logger": record.name},
            "process": {"pid": os.getpid(), "thread": {"name": record.threadName}},
            "service": {"name": self._application},
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            fields["error"] = {
                "type": record.exc_info[0].__qualname__,
                "message": str(record.exc_info[1]),
                "stack_trace": self.formatException(record.exc_info),
            }
        if self._tags:
            fields["labels"] = self._tags
        return fields | {"ecs": {"version": "8.11"}}


class GelfFormatter(JsonFormatter):
    """Graylog Extended Log Format 1.1. The tags are additional fields."""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        level, message = spring_level(record), record.getMessage()
        fields: dict[str, Any] = {
            "version": "1.1",
            "short_message": message if message.strip() else "(blank)",
            "timestamp": round(record.created, 3),
            "level": _SYSLOG_LEVELS[level],
            "_level_name": level,
            "_process_pid": os.getpid(),
            "_process_thread_name": record.threadName,
            "host": self._application,
            "_log_logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            trace = self.formatException(record.exc_info)
            fields |= {
                "full_message": f"{message}\n\n{trace}",
                "_error_type": record.exc_info[0].__qualname__,
                "_error_stack_trace": trace,
                "_error_message": str(record.exc_info[1]),
            }
        return fields | {f"_{name}": value for name, value in self._tags.items()}


class LogstashFormatter(JsonFormatter):
    """Logstash's fields. The tags are beside them, as Spring Boot's diagnostic context is."""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        level = spring_level(record)
        fields: dict[str, Any] = {
            "@timestamp": _iso(datetime.fromtimestamp(record.created).astimezone()),
            "@version": "1",
            "message": record.getMessage(),
            "logger_name": record.name,
            "thread_name": record.threadName,
            "level": level,
            "level_value": _LOGSTASH_VALUES[level],
        }
        if record.exc_info and record.exc_info[0]:
            fields["stack_trace"] = self.formatException(record.exc_info)
        return self._tags | fields


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


FORMATTERS: dict[str, type[JsonFormatter]] = {
    "ecs": EcsFormatter,
    "gelf": GelfFormatter,
    "logstash": LogstashFormatter,
}
