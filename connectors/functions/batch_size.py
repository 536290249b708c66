"""The size of batches: a slow function must not cost membership, a commit or a stop."""

# Seconds a function may be busy with one batch. A stop waits that long at most, and it is far below
# max.poll.interval.ms.
BATCH_TIME_LIMIT_S = 0.5
# A batch is at most this many times its predecessor: the first records of a slow function come one
# by one.
MAX_GROWTH_FACTOR = 16
# Share of the remembered cost that survives a cheaper batch: a function that is slow now and then
# stays expected to be.
COST_DECAY = 0.8

# Values that the records of one batch become, at most: a stop waits until all of them are produced.
BATCH_VALUES = 100_000


class BatchSizer:
    """The size of the next batch, from a moving cost per record."""

    def __init__(self, limit: int) -> None:
        """`limit`: records a batch has at most (python-processor.batch-size)."""
        self._limit = limit
        self._cost = 0.0  # seconds per record
        self._share = 0.0  # of BATCH_VALUES, per record
        self.size = 1

    def observe(self, seconds: float, records: int, values: int = 0) -> None:
        """Learn from a batch.

        Args:
            seconds: How long the steps were busy.
            records: How many records were read.
            values: How many values they became.
        """
        self._cost = max(seconds / records, COST_DECAY * self._cost)
        self._share = max(values / records / BATCH_VALUES, COST_DECAY * self._share)
        affordable = int(
            min(
                BATCH_TIME_LIMIT_S / self._cost if self._cost else self._limit,
                1 / self._share if self._share else self._limit,
            )
        )
        self.size = max(1, min(self._limit, affordable, MAX_GROWTH_FACTOR * self.size))
