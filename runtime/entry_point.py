"""What a program does before its slower imports."""

from runtime import exit_codes  # noqa: F401 - first: what is registered first at exit comes last, after a user's own functions
from runtime.signals import exit_on_stop_signals, open_standard_streams


def prepare_process() -> None:
    """Open the standard streams; let stop signals end the process. First, on the main thread."""
    open_standard_streams()
    exit_on_stop_signals()
