"""How a task waits: the partitions are paused and the consumer is polled, so the membership stays
and a stop takes effect.
"""

import time
from collections.abc import Callable
from time import monotonic

from connectors.consume.assignment import PartitionAssignment
from connectors.consume.record_consumer import RecordConsumer
from connectors.errors.exceptions import Interrupted
from runtime.lifecycle import Lifecycle

POLL_TIMEOUT_S = 0.1  # seconds between two looks at what is waited for
# Seconds between two tries on a full queue: the broker takes some thousand records in that time.
QUEUE_FULL_RETRY_S = 0.005
QUEUE_FULL_PAUSE_AFTER_S = 0.2  # seconds a full queue is put up with before the input is held
# Many short waits of one batch: the consumer is polled all the same, long before
# max.poll.interval.ms.
POLL_WITHIN_S = 5.0


class Backpressure:
    """Waits through the input; rebalance callbacks run in here."""

    def __init__(
        self,
        source: RecordConsumer,
        assignment: PartitionAssignment,
        lifecycle: Lifecycle,
        tell: Callable[[], None],
    ) -> None:
        """`tell` is called now and then, to publish that the lane lives."""
        self._input = source
        self._assignment = assignment
        self._lifecycle = lifecycle
        self._publish_status = tell

    def poll_paused(self, seconds: float) -> None:
        """Keep the membership for a moment."""
        self._input.poll_paused(seconds)
        self._publish_status()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait with a batch in hand, also through a stop. Raises Interrupted at a rebalance: the
        next owner reads the batch again.
        """
        rebalances, patient_until = (
            self._assignment.rebalances,
            monotonic() + QUEUE_FULL_PAUSE_AFTER_S,
        )
        try:
            while not ready():
                if monotonic() < min(patient_until, self._input.polled_at + POLL_WITHIN_S):
                    time.sleep(QUEUE_FULL_RETRY_S)
                    continue
                self._assignment.pause("output")
                self.poll_paused(POLL_TIMEOUT_S)
                if self._assignment.rebalances != rebalances:
                    raise Interrupted
        finally:
            self._assignment.resume("output")

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` before anything of the batch is produced. Raises Interrupted also at a
        stop: nothing is doubled.
        """
        end = monotonic() + seconds
        self.until_stop(lambda: monotonic() >= end)

    def until_stop(self, ready: Callable[[], bool]) -> None:
        """As until(), before anything of the batch is produced. Raises Interrupted also at a stop:
        nothing is doubled.
        """

        def over() -> bool:
            if self._lifecycle.stopping:
                raise Interrupted
            return ready()

        self.wait_until(over)
