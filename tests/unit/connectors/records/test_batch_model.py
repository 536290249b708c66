"""Batch, Recovery and RecordWriter beside a model that takes one record at a time.

Random records go through random chains of functions that set keys and headers, give several values,
drop records and fail. Batches are cut, in a step and after a retry, and what is cut is read again.
Keys, headers and values have to stay with their record.
"""

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from confluent_kafka import KafkaError, KafkaException
from hypothesis import Phase, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import connectors.named_functions.async_calls
import connectors.records.columns
import connectors.records.function_calls
import connectors.records.headers
from config import Settings
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.time_limit import StepTimer
from connectors.named_functions.async_calls import AsyncCalls, Outcome
from connectors.named_functions.overlapping import Overlapping
from connectors.named_functions.rows import typed_headers
from connectors.named_functions.steps import work_for
from connectors.produce.record_sizes import wire_bytes
from connectors.produce.record_writer import RecordWriter
from connectors.records.batch import RecordBatch
from connectors.records.headers import TYPES, Headers, forward, with_content_type
from python_processor import Record

MAX_BYTES = 1000
LARGE = "x" * MAX_BYTES
ATTEMPTS = 3
JSON = b"application/json"
UNREADABLE, UNKNOWN = "unreadable", "unknown charset"
HEADERS: dict[str, Headers | None] = {
    "none": None,
    "plain": [("h", b"1")],
    "doubled": [("h", b"1"), ("h", None)],
    "latin": [("contentType", b"text/plain;charset=ISO-8859-1")],
    "typed": [("n", b"5"), (TYPES, b'{"n":"java.lang.Integer"}')],
    UNKNOWN: [("contentType", b"text/plain;charset=klingon")],
    UNREADABLE: [],
}
ACTIONS = ["drop", "fail", "fail once", "fail twice", "wrong", "large"]
WANTS_CODEC = {"charset", "text", "json with record", "record", "record of json", "split record"}
KINDS = [*sorted(WANTS_CODEC), "bytes", "json", "keep", "keep json", "split", "split json"]
KINDS += ["async bytes", "async json", "async record", "async keep", "async split json"]
Out = tuple[bytes | None, bytes | None, Headers]  # key, value, headers


@dataclass(frozen=True)
class Given:
    partition: int
    is_null: bool
    key: bytes | None
    headers: str


@dataclass
class World:
    records: list[Given]
    flow: list[str]
    # By step and record: the action, and the end of the values it is for.
    plan: dict[tuple[int, int], tuple[str, str]]
    # By batch and step: at which call of the function the time is up.
    cuts: dict[tuple[int, int], int]
    late: set[int]  # batches whose time is up at the first retry
    batch_size: int
    limit: int = 1  # calls of async functions that overlap
    batches: int = 0
    is_time_up: bool = False
    calls: int = 0
    attempts: dict[tuple[int, int, str], int] = field(default_factory=dict)
    armed: list[Any] = field(default_factory=list)
    charsets: set[str] = field(default_factory=set)  # that functions were called with

    def action(self, step: int, record: int, trail: str) -> str:
        action, end = self.plan.get((step, record), ("", ""))
        return action if trail.endswith(end) else ""

    def called(self, step: int, record: int, trail: str) -> str:
        """A function is called: what it does. It may raise, and its time may be up."""
        self.calls += 1
        if self.cuts.get((self.batches, step)) == self.calls:
            self.armed.clear()
            self.is_time_up = True
        action = self.action(step, record, trail)
        self.attempts[step, record, trail] = attempt = (
            self.attempts.get((step, record, trail), 0) + 1
        )
        if attempt <= {"fail": ATTEMPTS, "fail once": 1, "fail twice": 2}.get(action, 0):
            raise ValueError
        return action


def made(record: int, trail: str) -> bytes:
    return json.dumps({"record": record, "trail": trail}, separators=(",", ":")).encode()


def read(value: Any) -> tuple[int, str]:
    found = value if isinstance(value, dict) else json.loads(value)
    return found["record"], found["trail"]


# ---- the functions of the flow


def function_of(world: World, step: int, kind: str) -> Callable[..., Any]:  # noqa: C901, PLR0915 - one short function for each kind
    def become(value: Any, mark: str) -> bytes | None:
        record, trail = read(value)
        action = world.called(step, record, trail)
        if action == "wrong":
            return 5  # type: ignore[return-value]  # on purpose
        return (
            None if action == "drop" else made(record, trail + mark + LARGE * (action == "large"))
        )

    def become_json(value: Any, mark: str) -> Any:
        result = become(value, mark)
        return json.loads(result) if isinstance(result, bytes) else result

    def become_record(record: Record, value: Any, mark: str, part: str = "") -> Any:
        number, trail = read(value)
        action = world.called(step, number, trail)
        assert (record.offset, read(record.value)) == (number, (number, trail))
        if action == "drop":
            return None
        key = 5 if action == "wrong" else (record.key or b"") + f"{step}{part}".encode()
        more = LARGE if action == "large" else trail + part
        result = (
            json.loads(made(number, trail + mark + part))
            if mark == "j"
            else made(number, trail + mark + part)
        )
        return record.replace(value=result, key=key, headers={**record.headers, f"h{step}": more})  # type: ignore[arg-type]

    def as_bytes(value: bytes) -> bytes | None:
        return become(value, "b")

    def with_charset(value: bytes, charset: str) -> bytes | None:
        world.charsets.add(charset)
        return become(value, "c")

    def as_text(value: str) -> str | None:
        assert isinstance(value, str)
        result = become(value, "t")
        return result.decode() if isinstance(result, bytes) else result

    def as_json(value: dict[str, Any]) -> dict[str, Any] | None:
        return become_json(value, "j")  # type: ignore[no-any-return]

    def json_with_record(value: dict[str, Any], record: Record) -> dict[str, Any] | None:
        assert record.offset == value["record"]
        return become_json(value, "J")  # type: ignore[no-any-return]

    def as_record(record: Record) -> Record | None:
        return become_record(record, record.value, "r")  # type: ignore[no-any-return]

    def record_of_json(value: dict[str, Any], record: Record) -> Record | None:
        return become_record(record, value, "j")  # type: ignore[no-any-return]

    def keep(value: bytes) -> bool:
        result = become(value, "")
        return parts(None, bytes) if result == 5 else result is not None  # type: ignore[return-value, comparison-overlap]

    def keep_json(value: dict[str, Any]) -> bool:
        return keep(value)  # type: ignore[arg-type]

    def split(value: bytes) -> Iterator[bytes]:
        yield from parts(become(value, "s"), bytes)

    def split_json(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from parts(become(value, "s"), json.loads)

    def parts(result: Any, convert: Callable[[bytes], Any]) -> Iterator[Any]:
        if result == 5:
            yield 5
        elif result is not None:
            record, trail = read(result)
            yield convert(made(record, trail + "0"))
            yield convert(made(record, trail + "1"))

    def split_record(record: Record) -> Iterator[Record]:
        number, trail = read(record.value)
        world.attempts.pop((step, number, trail + "/second"), None)
        if (first := become_record(record, record.value, "s", "0")) is not None:
            yield first
            attempts = world.attempts[step, number, trail]
            # The second call for this value does not raise.
            world.attempts[step, number, trail] = ATTEMPTS
            yield become_record(record, record.value, "s", "1")
            world.attempts[step, number, trail] = attempts

    async def take_time(value: Any) -> None:
        for _ in range((read(value)[0] * 7) % 4):  # calls end in another order than they begin
            await asyncio.sleep(0)

    async def async_bytes(value: bytes) -> bytes | None:
        await take_time(value)
        return become(value, "b")

    async def async_json(value: dict[str, Any]) -> dict[str, Any] | None:
        await take_time(value)
        return become_json(value, "j")  # type: ignore[no-any-return]

    async def async_record(record: Record) -> Record | None:
        await take_time(record.value)
        return become_record(record, record.value, "r")  # type: ignore[no-any-return]

    async def async_keep(value: bytes) -> bool:
        await take_time(value)
        return keep(value)

    async def async_split_json(value: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        for part in parts(become(value, "s"), json.loads):
            await take_time(value)
            yield part

    functions: dict[str, Callable[..., Any]] = {
        "async bytes": async_bytes,
        "async json": async_json,
        "async record": async_record,
        "async keep": async_keep,
        "async split json": async_split_json,
        "bytes": as_bytes,
        "charset": with_charset,
        "text": as_text,
        "json": as_json,
        "json with record": json_with_record,
        "record": as_record,
        "record of json": record_of_json,
        "keep": keep,
        "keep json": keep_json,
        "split": split,
        "split json": split_json,
        "split record": split_record,
    }
    return functions[kind]


# ---- the model


class DeadError(Exception):
    """The record is a dead letter."""


def model(world: World, number: int) -> list[Out]:
    """What goes out for a record. Raises DeadError."""
    given_record = world.records[number]
    headers = HEADERS[given_record.headers]
    rows: list[Out] = [
        (given_record.key, None if given_record.is_null else made(number, ""), headers or [])
    ]
    for step, kind in enumerate(() if given_record.is_null else world.flow):
        rows = [made_row for row in rows for made_row in model_step(world, step, kind, number, row)]
    sent = [(key, value, forward(own)) for key, value, own in rows]
    if any(wire_bytes(value, key, own) > MAX_BYTES for key, value, own in sent):
        raise DeadError
    return sent


def model_step(world: World, step: int, kind: str, number: int, row: Out) -> list[Out]:
    key, value, headers = row
    kind = kind.removeprefix("async ")
    _, trail = read(value)
    action = world.action(step, number, trail)
    if (
        kind in WANTS_CODEC and dict(headers).get("contentType") == b"text/plain;charset=klingon"
    ) or action in ("fail", "wrong"):
        raise DeadError
    if action == "drop":
        return []
    if kind in ("keep", "keep json"):
        return [row]
    large = LARGE * (action == "large")
    mark = {"charset": "c", "text": "t", "json with record": "J", "record of json": "j"}.get(
        kind, kind[0]
    )
    if "record" in kind and kind != "json with record":
        ends = ("0", "1") if kind == "split record" else ("",)
        rows = list[Out]()
        for end in ends:
            set_headers = typed_headers(
                model, [*dict(headers).items(), (f"h{step}", large or trail + end)]
            )
            own = with_content_type(set_headers, JSON) if mark == "j" else set_headers
            rows.append(
                ((key or b"") + f"{step}{end}".encode(), made(number, trail + mark + end), own)
            )
        return rows
    if "json" in kind:
        headers = with_content_type(headers, JSON)
    ends = ("0", "1") if "split" in kind else ("",)
    return [(key, made(number, trail + mark + large + end), headers) for end in ends]


# ---- the stand-ins


class Hand(StepTimer):
    """A cutter without a thread: the functions cut."""

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
    """Move all records, and read again what was cut, as the lane does."""
    options = Settings(
        group="g",
        output_destination="output",
        max_attempts=ATTEMPTS,
        back_off_initial_interval=0.0,
        binder_producer_properties={"max.request.size": str(MAX_BYTES)},
    )
    letters = DeadLetterQueue(options)
    letters.found("error.in.g", 3)
    recovery = RetryPolicy(options, letters, lambda _: None)
    producer = Producer()
    CALLS.world, CALLS.limit = world, world.limit
    overlapping = Overlapping(CALLS, recovery.recover_all)
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
        batch = RecordBatch(messages, ends, recovery.recover, Hand(world), overlapping=overlapping)
        world.attempts.clear()
        for do in work:
            world.calls = 0
            if world.batches in world.late:
                batch.handed_out_at = -1e9
            batch = do(batch)
            assert batch.error is None
        writer.write(batch, lambda _: None, recovery.give_up)
        positions |= batch.next_offsets
        world.batches += 1


RECORDS = st.builds(
    Given,
    partition=st.integers(0, 2),
    is_null=st.sampled_from([False, False, False, True]),
    key=st.sampled_from([None, b"a"]),
    headers=st.sampled_from(["none", *HEADERS]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    records = draw(st.lists(RECORDS, min_size=2, max_size=6))
    flow = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
    places = st.tuples(st.integers(0, len(flow) - 1), st.integers(0, len(records) - 1))
    actions = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["", "0", "1"]))
    calls = st.tuples(st.integers(0, 2), st.integers(0, len(flow) - 1))
    return World(
        records=records,
        flow=flow,
        plan=draw(st.dictionaries(places, actions, max_size=6)),
        cuts=draw(st.dictionaries(calls, st.integers(1, 4), min_size=1, max_size=4)),
        late=draw(st.sets(st.integers(0, 3), max_size=2)),
        batch_size=draw(st.sampled_from([8, 3])),
        limit=draw(st.integers(1, 4)),
    )


def check(world: World) -> None:
    with ExitStack() as stack:
        records = connectors.records
        for module in (records.columns, records.function_calls, records.headers):
            stack.enter_context(patch.object(module, "Message", Received))
        producer, writer = run(world)
    expected, dead, either = list[Out](), set[int](), set[int]()
    for number, given_record in enumerate(world.records):
        try:
            outs = model(world, number)
        except DeadError:
            dead.add(number)
            continue
        if given_record.headers == UNREADABLE:
            (dead if outs else either).add(number)  # dropped before or after its headers were read
        else:
            expected += outs
    assert producer.sent == expected
    assert world.charsets <= {"utf-8", "iso8859_1", "latin_1", "cp1252"}
    found = [number for _, _, number in producer.letters]
    assert len(found) == len(set(found))
    assert set(found) - either == dead
    for key, value, number in producer.letters:
        assert (key, value) == (
            world.records[number].key,
            None if world.records[number].is_null else made(number, ""),
        )
    assert writer.sent == len(expected)
    went_out = {read(value)[0] for _, value, _ in expected if value} | {
        n for n, r in enumerate(world.records) if r.is_null
    }
    assert writer.dropped == len(world.records) - len(went_out | set(found))


@examples(max_examples=150)
@given(worlds())
@example(
    World(
        [Given(0, is_null=False, key=None, headers=UNKNOWN)],
        ["split", "keep", "charset"],
        {(1, 0): ("drop", "0")},
        {},
        set(),
        1,
    )
)
def test_records_beside_the_model(world: World) -> None:
    check(world)


@pytest.mark.long
@examples(max_examples=600)
@given(worlds())
def test_many_records_beside_the_model(world: World) -> None:
    check(world)


def keep_keys_in_cut(batch: RecordBatch, kept: int) -> bool:
    keys = list(batch._keys or ())
    is_cut = DEFER_REST(batch, kept)
    batch._keys = keys or None
    return is_cut


DEFER_REST = RecordBatch._defer_rest
MUTANTS: dict[str, tuple[type, str, Any]] = {
    "a cut keeps keys": (RecordBatch, "_defer_rest", keep_keys_in_cut),
    "keys of the input": (
        RecordBatch,
        "keys",
        property(lambda batch: [message.key() for message in batch.messages]),
    ),
    "keys of the first value": (RecordBatch, "has_own_keys", property(lambda _: False)),
    "values of a dead letter go out": (RecordBatch, "drop_given_up", lambda _: None),
    "a cut forgets the position": (
        RecordBatch,
        "_defer_rest",
        lambda batch, kept: DEFER_REST(batch, kept) and batch.next_offsets.clear() is None,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_model_finds_mutants(mutant: str) -> None:
    find = examples(
        max_examples=3000, phases=[Phase.generate], database=None, report_multiple_bugs=False
    )(given(worlds())(check))
    with patch.object(*MUTANTS[mutant]), pytest.raises((AssertionError, ValueError, KeyError)):
        find()
