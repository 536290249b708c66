"""Several processes as one program, for `concurrency`. Their parent has the actuator.

Processes run the command that started the parent. They are never forked. When one ends, the others
stop in order. The program ends with its exit code. A restart starts all of them.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Pipe, wait
from typing import Self

from config import Settings
from config.worker import WorkerSlot
from runtime.control.commands import SetLogLevel, ShutDown
from runtime.control.merge import merge_statuses
from runtime.control.status import Issue, TargetState, TaskHandle, TaskState, TaskStatus
from runtime.errors import ProcessorError
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.workers")

# Between two checks which processes run. The end of one closes its connection, which is noticed at
# once.
POLL_INTERVAL_S = 0.1


class WorkerPool(TaskHandle):
    """The handle of all tasks for the actuator, and a task for Bytewax."""

    def __init__(
        self, settings: Settings, lifecycle: Lifecycle, command: Sequence[str] = ()
    ) -> None:
        """Prepare. No process is started yet.

        Args:
            settings: Has the number of processes.
            lifecycle: Says when to stop them.
            command: The program that each process runs; the command of this process without one.
        """
        super().__init__()
        self._lifecycle = lifecycle
        self._command = command or (sys.executable, *sys.orig_argv[1:])
        self._all = [
            _WorkerProcess(number, settings.instance_id)
            for number in range(settings.input_concurrency)
        ]
        lifecycle.on_stop(lambda reason: self._tell(ShutDown(reason)))

    def start(self) -> Self:
        """Start the processes, unless a stop was requested meanwhile.

        Raises:
            ProcessorError: The system does not allow it.
        """
        if not self._lifecycle.stopping:
            for each in self._all:
                each.start(self._command)
        return self

    def _tell(self, command: TargetState | SetLogLevel | ShutDown) -> None:
        for each in self._all:
            each.send(command)

    # ---- what the handle asks for

    @property
    def status(self) -> TaskStatus:
        """The merged status of all processes."""
        return merge_statuses([each.status for each in self._all])

    def send(self, target: TargetState) -> None:
        """Send the target state to every process.

        Args:
            target: The target state.
        """
        self._tell(target)

    def set_level(self, level: SetLogLevel) -> None:
        """Set the level in this process and in every other.

        Args:
            level: The logger and its level.
        """
        super().set_level(level)
        self._tell(level)

    # ---- what Bytewax calls

    def next_batch(self) -> None:
        """Read what the processes have sent. Blocks POLL_INTERVAL_S at most.

        Raises:
            StopIteration: All processes have ended.
        """
        running = [each for each in self._all if each.running]
        if not running:
            raise StopIteration
        heard = wait(
            [each.connection for each in running if not each.connection.closed], POLL_INTERVAL_S
        )
        for each in running:
            if each.connection in heard:
                each.receive()
            if (code := each.exit_code()) is not None:
                self._ended(each, code)

    def write_batch(self, batch: object) -> None:
        """Do nothing. The other processes have the batches."""

    def close(self) -> None:
        """Do nothing. All processes have ended."""

    def _ended(self, process: "_WorkerProcess", code: int) -> None:
        if code:
            log.error("%s has ended with exit code %d", process, code)
            self._lifecycle.fail(code)
        else:
            log.info("%s has ended", process)
            self._lifecycle.request_stop(f"the end of {process.name}")


class _WorkerProcess:
    """One process, from before its start to after its end."""

    def __init__(self, number: int, instance_id: str) -> None:
        self.connection, self._theirs = Pipe()
        self.status = TaskStatus()
        self._place = WorkerSlot(number, self._theirs.fileno(), instance_id)
        self._popen: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._sending = threading.Lock()

    def __str__(self) -> str:
        return f"{self.name} (process {self._popen.pid})" if self._popen else self.name

    @property
    def name(self) -> str:
        return self._place.name

    @property
    def running(self) -> bool:
        return self._popen is not None and not self._ended

    def start(self, command: Sequence[str]) -> None:
        environ = os.environ | self._place.variable()
        # In a session of its own, so that Ctrl-C at a terminal reaches only the parent. The parent
        # stops the processes.
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own command
                command, env=environ, pass_fds=[self._place.socket], start_new_session=True
            )
        except OSError as error:
            raise ProcessorError(
                f"{self.name}: the process cannot be started: {error.strerror}"
            ) from error
        self._theirs.close()  # so that the connection closes when the process ends
        log.info("%s is started", self)

    def send(self, command: TargetState | SetLogLevel | ShutDown) -> None:
        """Send a message. The socket keeps it until it is read, so this rarely blocks."""
        try:
            with self._sending:
                self.connection.send(command)
        except OSError:
            log.debug("%s does not hear %s any more", self, command)

    def receive(self) -> None:
        try:
            status: TaskStatus = self.connection.recv()
        except (EOFError, OSError):
            self.connection.close()
            return
        self.status = status if status.samples else replace(status, samples=self.status.samples)

    def exit_code(self) -> int | None:
        """Return the exit code as a shell shows it, or None while the process runs."""
        code = self._popen.poll() if self._popen else None
        if code is None:
            return None
        self._ended = True
        code = code if code >= 0 else 128 - code
        troubles = (
            (Issue(f"{self.name} has ended with exit code {code}", time.time()),) if code else ()
        )
        self.status = replace(
            self.status,
            state=TaskState.FAILED if code else TaskState.ENDED,
            partitions=(),
            troubles=(*self.status.troubles, *troubles),
        )
        return code
