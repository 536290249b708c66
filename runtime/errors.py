"""The root of the errors this program ends with on purpose."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("python-processor")


class ProcessorError(Exception):
    """Its text is the one line for the user: what, where it came from, what is allowed; never a payload, never a secret."""


@contextmanager
def told() -> Iterator[None]:
    """Log a ProcessorError where it leaves our code. What comes after it (closing, a deadline) may not live to tell it."""
    try:
        yield
    except ProcessorError as error:
        log.error("%s", error)  # noqa: TRY400 - the line is the message; a traceback may quote a payload
        raise


def expected(error: BaseException | None) -> bool:
    """Whether a ProcessorError, already told, is behind an exception that Bytewax has wrapped."""
    while error is not None:
        if isinstance(error, ProcessorError):
            return True
        error = error.__cause__ or error.__context__
    return False
