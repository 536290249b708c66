"""Asking the actuator again and again, as probes do, and how long the answers take."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Self

from tests.support.processor import Processor
from tests.support.waiting import PAUSE_S, let_pass


class Probes:
    """Asks for every path in turn, from a thread of its own, while the context lasts."""

    def __init__(self, processor: Processor, paths: Sequence[str], pause: float = PAUSE_S) -> None:
        """`paths` below /actuator/; `pause`: seconds between two requests."""
        self._processor, self._paths, self._pause = processor, paths, pause
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)
        self.took: dict[str, list[float]] = defaultdict(list)  # path -> seconds of each answer
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.unanswered: list[str] = []
        self.rounds = 0  # how often all have been asked

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def __str__(self) -> str:
        reported = ", ".join(
            f"{path} {percentile(took, 99) * 1000:.0f}" for path, took in self.took.items()
        )
        return f"{sum(map(len, self.took.values()))} answers, p99 in ms: {reported}"

    def _run(self) -> None:
        while not self._ends.is_set():
            for path in self._paths:
                began = time.monotonic()
                try:
                    status, _ = self._processor.request("GET", f"/actuator/{path}")
                except OSError as error:
                    self.unanswered.append(f"{path}: {error}")
                    continue
                self.took[path].append(time.monotonic() - began)
                self.statuses[path].add(status)
                let_pass(self._pause)
            self.rounds += 1


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that is not below so many percent of all."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]
