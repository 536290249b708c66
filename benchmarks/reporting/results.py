"""The results of a benchmark and its machine, as JSON. Tables and picture are made from it."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Self

from benchmarks.measure.footprint import Footprint
from benchmarks.measure.latency import Latency
from benchmarks.measure.throughput import Throughput
from benchmarks.reporting.fingerprint import client_settings

FOLDER = Path(__file__).parents[1] / "results"
FLOOR = "no system between"  # the latency of the method itself


@dataclass
class Results:
    """For each kind of record, rate or system, one entry per round."""

    date: str
    machine: dict[str, str]
    rounds: int
    clients: dict[str, dict[str, object]]  # see fingerprint
    # By the name of the shape.
    throughput: dict[str, dict[str, list[Throughput]]] = field(default_factory=dict)
    # By records per second.
    latency: dict[str, dict[str, list[Latency]]] = field(default_factory=dict)
    footprint: dict[str, list[Footprint]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, rounds: int) -> Self:
        return cls(
            datetime.now(UTC).isoformat(timespec="minutes"), machine(), rounds, client_settings()
        )

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        results = cls(**json.loads(path.read_text()))
        for by_system in results.throughput.values():
            by_system.update(
                {name: [Throughput(**each) for each in found] for name, found in by_system.items()}  # type: ignore[arg-type]
            )
        for by_rate in results.latency.values():
            by_rate.update(
                {name: [Latency(**each) for each in found] for name, found in by_rate.items()}  # type: ignore[arg-type]
            )
        found_prints = results.footprint.items()
        results.footprint = {
            name: [Footprint(**each) for each in found]  # type: ignore[arg-type]
            for name, found in found_prints
        }
        return results


def machine() -> dict[str, str]:
    """What the figures depend on; no names of hosts."""
    memory = int(re.findall(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[0]) >> 20
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    java = subprocess.run(
        ["java", "-version"], capture_output=True, text=True, check=True
    ).stderr.splitlines()[0]
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "processor": (
            f"{len(os.sched_getaffinity(0))} x {models[0] if models else platform.machine()}"
        ),
        "memory": f"{memory} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Java": java,
        "bytewax": version("bytewax"),
        "confluent-kafka": version("confluent-kafka"),
        "commit": commit,
        "load average at the start": f"{os.getloadavg()[0]:.1f}",
    }


class Head(NamedTuple):
    """When and where it was measured."""

    date: str
    machine: dict[str, str]
    clients: dict[str, dict[str, object]]  # see fingerprint

    @classmethod
    def now(cls) -> Self:
        return cls(datetime.now(UTC).isoformat(timespec="minutes"), machine(), client_settings())

    @property
    def stem(self) -> str:
        """What the names of kept files begin with."""
        return self.date[:16].replace(":", "")


def keep(kept: Path, head: Head, found: Mapping[str, object], said: str, tables: list[str]) -> None:
    """Write the results as JSON and as a page. `kept` is the path without an ending.

    `said` follows what the machine is.
    """
    kept.parent.mkdir(exist_ok=True)
    kept.with_suffix(".json").write_text(json.dumps({**head._asdict(), **found}, indent=1) + "\n")
    described = ", ".join(f"{name} {value}" for name, value in head.machine.items())
    text = "\n".join([f"# {head.date}", "", f"{described}. {said}", "", *tables])
    kept.with_suffix(".md").write_text(text)
    print(f"\n{text}\nkept: {kept}.json, .md")
