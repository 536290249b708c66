"""An event loop for async functions, with retries that take no time."""

import time
from collections.abc import Callable

from config import Settings
from connectors.errors.exceptions import (
    Interrupted,
)
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.calls import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.overlapping import Overlapping
from connectors.records.batch import RecordBatch
from connectors.records.messages import topic_partition
from tests.fakes.messages import message

LIMIT = 3


class Made:
    """An event loop, and retries whose waits are written down and take no time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.is_interrupted = False
        self.calls = AsyncCalls(limit, self.wait)
        chosen = Settings(group="g")
        letters = DeadLetterQueue(chosen)
        letters.found("error.in.g", 1)
        self.waits: list[float] = []
        self.retry_policy = RetryPolicy(chosen, letters, self.waits.append)

    def wait(self, ready: Callable[[], bool]) -> None:
        while not ready():
            if self.is_interrupted:
                raise Interrupted
            time.sleep(0.001)

    def batch(self, *values: bytes | None) -> RecordBatch:
        messages = [message(value, offset) for offset, value in enumerate(values)]
        ends = {topic_partition(each): int(each.offset() or 0) + 1 for each in messages}
        overlapping = Overlapping(self.calls, self.retry_policy.recover_all)
        return RecordBatch(
            messages, ends, self.retry_policy.recover, StepTimer(), overlapping=overlapping
        )


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]
