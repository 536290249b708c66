"""Ends a step when its time is up. A clock for each record would cost more than functions."""

import threading
import time
from typing import Any

# Seconds between two looks at the clock; to be woken for every batch would cost the task more than
# that does.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list during its iteration when time is up: that ends with the present record."""

    def __init__(self) -> None:
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        """Start the daemon thread that looks at the clock."""
        threading.Thread(target=self._watch, name="cutter", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty a list when time is up. Replaces the limit before. Does not block.

        Args:
            values: A copy, which is being iterated over.
            ends_at: Monotonic seconds.
        """
        self._armed = values, ends_at

    def end(self) -> None:
        """Empty now what is armed."""
        if self._armed:
            self._armed[0].clear()

    def _watch(self) -> None:
        while True:
            time.sleep(TIMER_TICK_S)
            armed = self._armed
            if armed and time.monotonic() > armed[1]:
                armed[0].clear()
