"""The base class of the errors with which this program ends on purpose."""

import sys
from types import TracebackType


class ProcessorError(Exception):
    """The text is one line for the user: what, where, what is allowed. No payload, no secret."""


def print_in_one_line() -> None:
    """Print an uncaught ProcessorError as one line. Python's exit code stays 1.

    Bytewax's own commands do not catch it.
    """
    usual = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, ProcessorError):
            sys.stderr.write(f"python-processor: {error}\n")
        else:
            usual(kind, error, trace)

    sys.excepthook = hook
