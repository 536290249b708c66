"""Log lines on stdout: Spring Boot's form or JSON. They are counted, and repetitions suppressed."""

import logging
import math
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TextIO

from config.errors import hide, one_line
from runtime.logs.json_formats import FORMATTERS
from runtime.logs.levels import SPRING_LEVELS, spring_level
from runtime.logs.line_formatter import LineFormatter, written_forms
from runtime.logs.names import replacements, set_level

_LEVELS = {
    "trace": 5,
    "debug": 10,
    "info": 20,
    "warn": 30,
    "warning": 30,
    "error": 40,
    "fatal": 50,
    "off": 100,
}

# librdkafka repeats "Connection refused" every 50 ms while a broker is away. Each kind of line
# passes once in this time.
REPEAT_INTERVAL_S = 30.0
# Kinds of lines that a filter remembers, so that its memory stays small. It then forgets all.
_MOST_KINDS = 1000
# The task itself logs refused certificates and credentials, in one line. The last pattern is about
# an experimental option that config.librdkafka.client_config sets. A user can do nothing about it.
_NEEDLESS = re.compile(
    r"(FAIL|SSL) .*(SASL authentication|SASL \S+ mechanism handshake|SSL|certificate)|OIDC .*token|"
    r"FATAL .*ConsumerGroupHeartbeat|CONFWARN .*enable\.gapless\.guarantee is experimental"
)
# A broker has closed a connection while the client was sending. librdkafka reports other closed
# connections as information. The next connection says what is wrong, if anything.
_CLOSED_BY_BROKER = re.compile(
    r"FAIL .*(Send|Receive) failed: .*(Broken pipe|Connection reset by peer)"
)

_OURS = {"librdkafka", "processor"}  # first parts of logger names
_log = logging.getLogger("processor.settings")
_events = dict.fromkeys(map(str.lower, SPRING_LEVELS), 0)


def configure(
    application: str,
    levels: Mapping[str, str],
    structured: str | None = None,
    tags: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
) -> None:
    """Send all logs to stdout.

    Args:
        application: The name in each line.
        levels: logging.level.*: logger name or `root` to level. A later POST can change them.
        structured: `ecs`, `gelf` or `logstash` for JSON; None for Spring Boot's form.
        tags: Fields of each JSON line.
        secrets: Texts that no line shows.
    """
    handler = CountingHandler(sys.stdout)
    handler.secrets = secrets
    handler.setFormatter(
        FORMATTERS[structured](application, tags or {}, secrets)
        if structured
        else SpringFormatter(application, secrets)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _keep_enabled()
    root.setLevel(logging.INFO)
    # These loggers repeat lines while a broker is away.
    for name in ("librdkafka", "processor.brokers"):
        logging.getLogger(name).filters[:] = [RepeatFilter(REPEAT_INTERVAL_S)]
    client = logging.getLogger("librdkafka")
    client.addFilter(partial(_filter_client_line, client))
    _set_levels({name: _LEVELS[level.lower()] for name, level in levels.items()})


def _filter_client_line(logger: logging.Logger, record: logging.LogRecord) -> bool:
    """Return whether a line of librdkafka passes. A closed connection gets the level INFO."""
    message = record.getMessage()
    if _CLOSED_BY_BROKER.match(message):
        record.levelno, record.levelname = logging.INFO, "INFO"
        return logger.isEnabledFor(logging.INFO)
    return not _NEEDLESS.match(message)


def _set_levels(levels: dict[str, int]) -> None:
    """Set the levels. Logger names of version 1.0 come first, so that today's names win.

    The highest source is first in `levels`. It is set last, as `root` and `ROOT` are one logger.
    """
    old_names = [name for name in levels if replacements(name)]
    for name in sorted(old_names, key=lambda name: (name.count("."), -levels[name])):
        set_level(name, levels[name])
    for name in (each for each in reversed(levels) if each not in old_names):
        set_level(None if name.lower() == "root" else name, levels[name])
    for name in old_names:
        _log.warning(
            "logging.level.%s is a name of version 1.0: use %s", name, ", ".join(replacements(name))
        )


def events() -> dict[str, int]:
    """Return the number of lines written so far, by Spring's level in lower case."""
    return dict(_events)


class _Enabled(logging.Logger):
    """A logger that stays enabled. logging.config disables loggers that it does not name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "disabled":
            super().__setattr__(name, value)


def _keep_enabled() -> None:
    """Keep this program's loggers enabled. Otherwise a skipped record could go unnoticed."""
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.partition(".")[0] in _OURS and isinstance(logger, logging.Logger):
            logger.disabled = False
            logger.__class__ = _Enabled


class CountingHandler(logging.StreamHandler[TextIO]):
    """Counts the lines that it writes, under the handler's lock."""

    # Secrets found in the settings, and those that placeholders have copied into other properties.
    secrets: tuple[str, ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        """Count the line by its level and write it."""
        _events[spring_level(record).lower()] += 1
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """Format the line, with secrets masked.

        A LineFormatter has masked them. A function may have set another formatter.
        """
        line = super().format(record)
        if isinstance(self.formatter, LineFormatter):
            return line
        return hide(line, written_forms(self.secrets))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Write to the file descriptor if a function has closed the stream. Never raises."""
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 - a user may call a logger with wrong arguments
            record.msg, record.args = (
                "%s at %s:%d: this line cannot be written",
                (type(error).__name__, record.pathname, record.lineno),
            )
            record.exc_info = record.exc_text = None
            line = self.format(record)
        with suppress(OSError):
            os.write(1, f"{line}\n".encode(errors="backslashreplace"))


class SpringFormatter(LineFormatter):
    """Formats a record as one line, before a traceback. Text from outside cannot forge a line."""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        return {
            "time": _time(record),
            "level": spring_level(record),
            "pid": os.getpid(),
            "application": self._application,
            "thread": str(record.threadName),
            "logger": record.name,
            "message": record.getMessage(),
            "trace": record.exc_text
            or (self.formatException(record.exc_info) if record.exc_info else ""),
            "stack": self.formatStack(record.stack_info) if record.stack_info else "",
        }

    def _line(self, fields: dict[str, Any]) -> str:
        # Spring Boot 3's console pattern.
        line = (
            f"{fields['time']} {fields['level']:>5} {fields['pid']} --- [{fields['application']}] "
            f"[{fields['thread'][-15:]:>15}] {fields['logger'][-40:]:<40} : {fields['message']}"
        )
        line = one_line(line)
        for text in filter(None, (fields["trace"], fields["stack"])):
            line = line.removesuffix("\n") + "\n" + text
        return line


def _time(record: logging.LogRecord) -> str:
    return (
        time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        + f".{int(record.msecs):03d}"
        + _zone(record.created)
    )


def _zone(seconds: float) -> str:
    offset = time.localtime(seconds).tm_gmtoff
    return (
        "Z"
        if offset == 0
        else f"{'+' if offset > 0 else '-'}{abs(offset) // 3600:02d}:{abs(offset) // 60 % 60:02d}"
    )


class RepeatFilter(logging.Filter):
    """Lets each kind of line through once per period, with the number of suppressed ones.

    Lines that differ only in numbers are of one kind.
    """

    def __init__(self, period: float) -> None:
        """Start without lines.

        Args:
            period: Seconds in which one line of a kind passes.
        """
        super().__init__()
        self._period = period
        # Kind of line -> (when one passed, how many were suppressed since).
        self._seen: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line passes."""
        message = record.getMessage()
        kind = re.sub(r"\d+", "#", message)
        now = time.monotonic()  # the clock of records may be set back
        let_through, kept_back = self._seen.get(kind, (-math.inf, 0))
        if now - let_through < self._period:
            self._seen[kind] = let_through, kept_back + 1
            return False
        if len(self._seen) >= _MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = now, 0
        if kept_back:
            record.msg, record.args = f"{message} (and {kept_back} more like it)", ()
        return True
