"""How a task waits: the partitions are paused and both clients are polled.

So the consumer stays in its group, and a stop takes effect. A client that is not polled keeps its
statistics, one document a second.
"""

import time
from collections.abc import Callable
from time import monotonic

from connectors.consume.assignment import PartitionAssignment
from connectors.consume.record_consumer import RecordConsumer
from connectors.errors.exceptions import Interrupted
from runtime.lifecycle import Lifecycle

POLL_TIMEOUT_S = 0.1  # of one poll, between two checks of the condition
# Between two tries on a full queue. The broker takes some thousand records in that time.
QUEUE_FULL_RETRY_S = 0.005
QUEUE_FULL_PAUSE_AFTER_S = 0.2  # a full queue pauses the input after this time
# One batch can wait often and shortly. The consumer is polled within this time, long before
# max.poll.interval.ms.
POLL_WITHIN_S = 5.0


class Backpressure:
    """Waits on the task's thread. Rebalance callbacks run in its methods."""

    def __init__(
        self,
        record_consumer: RecordConsumer,
        assignment: PartitionAssignment,
        lifecycle: Lifecycle,
        poll_producer: Callable[[], None],
        publish_status: Callable[[], None],
    ) -> None:
        """Make a way to wait.

        Args:
            record_consumer: Is polled meanwhile.
            assignment: Is paused meanwhile.
            lifecycle: Says whether a stop was requested.
            poll_producer: Called at each poll. Must not raise.
            publish_status: Called at each poll, so that the status shows that the task is alive.
        """
        self._record_consumer = record_consumer
        self._assignment = assignment
        self._lifecycle = lifecycle
        self._poll_producer = poll_producer
        self._publish_status = publish_status

    def poll_paused(self, seconds: float) -> None:
        """Poll the paused consumer, and the producer.

        Args:
            seconds: How long to block at most.
        """
        self._record_consumer.poll_paused(seconds)
        self._poll_producer()
        self._publish_status()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait with a batch in flight, also through a stop.

        Args:
            ready: Asked again and again until it returns True.

        Raises:
            Interrupted: A rebalance has happened. The next owner of the partitions reads the batch
                again.
        """
        changes = self._assignment.changes
        pause_at = monotonic() + QUEUE_FULL_PAUSE_AFTER_S
        try:
            while not ready():
                if monotonic() < min(pause_at, self._record_consumer.polled_at + POLL_WITHIN_S):
                    time.sleep(QUEUE_FULL_RETRY_S)
                    continue
                self._assignment.pause("output")
                self.poll_paused(POLL_TIMEOUT_S)
                if self._assignment.changes != changes:
                    raise Interrupted
        finally:
            self._assignment.resume("output")

    def sleep(self, seconds: float) -> None:
        """Wait before any record of the batch is produced.

        Args:
            seconds: How long.

        Raises:
            Interrupted: A rebalance has happened, or a stop was requested. No record is doubled.
        """
        end = monotonic() + seconds
        self.until_stop(lambda: monotonic() >= end)

    def until_stop(self, ready: Callable[[], bool]) -> None:
        """Wait as `wait_until` does, before any record of the batch is produced.

        Args:
            ready: Asked again and again until it returns True.

        Raises:
            Interrupted: A rebalance has happened, or a stop was requested. No record is doubled.
        """

        def over() -> bool:
            if self._lifecycle.stopping:
                raise Interrupted
            return ready()

        self.wait_until(over)
