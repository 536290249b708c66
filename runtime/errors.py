"""The root of the errors this program ends with on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager


class ProcessorError(Exception):
    """Its text is the one line for the user: what, where it came from, what is allowed; never a payload, never a secret."""


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End the program with the one line on stderr and exit code 1, whoever has called; a function may be decorated with it."""
    try:
        yield
    except ProcessorError as error:
        raise SystemExit(f"python-processor: {error}") from None
