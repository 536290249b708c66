"""Log lines on stdout: Spring Boot's form or JSON. They are counted, and repetitions suppressed."""

import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from config.errors import hide, one_line
from runtime.logs.json_formats import FORMATTERS
from runtime.logs.levels import SPRING_LEVELS, spring_level
from runtime.logs.names import replacements, set_level

# Spring Boot 3's console pattern: time, level, pid, application, thread, logger, message.
_FORMAT = (
    "%(asctime)s %(springlevel)5s {pid} --- [{application}] [%(shortthread)15s] "
    "%(shortname)-40s : %(message)s"
)
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
# The task itself logs refused certificates and credentials, in one line. The last pattern is about
# an experimental option that config.librdkafka.client_config sets. A user can do nothing about it.
_NEEDLESS = re.compile(
    r"(FAIL|SSL) .*(SASL authentication|SASL \S+ mechanism handshake|SSL|certificate)|OIDC .*token|"
    r"FATAL .*ConsumerGroupHeartbeat|CONFWARN .*enable\.gapless\.guarantee is experimental"
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
        FORMATTERS[structured](application, tags or {})
        if structured
        else SpringFormatter(application)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _keep_enabled()
    root.setLevel(logging.INFO)
    # These loggers repeat lines while a broker is away.
    for name in ("librdkafka", "processor.brokers"):
        logging.getLogger(name).filters[:] = [RepeatFilter(REPEAT_INTERVAL_S)]
    logging.getLogger("librdkafka").addFilter(
        lambda record: not _NEEDLESS.match(record.getMessage())
    )
    _set_levels({name: _LEVELS[level.lower()] for name, level in levels.items()})


def _set_levels(levels: dict[str, int]) -> None:
    """Set the levels. Logger names of version 1.0 come first, so that today's names win."""
    old_names = [name for name in levels if replacements(name)]
    for name in sorted(old_names, key=lambda name: (name.count("."), -levels[name])):
        set_level(name, levels[name])
    for name in levels.keys() - set(old_names):
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

    # Secrets that placeholders have copied into other properties.
    secrets: tuple[str, ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        """Count the line by its level and write it."""
        _events[spring_level(record).lower()] += 1
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """Format the line, with secrets masked."""
        return hide(super().format(record), self.secrets)

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


class SpringFormatter(logging.Formatter):
    """Formats a record as one line, before a traceback. Text from outside cannot forge a line."""

    def __init__(self, application: str) -> None:
        """Make a formatter.

        Args:
            application: The name in each line.
        """
        super().__init__(
            _FORMAT.format(pid=os.getpid(), application=one_line(application).replace("%", "%%"))
        )

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - the library's signature
        """Return the time in Spring Boot's form."""
        return (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
            + f".{int(record.msecs):03d}"
            + _zone(record.created)
        )

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the message on one line."""
        return one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Add the fields of Spring Boot's pattern and format the line."""
        record.springlevel = spring_level(record)
        record.shortthread = str(record.threadName)[-15:]
        record.shortname = record.name[-40:]
        return super().format(record)


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
        let_through, kept_back = self._seen.get(kind, (0.0, 0))
        if record.created - let_through < self._period:
            self._seen[kind] = let_through, kept_back + 1
            return False
        self._seen[kind] = record.created, 0
        if kept_back:
            record.msg, record.args = f"{message} (and {kept_back} more like it)", ()
        return True
