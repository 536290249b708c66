"""Restarts the processor when a file of a function changes."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

POLL_INTERVAL_S = 0.2  # between two checks of the files; they are few, so no package is needed
SETTLE_S = 0.1  # an editor may write a file in several steps
STATE_POLL_S = 0.05  # between two checks whether a new processor runs

# States of the processor, besides "ended with exit code N".
STARTING = "starting"
RUNNING = "running"


class Files:
    """The Python files in some folders, and the changes of these files."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Note the present state of the files.

        Args:
            folders: The folders, searched with all folders below.
        """
        self._folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._seen = self._read_state()

    def changed(self) -> list[str]:
        """Return the names of files that changed, appeared or vanished since the last call."""
        now = self._read_state()
        before, self._seen = self._seen, now
        return sorted({path.name for path, _ in now.items() ^ before.items()})

    def _read_state(self) -> dict[Path, tuple[int, int]]:
        found = dict[Path, tuple[int, int]]()
        for folder in self._folders:
            for path in folder.rglob("*.py"):
                try:
                    status = path.stat()
                except OSError:  # an editor has just replaced it
                    continue
                found[path] = status.st_mtime_ns, status.st_size
        return found


class Restarting:
    """A processor that is restarted after a change of a file. No record is lost."""

    def __init__(
        self,
        start: Callable[[], "subprocess.Popen[bytes]"],
        files: Files,
        is_running: Callable[[], bool],
    ) -> None:
        """Start the processor.

        Args:
            start: Starts a process.
            files: The files to watch.
            is_running: Asks the processor once whether its input is bound.
        """
        self._start = start
        self._files = files
        self._is_running = is_running
        self._is_stopping = False
        self._reported_code: int | None = None  # the exit code that was printed
        self.state = STARTING
        self.processor = start()

    @property
    def pid(self) -> int:
        """The processor's process id."""
        return self.processor.pid

    def stop(self, *_: Any) -> None:
        """Let the processor finish. A second call ends it at once. This is a signal handler."""
        self._is_stopping = True
        self.processor.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the processor at once."""
        self.processor.kill()

    def wait_until_running(self) -> bool:
        """Wait until the processor's input is bound. Return False if the processor ends before."""
        while self.state != RUNNING:
            if self._poll() is not None:
                return False
            time.sleep(STATE_POLL_S)
        return True

    def wait(self) -> int:
        """Return the exit code once the processor has ended by itself or by stop()."""
        is_restarted = False
        while True:
            code = self._poll()
            if code is not None and (self._is_stopping or not is_restarted or code == 0):
                return code
            if changed := self._files.changed():
                time.sleep(SETTLE_S)
                changed = sorted({*changed, *self._files.changed()})
                self._restart(changed, code)
                is_restarted = True
            elif code is not None and code != self._reported_code:
                self._reported_code = code
                print(
                    f"python-processor ended with exit code {code}; it starts again when a file "
                    f"changes",
                    flush=True,
                )
            time.sleep(POLL_INTERVAL_S)

    def _poll(self) -> int | None:
        """Update `state`. Return the exit code of a processor that has ended, or None."""
        code = self.processor.poll()
        if code is not None:
            self.state = f"ended with exit code {code}"
        elif self.state != RUNNING and self._is_running():
            self.state = RUNNING
        return code

    def _restart(self, changed: list[str], code: int | None) -> None:
        if code is None:
            self.processor.terminate()
            self.processor.wait()
        if self._is_stopping:  # a stop came meanwhile
            return
        self._reported_code = None
        self.state = STARTING
        self.processor = self._start()
        # A signal during the start has reached only the old processor.
        if self._is_stopping:
            self.processor.terminate()
        print(
            f"{', '.join(changed)} changed: python-processor started again (pid "
            f"{self.processor.pid})",
            flush=True,
        )
