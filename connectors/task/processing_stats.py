"""How long batches take, measured once per batch and never per record."""

from time import monotonic

from connectors.records.batch import RecordBatch


class TimeWindowMax:
    """The largest value of the last one to two minutes."""

    SPAN_S = 60.0

    def __init__(self) -> None:
        """Start without values."""
        self._began, self._before, self._now = monotonic(), 0.0, 0.0

    def record(self, value: float) -> None:
        """Take a value into account."""
        if monotonic() - self._began > self.SPAN_S:
            self._turn()
        self._now = max(self._now, value)

    @property
    def value(self) -> float:
        """The largest value, 0 without any."""
        if monotonic() - self._began > self.SPAN_S:
            self._turn()
        return max(self._before, self._now)

    def _turn(self) -> None:
        is_latest = monotonic() - self._began <= 2 * self.SPAN_S
        self._before, self._now = self._now if is_latest else 0.0, 0.0
        self._began = monotonic()


class ProcessingStats:
    """Totals of records and seconds, and the longest time per record of a batch."""

    def __init__(self) -> None:
        """Start at zero."""
        self.batches = self.processed = 0
        self.step_seconds = self.write_seconds = 0.0
        self.longest_step, self.longest_write = TimeWindowMax(), TimeWindowMax()
        self._given_up = 0
        self.in_progress = False  # a batch is in the steps, or is being produced

    def start_batch(self, given_up: int) -> None:
        """Note that a batch goes to the steps.

        Args:
            given_up: Number of dead letters so far.
        """
        self._given_up, self.in_progress = given_up, True

    def finish_batch(self, batch: RecordBatch, steps: float, write: float, given_up: int) -> None:
        """Note that a batch is produced.

        Args:
            batch: The batch.
            steps: Seconds in the steps.
            write: Seconds in the producer.
            given_up: Number of dead letters so far.
        """
        taken, self.in_progress = batch.taken, False
        self.batches += 1
        self.processed += max(0, taken - (given_up - self._given_up))
        self.step_seconds += steps
        self.write_seconds += write
        self.longest_step.record(steps / max(1, taken))
        self.longest_write.record(write / max(1, taken))
