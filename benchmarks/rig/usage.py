"""Processor time of a process and of the machine."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def busy_seconds() -> float:
    """Of all processors of the machine, since it started."""
    # User nice system idle iowait irq softirq steal.
    fields = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    return (sum(map(int, fields)) - int(fields[3]) - int(fields[4])) / _TICKS
