"""The real parts, run around stand-ins of the client."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

from confluent_kafka import KafkaError, KafkaException

import connectors.named_functions.async_calls
import connectors.records.columns
import connectors.records.function_calls
import connectors.records.messages
from config import Settings
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.calls import StepTimer
from connectors.named_functions.async_calls import AsyncCalls, Outcome
from connectors.named_functions.overlapping import Overlapping
from connectors.named_functions.steps import work_for
from connectors.produce.record_sizes import wire_bytes
from connectors.produce.record_writer import RecordWriter
from connectors.records.batch import RecordBatch
from connectors.records.messages import Headers
from tests.fakes.record_model.functions import function_of
from tests.fakes.record_model.world import (
    ATTEMPTS,
    HEADERS,
    MAX_BYTES,
    UNREADABLE,
    Given,
    Out,
    World,
    made,
)


class Hand(StepTimer):
    """A step timer without a thread: the functions end the step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def limit(self, values: list[Any], ends_at: float) -> None:
        super().limit(values, ends_at)
        self._world.armed = values


class Received:
    """A received message. Its headers may be read again only if they could be read."""

    def __init__(self, number: int, given_record: Given) -> None:
        self._number, self._given, self._is_broken = number, given_record, False

    def value(self) -> bytes | None:
        return None if self._given.is_null else made(self._number, "")

    def key(self) -> bytes | None:
        return self._given.key

    def topic(self) -> str:
        return "in"

    def partition(self) -> int:
        return self._given.partition

    def offset(self) -> int:
        return self._number

    def timestamp(self) -> tuple[int, int]:
        return 1, 0

    def headers(self) -> Headers | None:
        assert not self._is_broken, "this crashes the process"
        if self._given.headers == UNREADABLE:
            self._is_broken = True
            raise SystemError
        found = HEADERS[self._given.headers]
        return None if found is None else list(found)


class Producer:
    """Keeps what is produced, and refuses what is too large at once, as the client does."""

    def __init__(self) -> None:
        self.sent = list[Out]()
        self.letters = list[tuple[bytes | None, bytes | None, int]]()

    def __len__(self) -> int:
        return 0

    def produce(self, topic: str, value: Any, key: bytes | None, *rest: Any) -> None:
        headers = rest[4] if rest else []
        if topic != "output":
            self.letters.append(
                (key, value, int.from_bytes(dict(headers)["x-original-offset"], "big"))
            )
            return
        value = value.encode() if isinstance(value, str) else value
        if wire_bytes(value, key, headers) > MAX_BYTES:
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        self.sent.append((key, value, headers))


class Output:
    """The owner of the producer."""

    def __init__(self, producer: Any) -> None:
        self.producer = producer

    def raise_for_failed_delivery(self) -> None:
        pass

    def end_of_producer(self, _error: Any) -> Any:
        raise AssertionError


class Calls(AsyncCalls):
    """Calls of async functions, of which the functions themselves say when the time is up."""

    world: World

    def run(
        self,
        function: Callable[..., Any],
        rows: Sequence[Sequence[Any]],
        ends_at: float | None = None,
    ) -> list[Outcome]:
        self.world.is_time_up = False
        with patch.object(
            connectors.named_functions.async_calls,
            "monotonic",
            lambda: math.inf if self.world.is_time_up else 0.0,
        ):
            return super().run(function, rows, None if ends_at is None else 1.0)


def wait(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.0001)


CALLS = Calls(1, wait)


def run(world: World) -> tuple[Producer, RecordWriter]:
    """Move all records, and read again what was cut, as the task does."""
    options = Settings(
        group="g",
        output_destination="output",
        max_attempts=ATTEMPTS,
        back_off_initial_interval=0.0,
        binder_producer_properties={"max.request.size": str(MAX_BYTES)},
    )
    letters = DeadLetterQueue(options)
    letters.found("error.in.g", 3)
    retry_policy = RetryPolicy(options, letters, lambda _: None)
    producer = Producer()
    CALLS.world, CALLS.limit = world, world.limit
    overlapping = Overlapping(CALLS, retry_policy.recover_all)
    writer = RecordWriter(options, Output(producer))
    assert writer._divided._max_bytes == MAX_BYTES
    work = [
        work_for(f"f.{step}", function_of(world, step, kind))
        for step, kind in enumerate(world.flow)
    ]
    positions = dict[tuple[str, int], int]()
    while True:
        rest = [
            n
            for n, each in enumerate(world.records)
            if n >= positions.get(("in", each.partition), 0)
        ][: world.batch_size]
        if not rest:
            return producer, writer
        assert world.batches <= 2 * len(world.records), "it goes round in circles"
        messages: list[Any] = [Received(number, world.records[number]) for number in rest]
        ends = {("in", message.partition()): message.offset() + 1 for message in messages}
        batch = RecordBatch(
            messages, ends, retry_policy.recover, Hand(world), overlapping=overlapping
        )
        world.attempts.clear()
        for do in work:
            world.calls = 0
            if world.batches in world.late:
                batch.handed_out_at = -1e9
            batch = do(batch)
            assert batch.error is None
        writer.write(batch, lambda _: None, retry_policy.give_up)
        positions |= batch.next_offsets
        world.batches += 1
