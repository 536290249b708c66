"""The parts of a task around a producer that rejects single records."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from confluent_kafka import Consumer, KafkaError, KafkaException

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.batch_writer import BatchWriter
from connectors.commit.committer import Committer
from connectors.errors.exceptions import ConnectorError
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.calls import StepTimer
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from tests.fakes.boundary.records import MAX_ROUNDS, SOURCE, TOO_LARGE, Record
from tests.fakes.consume.consumers import current


@dataclass
class World:
    records: list[Record]
    flow: list[str]
    out: list[tuple[str, bytes | None, list[tuple[str, bytes]]]] = field(default_factory=list)
    pending: list[tuple[str, bytes | None, list[tuple[str, bytes]]]] = field(default_factory=list)
    refused: list[KafkaError] = field(default_factory=list)
    rejections: dict[int, int] = field(default_factory=dict)


def world_message(world: World) -> Any:
    class Received:
        """A received message. Its headers may be read again only if they could be read."""

        def __init__(self, offset: int) -> None:
            self._offset, self._broken = offset, False

        def value(self) -> bytes | None:
            return world.records[self._offset].value

        def key(self) -> bytes:
            return b"%d" % self._offset

        def topic(self) -> str:
            return SOURCE[0]

        def partition(self) -> int:
            return SOURCE[1]

        def offset(self) -> int:
            return self._offset

        def timestamp(self) -> tuple[int, int]:
            return 1, 0

        def headers(self) -> list[tuple[str, bytes]]:
            assert not self._broken, "this crashes the process"
            self._broken = world.records[self._offset].fate == "headers"
            world.records[self._offset].raise_at("headers")
            return [("contentType", b"text/plain")]

    return Received


class FakeProducer:
    """Takes records, refuses some at once, and others when the broker is asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._full: set[int] = set()

    def produce(self, topic: str, value: Any, key: bytes, *rest: Any) -> None:
        world = self._world
        headers = rest[4] if rest else []
        if topic != "out":
            self._produce_letter(topic, value, headers)
            return
        if isinstance(value, str):
            value = value.encode()
        if not isinstance(value, bytes | None):
            raise TypeError
        number = int(key)
        record = world.records[number]
        if record.fate == "full queue" and number not in self._full:
            self._full.add(number)
            raise BufferError
        record.raise_at("produce")
        if record.fate == "too large":
            raise KafkaException(TOO_LARGE)
        record.produced_values += 1
        if record.produced_values > 1:
            record.raise_at("later produce")
        if record.fate == "broker":
            world.refused.append(TOO_LARGE)
        world.pending.append((topic, value, [("number", key)]))

    def _produce_letter(self, topic: str, value: Any, headers: list[tuple[str, bytes]]) -> None:
        world = self._world
        number = int.from_bytes(dict(headers)["x-original-offset"], "big")
        record = world.records[number]
        omitted = [
            part for part in dict(headers).get("x-dead-letter-omitted", b"").split(b",") if part
        ]
        if record.fate == "headers":
            omitted.remove(b"headers")
        if len(omitted) < record.refused_forms:
            if not record.refused_by_broker:
                raise KafkaException(TOO_LARGE)
            world.refused.append(TOO_LARGE)
        world.pending.append((topic, value, headers))

    def poll(self, _seconds: float) -> int:
        return 0

    def flush(self, _seconds: float) -> int:
        return 0

    def __len__(self) -> int:
        return 0


class FakeOutput(RecordProducer):
    def __init__(self, world: World, options: Settings) -> None:
        self.world = world
        super().__init__(options, BrokerStatus([]))
        for part in (self._records, self._records._divided):
            part._partitioner = self  # type: ignore[assignment]

    def _make(self) -> Any:
        return FakeProducer(self.world)

    def with_partition(
        self, message: Any, _received: Any, arguments: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        self.world.records[message.offset()].raise_at("placement")
        return arguments

    def flush(self, timeout: float) -> bool:
        if self.world.refused:
            error = self.world.refused.pop()
            self.world.refused.clear()
            self._on_delivery(error, self)  # type: ignore[arg-type]
        return super().flush(timeout)

    def topic(self) -> str:
        return "out"


class Committing(Committer):
    commits_are_cheap = True

    def commit(self) -> bool:
        return True

    def on_revoking(self) -> None:
        pass

    def rewind(self) -> None:
        pass


def functions(world: World) -> dict[str, Callable[[RecordBatch, str], RecordBatch]]:
    def fail(value: bytes, *, last: bool) -> Any:
        record = world.records[int(value.split(b":")[0])]
        if last:
            record.raise_at("step")
            if record.fate in ("no bytes", "no UTF-8"):
                return object() if record.fate == "no bytes" else "\ud83d"
            if value.endswith(b"b"):
                record.raise_at("later value")
        return value

    def keep(value: bytes) -> Any:
        return not world.records[int(value.split(b":")[0])].dropped

    return {
        "map": lambda batch, step: batch.map(step, lambda value: fail(value, last=False)),
        "charset": lambda batch, step: batch.map(
            step,
            lambda value, charset: value,  # noqa: ARG005
            wants_charset=True,
        ),
        "flat_map": lambda batch, step: batch.flat_map(
            step, lambda value: iter([value + b"a", value + b"b"])
        ),
        "filter": lambda batch, step: batch.filter(step, keep),
        "last": lambda batch, step: batch.map(step, lambda value: fail(value, last=True)),
    }


def run(world: World, **options: Any) -> str | None:
    """Move all records; the one line of a stop, or None."""
    wanted: dict[str, Any] = {
        "group": "g",
        "output_destination": "out",
        "max_attempts": 2,
        "back_off_initial_interval": 0.0,
    }
    chosen = Settings(**(wanted | options))
    letters = DeadLetterQueue(chosen)
    if letters.wanted:
        letters.found("error.in.g", 1)
    output = FakeOutput(world, chosen)
    committer = Committing(current(Consumer({"bootstrap.servers": "", "group.id": "g"})), 1)
    retry_policy = RetryPolicy(chosen, letters, lambda _: None)
    received, steps, step_timer = world_message(world), functions(world), StepTimer()

    def wait(ready: Callable[[], bool]) -> None:
        assert ready()

    writer = BatchWriter(output, committer, retry_policy, wait, lambda _: True)
    position = 0
    with (
        patch("connectors.records.columns.Message", received),
        patch("connectors.records.function_calls.Message", received),
        patch("connectors.produce.record_writer.Message", received),
    ):
        for _ in range(MAX_ROUNDS):
            if position == len(world.records):
                return None
            committer._fallback[SOURCE] = position
            end = min(len(world.records), position + writer.max_records(100, {SOURCE}))
            batch = RecordBatch(
                [received(offset) for offset in range(position, end)],
                {SOURCE: end},
                retry_policy.recover,
                step_timer,
            )
            for number, step in enumerate([*world.flow, "last"]):
                if not batch.error:
                    steps[step](batch, f"{step}-{number}")
            try:
                writer.write(batch)
                assert output.flush(0)
            except ConnectorError as error:
                for record in world.records:
                    record.produced_values = 0
                world.pending.clear()
                world.refused.clear()
                if not writer.search_for_rejected(error, batch.next_offsets):
                    return str(error)
                continue
            world.out += world.pending
            world.pending.clear()
            position = end
    raise AssertionError("it goes round in circles")
