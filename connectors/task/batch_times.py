"""How long batches take: the size of the next batch, and statistics. Measured once per batch."""

from time import monotonic

from confluent_kafka import Message

from connectors.functions.calls import BATCH_TIME_LIMIT_S
from connectors.functions.division import BATCH_VALUES
from connectors.records.batch import RecordBatch

# A batch is at most this many times as large as its predecessor. So a slow function gets its first
# records one by one.
MAX_GROWTH_FACTOR = 16
# The part of the former cost that stays after a cheaper batch. A function that is sometimes slow is
# expected to be slow again.
COST_DECAY = 0.8
# The most bytes of the received values of a batch, by the mean size in the batch before. A
# function's results need memory besides. The client's own queues are larger
# (queued.max.messages.kbytes).
RECEIVED_BYTES = 8 << 20
# The records of a batch whose size is read. Reading all sizes would cost too much for short
# records.
SAMPLED_RECORDS = 16


def mean_bytes(messages: list[Message]) -> float:
    """Return the mean size of the values, by a sample that is spread over the messages.

    Args:
        messages: The records of a batch.

    Returns:
        Bytes.
    """
    sampled = messages[:: max(1, len(messages) // SAMPLED_RECORDS)]
    return sum(map(len, sampled)) / max(1, len(sampled))


class BatchSizer:
    """The size of the next batch, by a moving average of the cost per record."""

    def __init__(self, limit: int) -> None:
        """Start with small batches.

        Args:
            limit: The most records of a batch (python-processor.batch-size).
        """
        self._limit = limit
        self._cost = 0.0  # seconds per record
        # The part of BATCH_VALUES or RECEIVED_BYTES that a record takes.
        self._share = 0.0
        self.size = 1

    def observe(
        self, seconds: float, records: int, values: int = 0, record_bytes: float = 0.0
    ) -> None:
        """Note the cost of a batch, and adapt the size.

        Args:
            seconds: How long the steps were busy.
            records: How many records the batch had.
            values: How many values the steps made of them.
            record_bytes: The mean size of a received value.
        """
        self._cost = max(seconds / records, COST_DECAY * self._cost)
        share = max(values / records / BATCH_VALUES, record_bytes / RECEIVED_BYTES)
        self._share = max(share, COST_DECAY * self._share)
        affordable = int(
            min(
                BATCH_TIME_LIMIT_S / self._cost if self._cost else self._limit,
                1 / self._share if self._share else self._limit,
            )
        )
        self.size = max(1, min(self._limit, affordable, MAX_GROWTH_FACTOR * self.size))


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
