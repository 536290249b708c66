"""Signals and the deadline of a stop, watched by a thread of their own.

The main thread can sit inside the Kafka client for a long time (a commit with the broker gone was seen to block for 46 s), and Python
runs signal handlers on the main thread only. So the C level handler writes the signal's number to a socket, and this thread reads it.
"""

import logging
import select
import signal
import socket
import threading
import time
from types import FrameType
from typing import NoReturn

from runtime import forks
from runtime.exits import Exit, end_now
from runtime.lifecycle import Lifecycle
from runtime.signals import STOP_SIGNALS

log = logging.getLogger(__name__)

_STOP_ASKED = b"\0"  # no signal has the number 0
GLANCE = 1.0  # seconds between two looks at whether the main thread is stuck


class Watchdog:
    """The first signal asks for an orderly stop; a second one, or a stop that outlasts `deadline` seconds, ends the process at once."""

    def __init__(self, lifecycle: Lifecycle, deadline: float, client_call_timeout: float) -> None:
        """`client_call_timeout`: seconds after which a client call that has not come back ends the process."""
        self._lifecycle = lifecycle
        self._deadline = deadline
        self._client_call_timeout = client_call_timeout
        self._reader, self._writer = socket.socketpair()

    def start(self) -> None:
        """Take over the signals. Must be called on the main thread, as Python demands."""
        self._writer.setblocking(False)  # noqa: FBT003 - as set_wakeup_fd demands
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)  # first: no signal may fall between
        for number in STOP_SIGNALS:
            forks.handle(number, _noticed)
        for each in (self._reader, self._writer):
            forks.close_in_children(each.close)
        self._lifecycle.on_stop(self._stop_asked)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _stop_asked(self, reason: str) -> None:
        log.info("stopping (%s): finishing what is in hand, at most %g s", reason, self._deadline)
        self._writer.send(_STOP_ASKED)

    def _watch(self) -> NoReturn:
        signals = 0
        ends_at = float("inf")
        while True:
            pause = max(0.0, min(GLANCE, ends_at - time.monotonic()))
            numbers = self._reader.recv(64) if select.select([self._reader], [], [], pause)[0] else b""
            for number in numbers:
                if number == _STOP_ASKED[0]:
                    ends_at = min(ends_at, time.monotonic() + self._deadline)
                    continue
                if number not in STOP_SIGNALS:  # one that a step of the user's own has a handler for
                    continue
                signals += 1
                name = signal.Signals(number).name
                if signals > 1:
                    end_now(128 + number, f"{name} again: ending now, what is not committed will be repeated")
                self._lifecycle.stop(name)
            if time.monotonic() >= ends_at:
                end_now(
                    self._lifecycle.exit_code or Exit.UNFINISHED,
                    f"the stop took longer than {self._deadline:g} s (spring.lifecycle.timeout-per-shutdown-phase); "
                    "ending now, what is not committed will be repeated",
                )
            if call := self._lifecycle.stuck_in(self._client_call_timeout):
                end_now(
                    Exit.STUCK,
                    f"{call} of the Kafka client has not come back for {self._client_call_timeout:g} s "
                    "(python-processor.client-call-timeout); ending now, the next start goes on from the last commit",
                )


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """A Python level handler has to exist for the C level one to write to the socket; there is nothing left to do here."""
