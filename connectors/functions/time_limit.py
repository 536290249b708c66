"""How long the steps may take for one batch: the size of the next batch, and the end of a step
whose time is up. So a slow function never costs the group membership, a commit or a stop.
"""

import threading
import time
from typing import Any

from confluent_kafka import Message

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

# Bytes of received values that a batch has, as far as the batch before tells. What a function makes
# of them comes on top. The client's own queues are larger (queued.max.messages.kbytes).
BATCH_BYTES = 8 << 20
# Records of a batch whose size is looked at: work for each record would slow short ones down.
SAMPLED_RECORDS = 16

# Seconds between two looks at the clock; to be woken for every batch would cost the task more than
# that does.
TIMER_TICK_S = 0.05


class StepTimer:
    """Empties a list during its iteration when time is up: that ends with the present record.

    A clock for each record would cost more than many functions.
    """

    def __init__(self) -> None:
        self._armed: tuple[list[Any], float] | None = None

    def start(self) -> None:
        """Start the daemon thread that looks at the clock."""
        threading.Thread(target=self._watch, name="cutter", daemon=True).start()

    def limit(self, values: list[Any], ends_at: float) -> None:
        """Empty a list when time is up. Replaces the limit before. Does not block.

        Args:
            values: A copy, which is being iterated over.
            ends_at: Monotonic seconds.
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


def mean_bytes(messages: list[Message]) -> float:
    """Return the mean size of the values of some of the messages, spread over all of them."""
    sampled = messages[:: max(1, len(messages) // SAMPLED_RECORDS)]
    return sum(map(len, sampled)) / max(1, len(sampled))


class BatchSizer:
    """The size of the next batch, from a moving cost per record."""

    def __init__(self, limit: int) -> None:
        """`limit`: records a batch has at most (python-processor.batch-size)."""
        self._limit = limit
        self._cost = 0.0  # seconds per record
        # Of BATCH_VALUES or BATCH_BYTES, per record.
        self._share = 0.0
        self.size = 1

    def observe(
        self, seconds: float, records: int, values: int = 0, record_bytes: float = 0.0
    ) -> None:
        """Learn from a batch.

        Args:
            seconds: The steps were busy for so long.
            records: In the batch.
            values: What the records became.
            record_bytes: Mean size of a received value.
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
