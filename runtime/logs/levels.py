"""Spring's names of log levels and Python's numbers."""

import logging

SPRING_LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40}


def spring_level(record: logging.LogRecord) -> str:
    """Return the highest of Spring's levels that is not above the record's.

    Args:
        record: A log record.
    """
    return next(
        (name for name, number in reversed(SPRING_LEVELS.items()) if record.levelno >= number),
        "TRACE",
    )
