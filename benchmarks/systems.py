"""The systems that are measured: a name, a command line and settings."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Job:
    """One topic to copy: where from, where to, as which group, and the port an app may listen on."""

    bootstrap: str
    source: str
    target: str
    group: str
    port: int

    def properties(self) -> dict[str, str]:
        """The job in Spring's words, as Data Flow would hand it over."""
        return {
            "reversestring": "true",
            "server.port": str(self.port),
            "spring.cloud.stream.kafka.binder.brokers": self.bootstrap,
            "spring.cloud.stream.bindings.input.destination": self.source,
            "spring.cloud.stream.bindings.input.group": self.group,
            "spring.cloud.stream.bindings.output.destination": self.target,
        }


@dataclass(frozen=True)
class System:
    """How to start a system for a job; it must stop at SIGTERM."""

    name: str
    command: Callable[[Job], list[str]]
    properties: dict[str, str] = field(default_factory=dict)

    def environment(self, job: Job) -> dict[str, str]:
        return {"SPRING_APPLICATION_JSON": json.dumps(job.properties() | self.properties)}


PROCESSOR = System("python-processor", lambda _: [sys.executable, str(ROOT / "dataflow.py")])
# The best plain Python can do with this client. It gives none of the guarantees at a rebalance or a failure.
BARE_LOOP = System("bare loop", lambda _: [sys.executable, "-m", "benchmarks.bare_loop"])
