"""A worker process of `concurrency`. Its parent has the actuator and the signals."""

import logging
import os
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from time import monotonic
from typing import NoReturn

from config import Settings
from config.worker import NOT_FROM_PARENT, VARIABLE
from runtime.control.commands import SetLogLevel, ShutDown
from runtime.control.status import TargetState, TaskHandle, TaskStatus
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit, end_now
from runtime.forks import close_in_children
from runtime.lifecycle import Lifecycle
from runtime.metrics.process import ProcessMetrics

log = logging.getLogger("processor.workers")

STATUS_INTERVAL_S = 0.1  # between two reports, as a task publishes
# Between two reports with samples. The Kafka client gives its statistics as often.
SAMPLES_INTERVAL_S = 1.0


def connect_to_parent(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> None:
    """Report the status to the parent and obey its commands, in a daemon thread.

    The loss of the parent counts as a stop signal. During a stop it counts as the second signal,
    which ends the process at once. Call on the main thread.

    Args:
        settings: Has the number of this process.
        handle: Has the status, and gets the commands.
        lifecycle: Is asked to stop.

    Raises:
        ProcessorError: The parent's socket is not there.
    """
    worker_slot = settings.worker_slot
    if worker_slot is None:
        raise RuntimeError("this process has no parent of ours")
    os.environ.pop(VARIABLE)  # children of this process must not see it
    threading.current_thread().name = worker_slot.name  # log lines show the thread's name
    try:
        os.set_inheritable(worker_slot.socket, False)  # noqa: FBT003 - as os has it
        connection = Connection(worker_slot.socket)
    except OSError:
        raise ProcessorError(f"{VARIABLE} (environment) {NOT_FROM_PARENT}") from None
    close_in_children(connection.close)
    threading.Thread(
        target=lambda: _Link(connection, handle, lifecycle).run(), name="parent", daemon=True
    ).start()


class _Link:
    def __init__(self, connection: Connection, handle: TaskHandle, lifecycle: Lifecycle) -> None:
        self._connection = connection
        self._handle = handle
        self._lifecycle = lifecycle
        self._process = ProcessMetrics()
        self._last_sent: TaskStatus | None = None
        self._sampled = 0.0

    def run(self) -> None:
        try:
            self._send_and_receive()
        except (EOFError, OSError):
            if self._lifecycle.stopping:
                end_now(
                    Exit.UNFINISHED,
                    "the parent process has ended: ending now, what is not committed will be "
                    "repeated",
                )
            self._lifecycle.request_stop("the parent process has ended")

    def _send_and_receive(self) -> NoReturn:
        while True:
            if self._connection.poll(STATUS_INTERVAL_S):
                self._apply(self._connection.recv())
            if self._handle.status is not self._last_sent:
                self._last_sent = self._handle.status
                self._connection.send(self._report(self._last_sent))

    def _report(self, status: TaskStatus) -> TaskStatus:
        """Return the status to send. Samples are left out while the last ones are recent."""
        if monotonic() - self._sampled < SAMPLES_INTERVAL_S:
            return replace(status, samples=())
        self._sampled = monotonic()
        return replace(status, samples=(*status.samples, *self._process.own_samples()))

    def _apply(self, command: object) -> None:
        match command:
            case TargetState():
                self._handle.send(command)
            case SetLogLevel():
                self._handle.set_level(command)
            case ShutDown(reason):
                self._lifecycle.request_stop(reason)
