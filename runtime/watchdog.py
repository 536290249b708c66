"""Watches signals and the deadline of a stop, on a thread of its own.

Python runs signal handlers on the main thread only. The main thread can wait inside the Kafka
client: a commit without a broker once blocked for 46 s. So the C handler writes the signal's number
to a socket, and this thread reads it.

This thread does nothing that may wait. A log line waits for its reader and for other lines, so
other threads log and ask for the stop.
"""

import logging
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from types import FrameType
from typing import NoReturn

from runtime import forks
from runtime.exit_codes import Exit, end_now
from runtime.lifecycle import Lifecycle
from runtime.signals import STOP_SIGNALS, signals_received

log = logging.getLogger("processor.lifecycle")

_WAKE = b"\0"  # no signal has the number 0
WATCH_INTERVAL_S = 1.0  # between two checks whether the main thread is stuck


class Watchdog:
    """The first signal asks for a stop. A second one, or `deadline` seconds, ends the process.

    SIGQUIT logs the stack of every thread and changes nothing, as in Java.
    """

    def __init__(self, lifecycle: Lifecycle, deadline: float, client_call_timeout: float) -> None:
        """Prepare. No signal is handled yet.

        Args:
            lifecycle: Is asked to stop.
            deadline: Seconds that a stop may take.
            client_call_timeout: Seconds until a client call that hangs ends the process.
        """
        self._lifecycle = lifecycle
        self._deadline = deadline
        self._client_call_timeout = client_call_timeout
        self._reader, self._writer = socket.socketpair()
        self._ends_at = float("inf")
        self._stops: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._dumps: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def start(self) -> None:
        """Take over the signals. Call on the main thread, as Python demands."""
        self._writer.setblocking(False)  # noqa: FBT003 - as set_wakeup_fd demands
        # Before the handlers, so that no signal is missed.
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (*signals_received(), signal.SIGQUIT):
            forks.handle(number, _noticed)
        for each in (self._reader, self._writer):
            forks.close_in_children(each.close)
        self._lifecycle.on_stop(lambda _reason: self._set_deadline())
        self._lifecycle.on_stop(self._log_stop, last=True)
        threading.Thread(
            target=_call_each, args=[self._stops], name="watchdog", daemon=True
        ).start()
        threading.Thread(
            target=_call_each, args=[self._dumps], name="thread-dump", daemon=True
        ).start()
        threading.Thread(target=self._watch, name="signals", daemon=True).start()

    def _set_deadline(self) -> None:
        """Set when the process ends. The thread applies the deadline within WATCH_INTERVAL_S."""
        self._ends_at = min(self._ends_at, time.monotonic() + self._deadline)

    def _log_stop(self, reason: str) -> None:
        log.info("stopping (%s): finishing the present batch, at most %g s", reason, self._deadline)
        self._writer.send(_WAKE)

    def _watch(self) -> NoReturn:
        signals = 0
        while True:
            pause = max(0.0, min(WATCH_INTERVAL_S, self._ends_at - time.monotonic()))
            numbers = (
                self._reader.recv(64) if select.select([self._reader], [], [], pause)[0] else b""
            )
            for number in numbers:
                if number == signal.SIGQUIT:
                    self._dumps.put(_dump_threads)
                # The number is _WAKE, or a signal that the user's own code handles.
                if number not in STOP_SIGNALS:
                    continue
                signals += 1
                name = signal.Signals(number).name
                if signals > 1:
                    end_now(
                        128 + number,
                        f"{name} again: ending now, what is not committed will be repeated",
                    )
                self._set_deadline()
                self._stops.put(partial(self._lifecycle.request_stop, name))
            if time.monotonic() >= self._ends_at:
                end_now(
                    self._lifecycle.exit_code or Exit.UNFINISHED,
                    f"the stop took longer than {self._deadline:g} s "
                    f"(spring.lifecycle.timeout-per-shutdown-phase); "
                    "ending now, what is not committed will be repeated",
                )
            if call := self._lifecycle.stuck_call(self._client_call_timeout):
                end_now(
                    Exit.STUCK,
                    f"{call} of the Kafka client has not come back for "
                    f"{self._client_call_timeout:g} s "
                    "(python-processor.client-call-timeout); ending now, the next start goes on "
                    "from the last commit",
                )


def _call_each(calls: SimpleQueue[Callable[[], None]]) -> NoReturn:
    while True:
        calls.get()()


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. The C handler that writes to the socket needs a Python handler."""


def _dump_threads() -> None:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():  # noqa: SLF001 - the documented way to other threads' frames
        calls = " <- ".join(
            f"{each.name} ({each.filename}:{each.lineno})"
            for each in reversed(traceback.extract_stack(frame))
        )
        log.info("thread %s: %s", names.get(ident, ident), calls)
