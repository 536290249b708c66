"""Whether the producer's deliveries stall."""

from time import monotonic

# Without a delivery. A client finds a new leader sooner, and a slow broker answers sooner.
DELIVERY_STALL_S = 5.0


class StalledDelivery:
    """Watches the length of the producer's queue. On the task's thread."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        self._queued = 0
        self._moved_at = 0.0

    def is_stalled(self, queued: int) -> bool:
        """Whether no record was delivered for DELIVERY_STALL_S. True once in this time.

        Args:
            queued: How many records wait in the producer.
        """
        now = monotonic()
        if queued == 0 or queued != self._queued:
            self._queued, self._moved_at = queued, now
        elif now - self._moved_at > DELIVERY_STALL_S:
            self._moved_at = now
            return True
        return False
