"""How long the steps may take for one batch: the size of the next batch, and the end of a step
whose time is up.

So a slow function never costs the group membership, a commit or a stop.
"""

import threading
import time
from typing import Any

from confluent_kafka import Message

# The most time of a batch in the steps. A stop waits that long at most. It is far below
# max.poll.interval.ms.
BATCH_TIME_LIMIT_S = 0.5
# A batch is at most this many times as large as its predecessor. So a slow function gets its first
# records one by one.
MAX_GROWTH_FACTOR = 16
# How much of the former cost is kept after a cheaper batch. So a function that is slow now and then
# is still expected to be.
COST_DECAY = 0.8

# The most values of a batch. A stop waits until all of them are produced.
BATCH_VALUES = 100_000

# The most bytes of the received values of a batch, by the mean size in the batch before. What a
# function makes of the values comes on top. The client's own queues are larger
# (queued.max.messages.kbytes).
BATCH_BYTES = 8 << 20
# The number of records of a batch whose size is read. Reading each would slow short records down.
SAMPLED_RECORDS = 16

# Between two reads of the clock. A wake-up for every batch would cost the task more.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list during its iteration when time is up. The iteration then ends with the present
    record.

    Reading the clock for each record would cost more than many functions.
    """

    def __init__(self) -> None:
        """Start without a limit."""
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        """Start the daemon thread that reads the clock."""
        threading.Thread(target=self._watch, name="cutter", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty a list when time is up. Replaces the limit before. Does not block.

        Args:
            values: A copy, which is being iterated over.
            ends_at: Monotonic seconds.
        """
        self._armed = values, ends_at

    def end(self) -> None:
        """Empty the list now."""
        if self._armed:
            self._armed[0].clear()

    def _watch(self) -> None:
        while True:
            time.sleep(TIMER_TICK_S)
            armed = self._armed
            if armed and time.monotonic() > armed[1]:
                armed[0].clear()


def mean_bytes(messages: list[Message]) -> float:
    """Return the mean size of the values of some of the messages, spread over all of them."""
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
        # Of BATCH_VALUES or BATCH_BYTES, per record.
        self._share = 0.0
        self.size = 1

    def observe(
        self, seconds: float, records: int, values: int = 0, record_bytes: float = 0.0
    ) -> None:
        """Take a batch into account.

        Args:
            seconds: How long the steps were busy.
            records: How many records the batch had.
            values: How many values they became.
            record_bytes: The mean size of a received value.
        """
        self._cost = max(seconds / records, COST_DECAY * self._cost)
        share = max(values / records / BATCH_VALUES, record_bytes / BATCH_BYTES)
        self._share = max(share, COST_DECAY * self._share)
        affordable = int(
            min(
                BATCH_TIME_LIMIT_S / self._cost if self._cost else self._limit,
                1 / self._share if self._share else self._limit,
            )
        )
        self.size = max(1, min(self._limit, affordable, MAX_GROWTH_FACTOR * self.size))
