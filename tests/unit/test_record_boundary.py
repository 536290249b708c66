"""The invariant of a record: it is out with all its values, a dead letter, dropped or skipped; or the stream stops with one line.

Random flows meet random errors at every point that a record passes. Producer, broker and messages are stand-ins; an output transaction
is aborted where the lane would read again.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import patch

from confluent_kafka import Consumer, KafkaError, KafkaException
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Settings
from connectors.batch import Batch
from connectors.brokers import Brokers
from connectors.cutter import Cutter
from connectors.dead_letters import DeadLetters
from connectors.errors import ClientError, ConnectorError, FunctionError, Interrupted, PlacementError
from connectors.guarantee import Guarantee
from connectors.known import Known
from connectors.output import Output
from connectors.recovery import Recovery
from connectors.writer import Writer
from tests.unit.consumers import current

SOURCE = ("in", 0)
TOO_LARGE = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
MAX_ROUNDS = 200


class NoTextError(Exception):
    """Nothing can be asked of it."""

    __module__ = 7  # type: ignore[assignment]

    def __str__(self) -> str:
        raise SystemExit(0)

    __repr__ = __str__

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise OSError

    @property
    def __cause__(self) -> Any:  # type: ignore[override]
        return type(self)()

    @property
    def __notes__(self) -> Any:  # type: ignore[override]
        raise KeyboardInterrupt


class OddTextError(Exception):
    def __str__(self) -> str:
        return cast("str", 7)


class HugeTextError(Exception):
    def __str__(self) -> str:
        return "\n" * 1_000_000


ERRORS: dict[str, Callable[[], BaseException]] = {
    **{
        kind.__name__: kind
        for kind in (ValueError, RecursionError, OverflowError, LookupError, MemoryError, BufferError, StopIteration)
    },
    **{kind.__name__: kind for kind in (SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError, BaseException)},
    **{kind.__name__: kind for kind in (NoTextError, OddTextError, HugeTextError, Interrupted, StopAsyncIteration, struct.error)},
    "UnicodeError": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "Group": lambda: BaseExceptionGroup("group", [KeyboardInterrupt(), NoTextError()]),
    "KafkaException": lambda: KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
    "ClientError": lambda: ClientError(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
    "PlacementError": lambda: PlacementError("the key"),
    "FunctionError": lambda: FunctionError("s", "in", 0, 0, "mine"),
}
# Of the client these mean what they say: that the queue is full, or that the producer has failed.
OF_THE_CLIENT = {"BufferError", "KafkaException", "ClientError", "FunctionError", "Interrupted"}
NOT_RAISED = {
    "headers": OF_THE_CLIENT | {"PlacementError"},
    **dict.fromkeys(("produce", "later produce", "placement"), OF_THE_CLIENT),
}
STEP_FATES = ["step", "later value", "no bytes", "no UTF-8"]
FATES = [None, None, None, "headers", "placement", "produce", "later produce", "full queue", "too large", "broker", *STEP_FATES]


@dataclass
class Record:
    """What happens to one record, and where."""

    fate: str | None
    error: str
    value: bytes | None
    dropped: bool
    refused_forms: int  # forms of its dead letter that are refused
    refused_by_broker: bool
    produced_values: int = 0

    def raise_at(self, fate: str) -> None:
        if self.fate == fate:
            raise ERRORS[self.error]()  # noqa: RSE102 - some are functions


@dataclass
class World:
    records: list[Record]
    flow: list[str]
    out: list[tuple[str, bytes | None, list[tuple[str, bytes]]]] = field(default_factory=list)
    pending: list[tuple[str, bytes | None, list[tuple[str, bytes]]]] = field(default_factory=list)
    refused: list[KafkaError] = field(default_factory=list)
    refusals: dict[int, int] = field(default_factory=dict)


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
        omitted = [part for part in dict(headers).get("x-dead-letter-omitted", b"").split(b",") if part]
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


class FakeOutput(Output):
    def __init__(self, world: World, options: Settings) -> None:
        self.world = world
        super().__init__(options, Brokers([]))
        self._records._partitioner = self  # type: ignore[assignment]

    def _make(self) -> Any:
        self._known = Known()
        self._store_version = self._brokers.store_version
        return FakeProducer(self.world)

    def placed(self, message: Any, _received: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        self.world.records[message.offset()].raise_at("placement")
        return arguments

    def delivered(self, timeout: float) -> bool:
        if self.world.refused:
            error = self.world.refused.pop()
            self.world.refused.clear()
            self._on_delivery(error, self)  # type: ignore[arg-type]
        return super().delivered(timeout)

    def topic(self) -> str:
        return "out"


class Committing(Guarantee):
    cheap = True

    def commit(self) -> bool:
        return True

    def before_revoke(self) -> None:
        pass

    def start_over(self) -> None:
        pass


def functions(world: World) -> dict[str, Callable[[Batch, str], Batch]]:
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
        "charset": lambda batch, step: batch.map(step, lambda value, charset: value, wants_charset=True),  # noqa: ARG005
        "flat_map": lambda batch, step: batch.flat_map(step, lambda value: iter([value + b"a", value + b"b"])),
        "filter": lambda batch, step: batch.filter(step, keep),
        "last": lambda batch, step: batch.map(step, lambda value: fail(value, last=True)),
    }


def run(world: World, **options: Any) -> str | None:
    """Move all records; the one line of a stop, or None."""
    wanted: dict[str, Any] = {"group": "g", "output_destination": "out", "max_attempts": 2, "back_off_initial_interval": 0.0}
    chosen = Settings(**(wanted | options))
    letters = DeadLetters(chosen)
    if letters.wanted:
        letters.found("error.in.g", 1)
    output = FakeOutput(world, chosen)
    guarantee = Committing(current(Consumer({"bootstrap.servers": "", "group.id": "g"})), 1)
    recovery = Recovery(chosen, letters, lambda _: None)
    received, steps, cutter = world_message(world), functions(world), Cutter()

    def wait(ready: Callable[[], bool]) -> None:
        assert ready()

    writer = Writer(output, guarantee, recovery, wait, lambda _: True)
    position = 0
    with patch("connectors.batch.Message", received), patch("connectors.record_writer.Message", received):
        for _ in range(MAX_ROUNDS):
            if position == len(world.records):
                return None
            guarantee._first[SOURCE] = position
            end = min(len(world.records), position + writer.limit(100, {SOURCE}))
            batch = Batch([received(offset) for offset in range(position, end)], {SOURCE: end}, recovery.recover, cutter)
            for number, step in enumerate([*world.flow, "last"]):
                if not batch.failure:
                    steps[step](batch, f"{step}-{number}")
            try:
                writer.write(batch)
                assert output.delivered(0)
            except ConnectorError as error:
                for record in world.records:
                    record.produced_values = 0
                world.pending.clear()
                world.refused.clear()
                if not writer.searches_for(error, batch.positions):
                    return str(error)
                continue
            world.out += world.pending
            world.pending.clear()
            position = end
    raise AssertionError("it goes round in circles")


def values_of(world: World, number: int) -> list[bytes | None]:
    """What the record becomes in the output if nothing is wrong."""
    record = world.records[number]
    if record.value is None:
        return [None]
    if record.dropped and "filter" in world.flow:
        return []
    values = [record.value]
    for step in world.flow:
        if step == "flat_map":
            values = [value + end for value in values for end in (b"a", b"b")]
    return list(values)


def fails(world: World, number: int) -> bool:
    """Whether the record meets its fate: only where it comes by, and a null value is given to no function."""
    record = world.records[number]
    values = values_of(world, number)
    match record.fate:
        case None | "full queue":
            return False
        case "headers":
            return bool(values) or "charset" in world.flow or world.flow.count("filter") > 0
        case "later value":
            return any((value or b"").endswith(b"b") for value in values)
        case "later produce":
            return len(values) > 1
        case fate if fate in STEP_FATES:
            return bool(values) and record.value is not None
        case _:
            return bool(values)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    flow = draw(st.lists(st.sampled_from(["map", "charset", "flat_map", "filter"]), max_size=4))
    records = []
    for number in range(draw(st.integers(1, 8))):
        fate = draw(st.sampled_from(FATES))
        allowed = sorted(ERRORS.keys() - NOT_RAISED.get(fate or "", set()))
        value = draw(st.sampled_from([b"%d:" % number, b"%d:" % number, None]))
        error = draw(st.sampled_from(allowed))
        records.append(
            Record(fate, error, value, draw(st.booleans()), draw(st.integers(0, 2 if value is None else 3)), draw(st.booleans()))
        )
    return World(records, flow)


def results(world: World, number: int) -> tuple[list[bytes | None], int]:
    """The record's values in the output and the number of its dead letters."""
    key, offset = b"%d" % number, number.to_bytes(8, "big")
    values = [value for topic, value, headers in world.out if topic == "out" and dict(headers)["number"] == key]
    return values, sum(topic != "out" and dict(headers)["x-original-offset"] == offset for topic, _, headers in world.out)


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_every_record_has_one_end(world: World) -> None:
    assert run(world) is None
    for number, record in enumerate(world.records):
        values, letters = results(world, number)
        if record.fate == "headers" and not values_of(world, number):  # dropped before or after its headers were read
            assert (values, letters) in (([], 0), ([], 1))
            continue
        expected = ([], 1) if fails(world, number) else (values_of(world, number), 0)
        assert (values, letters) == expected, (number, record, world.flow)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_without_dlq_records_are_skipped(world: World) -> None:
    assert run(world, enable_dlq=False) is None
    for number in range(len(world.records)):
        values, letters = results(world, number)
        assert (values, letters) == ([] if fails(world, number) else values_of(world, number), 0)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_a_stop_is_one_line(world: World) -> None:
    """Nothing can take the record: the stream stops before it, and what is out is complete."""
    line = run(world, group="")
    first = next((number for number in range(len(world.records)) if fails(world, number)), None)
    if first is None:
        assert line is None
        return
    assert line is not None
    assert len(line.splitlines()) == 1
    for number in range(len(world.records)):
        assert results(world, number) in (([], 0), (values_of(world, number), 0))
