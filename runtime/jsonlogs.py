"""Log lines as JSON, in the two forms of Spring Boot 3.4 that collectors know: Elastic Common Schema and Logstash."""

import json
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runtime.loglevels import spring_level

_LOGSTASH_VALUES = {"TRACE": 5000, "DEBUG": 10000, "INFO": 20000, "WARN": 30000, "ERROR": 40000}  # Logback's


class JsonFormatter(logging.Formatter, ABC):
    """One record, one JSON object on one line."""

    def __init__(self, application: str, tags: Mapping[str, str]) -> None:
        """`tags`: those of management.metrics.tags, so that lines are found by stream as metrics are."""
        super().__init__()
        self._application = application
        self._tags = {name.replace(".", "_"): value for name, value in tags.items()}

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self._fields(record), ensure_ascii=False, separators=(",", ":"), default=str)

    @abstractmethod
    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the line says."""


class EcsFormatter(JsonFormatter):
    """Elastic Common Schema; the tags are its labels."""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "@timestamp": _iso(datetime.fromtimestamp(record.created, UTC)),
            "log.level": spring_level(record),
            "process.pid": os.getpid(),
            "process.thread.name": record.threadName,
            "service.name": self._application,
            "log.logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            fields["error.type"] = record.exc_info[0].__qualname__
            fields["error.message"] = str(record.exc_info[1])
            fields["error.stack_trace"] = self.formatException(record.exc_info)
        if self._tags:
            fields["labels"] = self._tags
        return fields | {"ecs.version": "8.11"}


class LogstashFormatter(JsonFormatter):
    """Logstash's fields; the tags are beside them, as Spring Boot has the entries of a diagnostic context."""

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


FORMATTERS: dict[str, type[JsonFormatter]] = {"ecs": EcsFormatter, "logstash": LogstashFormatter}
