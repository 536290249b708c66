"""Signals and the deadline of a stop, watched by a thread of their own.

The main thread can sit inside the Kafka client for a long time (a commit with the broker gone was seen to block for 46 s), and Python
runs signal handlers on the main thread only. So the C level handler writes the signal's number to a socket, and this thread reads it.
"""

import logging
import os
import select
import signal
import socket
import threading
import time
from types import FrameType
from typing import NoReturn

from runtime.exits import Exit, end_now
from runtime.lifecycle import Lifecycle

log = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_STOP_ASKED = b"\0"  # no signal has the number 0


def end_on_signals() -> None:
    """Until the watchdog stands, a stop signal ends the process at once with 128 + its number: there is nothing to lose yet.

    Needed because the kernel ignores signals that PID 1 has no handler for.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, lambda received, _: os._exit(128 + received))


class Watchdog:
    """The first signal asks for an orderly stop; a second one, or a stop that outlasts `deadline` seconds, ends the process at once."""

    def __init__(self, lifecycle: Lifecycle, deadline: float) -> None:
        self._lifecycle = lifecycle
        self._deadline = deadline
        self._reader, self._writer = socket.socketpair()

    def start(self) -> None:
        """Take over the signals. Must be called on the main thread, as Python demands."""
        self._writer.setblocking(False)  # noqa: FBT003 - as set_wakeup_fd demands
        for number in STOP_SIGNALS:
            signal.signal(number, _noticed)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._lifecycle.on_stop(self._stop_asked)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _stop_asked(self, reason: str) -> None:
        log.info("stopping (%s): finishing what is in hand, at most %g s", reason, self._deadline)
        self._writer.send(_STOP_ASKED)

    def _watch(self) -> NoReturn:
        signals = 0
        ends_at: float | None = None
        while True:
            left = None if ends_at is None else max(0.0, ends_at - time.monotonic())
            if not select.select([self._reader], [], [], left)[0]:
                end_now(
                    Exit.FAILED if self._lifecycle.failed else Exit.DEADLINE,
                    f"the stop took longer than {self._deadline:g} s (spring.lifecycle.timeout-per-shutdown-phase); "
                    "ending now, what is not committed will be repeated",
                )
            for number in self._reader.recv(64):
                if number == _STOP_ASKED[0]:
                    ends_at = ends_at or time.monotonic() + self._deadline
                    continue
                signals += 1
                name = signal.Signals(number).name
                if signals > 1:
                    end_now(128 + number, f"{name} again: ending now, what is not committed will be repeated")
                self._lifecycle.stop(name)


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """A Python level handler has to exist for the C level one to write to the socket; there is nothing left to do here."""
