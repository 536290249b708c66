"""What the program does before its slower imports."""

from runtime import exit_codes  # noqa: F401 - first: exit functions run in reverse order, so that this one comes after a user's
from runtime.signals import exit_on_stop_signals, open_standard_streams


def prepare_process() -> None:
    """Open the standard streams and let stop signals end the process. On the main thread."""
    open_standard_streams()
    exit_on_stop_signals()
