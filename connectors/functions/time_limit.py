"""Ends a step when its time is up, at no cost per record: looking at the clock for each one would
take longer than many functions do.
"""

import threading
import time
from typing import Any

# Seconds between two looks at the clock; to be woken for every batch would cost the lane more than
# that does.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list that somebody is iterating over, when it is time: the iteration then ends with
    the record it is at.
    """

    def __init__(self) -> None:
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        threading.Thread(target=self._watch, name="cutter", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty `values`, which must be a copy, at `ends_at` (monotonic seconds). Takes the place
        of what was armed before.
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
