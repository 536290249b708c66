"""Figures of the process and the machine, read on request. An unknown figure has no sample."""

import gc
import os
import platform
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import confluent_kafka

from runtime.logs import console
from runtime.metrics.meter import Sample

_PROC = Path("/proc")
_CGROUP = Path("/sys/fs/cgroup")
_CGROUP_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")  # cgroups version 2, 1
_MEMORY = (("area", "heap"), ("id", "resident"))  # tags
# The shortest time for a share of the CPU. Scrapes within this time see the same share.
_MIN_SPAN_S = 1.0


class UsageRatio:
    """The share of a growing budget that was used since the last reading."""

    def __init__(self, read: Callable[[], tuple[float, float]]) -> None:
        """Keep the reader.

        Args:
            read: Returns the amount used and the budget, both in total and in the same unit. The
                first ratio is of these totals.
        """
        self._read = read
        self._used = self._budget = self._read_at = 0.0
        self._share: float | None = None

    def value(self) -> float:
        """Return the ratio, from 0 to 1.

        Raises:
            OSError: The system does not give the figures.
        """
        now = time.monotonic()
        if self._share is None or now - self._read_at >= _MIN_SPAN_S:
            used, budget = self._read()
            if budget > self._budget:
                self._share = min(1.0, max(0.0, (used - self._used) / (budget - self._budget)))
            self._used, self._budget, self._read_at = used, budget, now
        return self._share or 0.0


class ProcessMetrics:
    """The figures of this process. Keeps the CPU time of the last reading."""

    def __init__(self) -> None:
        """Note the present CPU time."""
        self._started = _started()
        self._peak = 0  # threads
        self._own, self._machine = UsageRatio(self._own_time), UsageRatio(_machine_time)

    def samples(self) -> Iterator[Sample]:
        """Yield every sample of the process and the machine."""
        yield from self.own_samples()
        yield from _read(
            {
                "process.files.max": _most_files,
                "process.start.time": lambda: self._started,
                "process.uptime": lambda: time.time() - self._started,
                "system.cpu.count": _cpus,
                "system.cpu.usage": self._machine.value,
                "system.load.average.1m": lambda: os.getloadavg()[0],
            }
        )
        yield Sample("jvm.memory.max", _memory_limit(), _MEMORY)
        yield Sample("python.info", 1, _versions())

    def own_samples(self) -> Iterator[Sample]:
        """Yield the samples that can be added up over processes."""
        yield from _read(
            {
                "process.cpu.usage": self._own.value,
                "process.cpu.time": lambda: _cpu_seconds() * 1e9,
                "process.files.open": lambda: _entries("fd") - 1,  # not the listing's own
                "jvm.threads.live": _threads,
                "jvm.threads.daemon": lambda: _threads() - 1,
                "jvm.threads.peak": self._most_threads,
            }
        )
        yield from _memory()
        for generation, each in enumerate(gc.get_stats()):
            yield Sample(
                "python.gc.collections", each["collections"], (("generation", str(generation)),)
            )
        for level, count in console.events().items():
            yield Sample("logback.events", count, (("level", level),))

    def _most_threads(self) -> int:
        self._peak = max(self._peak, _threads())
        return self._peak

    def _own_time(self) -> tuple[float, float]:
        return _cpu_seconds(), (time.time() - self._started) * _cpus()


def _read(gauges: dict[str, Callable[[], float]]) -> Iterator[Sample]:
    for meter, read in gauges.items():
        try:
            yield Sample(meter, read())
        except OSError:
            continue


def _most_files() -> int:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most == resource.RLIM_INFINITY:
        raise OSError("no limit")
    return most


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _started() -> float:
    """Return the start in epoch seconds, or the present time if the system does not give it."""
    try:
        ticks = int((_PROC / "self" / "stat").read_text().rpartition(") ")[2].split()[19])
        boot = next(
            line for line in (_PROC / "stat").read_text().splitlines() if line.startswith("btime")
        )
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except OSError:
        return time.time()


def _machine_time() -> tuple[float, float]:
    """Return the busy time and the total time of all CPUs, in ticks.

    Idle time and waiting for disks do not count as busy.
    """
    times = [int(ticks) for ticks in (_PROC / "stat").read_text().partition("\n")[0].split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def _entries(folder: str) -> int:
    return sum(1 for _ in (_PROC / "self" / folder).iterdir())


def _threads() -> int:
    """Return the process's threads, or only Python's if the system does not give them."""
    try:
        return _entries("task")
    except OSError:
        return threading.active_count()


def _memory() -> Iterator[Sample]:
    try:
        pages = int((_PROC / "self" / "statm").read_text().split()[1])
    except OSError:
        return
    resident = pages * os.sysconf("SC_PAGE_SIZE")
    yield Sample("jvm.memory.used", resident, _MEMORY)
    yield Sample("jvm.memory.committed", resident, _MEMORY)


def _memory_limit() -> int:
    """Return the container's memory limit, or the machine's memory, in bytes."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for name in _CGROUP_LIMITS:
        # Without a limit the file has `max`. Version 1 then has a number above any machine's
        # memory.
        with suppress(OSError, ValueError):
            limits.append(int((_CGROUP / name).read_text()))
    return min(limits)


def _versions() -> tuple[tuple[str, str], ...]:
    return (
        ("version", platform.python_version()),
        ("implementation", platform.python_implementation()),
        ("librdkafka", confluent_kafka.libversion()[0]),
    )
