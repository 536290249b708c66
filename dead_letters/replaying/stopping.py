"""The signals that ask a command to stop."""

import os
import signal
import time
from types import FrameType

from runtime.signals import STOP_SIGNALS, signals_received

TICK_S = 0.1


class StopRequest:
    """Set by the first signal. A second signal ends the process. The handler never blocks."""

    def __init__(self) -> None:
        """Start without a request."""
        self.number = 0  # the signal's number; 0 for none

    def install(self) -> None:
        """Handle the stop signals and unblock them. Call this on the main thread."""
        for number in signals_received():
            signal.signal(number, self._receive)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    @property
    def is_set(self) -> bool:
        """Whether a signal has arrived."""
        return bool(self.number)

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number, as in shells. Kubernetes does not count the Job as done."""
        return 128 + self.number

    def sleep(self, seconds: float) -> None:
        """Sleep until the time is over or a signal arrives. Blocks.

        Args:
            seconds: How long.
        """
        end = time.monotonic() + seconds
        while not self.number and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, TICK_S))

    def _receive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's signature
        if self.number:
            os._exit(128 + number)
        self.number = number


stop_request = StopRequest()  # of this process
