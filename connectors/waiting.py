"""How a lane waits: the partitions are held and the consumer is polled, so that the membership stays and a stop is heeded."""

import time
from collections.abc import Callable
from time import monotonic

from connectors.errors import Interrupted
from connectors.input import Input
from connectors.membership import Membership
from runtime.lifecycle import Lifecycle

TURN = 0.1  # seconds between two looks at what is waited for
FULL_QUEUE = 0.005  # seconds between two tries on a full queue: the broker takes some thousand records in that time
PATIENCE = 0.2  # seconds a full queue is put up with before the input is held
POLL_WITHIN_S = 5.0  # many short waits of one batch: the consumer is polled all the same, long before max.poll.interval.ms


class Waiting:
    """Waits through the input; rebalance callbacks run in here."""

    def __init__(self, source: Input, membership: Membership, lifecycle: Lifecycle, tell: Callable[[], None]) -> None:
        """`tell` is called now and then, to publish that the lane lives."""
        self._input = source
        self._membership = membership
        self._lifecycle = lifecycle
        self._tell = tell

    def idle(self, seconds: float) -> None:
        """Keep the membership for a moment."""
        self._input.idle(seconds)
        self._tell()

    def until(self, ready: Callable[[], bool]) -> None:
        """Wait with a batch in hand, also through a stop. Raises Interrupted at a rebalance: whoever is next reads the batch again."""
        rebalances, patient_until = self._membership.rebalances, monotonic() + PATIENCE
        try:
            while not ready():
                if monotonic() < min(patient_until, self._input.polled_at + POLL_WITHIN_S):
                    time.sleep(FULL_QUEUE)
                    continue
                self._membership.hold("output")
                self.idle(TURN)
                if self._membership.rebalances != rebalances:
                    raise Interrupted
        finally:
            self._membership.release("output")

    def seconds(self, seconds: float) -> None:
        """Likewise, for a time, before anything of the batch is produced. Raises Interrupted also at a stop: nothing is doubled."""
        end = monotonic() + seconds
        self.until_stop(lambda: monotonic() >= end)

    def until_stop(self, ready: Callable[[], bool]) -> None:
        """As until(), before anything of the batch is produced. Raises Interrupted also at a stop: nothing is doubled."""

        def over() -> bool:
            if self._lifecycle.stopping:
                raise Interrupted
            return ready()

        self.until(over)
