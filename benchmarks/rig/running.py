"""A system that runs: what it costs, and its end."""

import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.rig.job import Job
from benchmarks.rig.systems import ROOT, System
from benchmarks.rig.usage import cpu_seconds
from tests.support import children

STOP_SECONDS = 60
_SMALL = 1 / 1024  # MiB in a KiB


class Running:
    """A process and its children, started on entry. Killed on exit, unless stop() has ended it."""

    def __init__(self, system: System, job: Job) -> None:
        self.system = system
        self._output = Path(tempfile.gettempdir()) / f"bench-{os.getpid()}-{job.port}.log"
        self.began = time.monotonic()
        self._child = children.start(
            system.command(job), self._output, env=os.environ | system.environment(job), cwd=ROOT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        children.end(self._child)
        self._output.unlink(missing_ok=True)

    def check(self) -> None:
        """Raises RuntimeError, with what it said, when it has ended."""
        if self._child.poll() is not None:
            said = self._output.read_text()[-3000:]
            raise RuntimeError(
                f"{self.system.name} ended with code {self._child.returncode}:\n{said}"
            )

    def cpu_seconds(self) -> float:
        """User and system, all threads, so far."""
        return sum(cpu_seconds(pid) for pid in self._pids())

    def memory(self, what: str = "VmRSS") -> float:
        """MiB; VmHWM is the peak (ru_maxrss is inherited: it would be the parent's peak)."""
        lines = (Path(f"/proc/{pid}/status").read_text() for pid in self._pids())
        return sum(int(text.split(f"{what}:")[1].split()[0]) for text in lines) * _SMALL

    def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        began = time.monotonic()
        self._child.send_signal(signal.SIGTERM)
        self._child.wait(STOP_SECONDS)
        return time.monotonic() - began

    def _pids(self) -> list[int]:
        found = [self._child.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):  # the thread has ended meanwhile
                    found += map(int, task.read_text().split())
        return found
