"""Whether the producer's deliveries move on."""

from time import monotonic

# Seconds without a delivery, in which a client finds a new leader or a slow broker answers.
DELIVERY_STALL_S = 5.0


class StalledDelivery:
    """Looks at the length of the producer's queue."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        self._queued = 0
        self._moved_at = 0.0

    def is_stalled(self, queued: int) -> bool:
        """Whether there are records, and not one of them has been delivered for DELIVERY_STALL_S
        seconds; then again after as many.
        """
        now = monotonic()
        if queued == 0 or queued != self._queued:
            self._queued, self._moved_at = queued, now
        elif now - self._moved_at > DELIVERY_STALL_S:
            self._moved_at = now
            return True
        return False
