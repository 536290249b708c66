"""Steps of async functions.

Calls overlap, results keep their order, and nothing that a function does ends the loop.
"""

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from catalog.lookup import Found
from config import Settings, SettingsError
from config.loading import own_properties
from connectors.errors.exceptions import (
    FunctionError,
    FunctionRefusedError,
    Interrupted,
    SetupError,
)
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.time_limit import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.overlapping import Overlapping
from connectors.named_functions.signatures import bind
from connectors.named_functions.steps import filter_work, flat_map_work, map_work, work_for
from connectors.records.batch import RecordBatch
from connectors.records.function_calls import STEP_MIN_TIME_S
from connectors.records.keys import topic_partition
from python_processor import Properties, Record, option, run
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
        self.recovery = RetryPolicy(chosen, letters, self.waits.append)

    def wait(self, ready: Callable[[], bool]) -> None:
        while not ready():
            if self.is_interrupted:
                raise Interrupted
            time.sleep(0.001)

    def batch(self, *values: bytes | None) -> RecordBatch:
        messages = [message(value, offset) for offset, value in enumerate(values)]
        ends = {topic_partition(each): int(each.offset() or 0) + 1 for each in messages}
        overlapping = Overlapping(self.calls, self.recovery.recover_all)
        return RecordBatch(
            messages, ends, self.recovery.recover, StepTimer(), overlapping=overlapping
        )


@pytest.fixture
def made() -> Iterator[Made]:
    found = Made()
    yield found
    found.calls.close()
    assert not found.calls._loop.is_running


class Busy:
    """Counts calls that are under way at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.order: list[bytes] = []

    async def call(self, value: bytes) -> bytes:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(20 - int(value)):  # later records end first
            await asyncio.sleep(0)
        self.now -= 1
        self.order.append(value)
        return value + b"!"


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_calls_overlap_up_to_limit(made: Made) -> None:
    busy = Busy()
    result = map_work("f.s", busy.call)(made.batch(*numbers(10), None))
    assert result.values == [*(value + b"!" for value in numbers(10)), None]
    assert busy.most == LIMIT
    assert busy.order != sorted(busy.order)
    assert result.overlapping == LIMIT


def test_every_kind_of_function_works(made: Made) -> None:
    async def longer(value: bytes) -> bool:
        return len(value) > 1

    async def letters(value: bytes) -> AsyncIterator[bytes]:
        for n in range(len(value)):
            yield value[n : n + 1]

    async def words(value: bytes) -> list[bytes]:
        return value.split()

    async def upper(value: str) -> str:
        return value.upper()

    class Callable_:  # noqa: N801 - an object that can be called
        async def __call__(self, value: bytes) -> bytes:
            return value * 2

    assert filter_work("f.s", longer)(made.batch(b"a", b"ab")).values == [None, b"ab"]
    assert flat_map_work("f.s", letters)(made.batch(b"ab", b"")).values == [b"a", b"b", None]
    assert flat_map_work("f.s", words)(made.batch(b"a b")).values == [b"a", b"b"]
    assert work_for("f.s", upper)(made.batch(b"a")).values == [b"A"]
    assert work_for("f.s", Callable_())(made.batch(b"a")).values == [b"aa"]


def test_failed_records_wait_together(made: Made) -> None:
    attempts: dict[bytes, int] = {}

    async def fail_twice(value: bytes) -> bytes:
        attempts[value] = attempts.get(value, 0) + 1
        await asyncio.sleep(0)
        if int(value) % 2 and attempts[value] <= (9 if value == b"3" else 2):
            raise ValueError(value)
        return value

    result = map_work("f.s", fail_twice)(made.batch(*numbers(8)))
    assert result.values == [None if value == b"3" else value for value in numbers(8)]
    assert [letter[1] for _, letter in result.dead_letters] == [b"3"]
    assert made.waits == [1, 2]
    assert {value: attempts[value] for value in numbers(8)} == {
        value: 3 if int(value) % 2 else 1 for value in numbers(8)
    }
    assert (made.recovery.failures, made.recovery.given_up) == (9, 1)


ENDS: list[Callable[[], BaseException]] = [
    SystemExit,
    KeyboardInterrupt,
    asyncio.CancelledError,
    GeneratorExit,
    StopIteration,
]
ENDS += [StopAsyncIteration, lambda: BaseExceptionGroup("all", [SystemExit()])]


@pytest.mark.parametrize("error", ENDS)
def test_loop_survives_errors(made: Made, error: Callable[[], BaseException]) -> None:
    async def end(value: bytes) -> bytes:
        await asyncio.sleep(0)
        if value == b"1":
            raise error()
        return value

    work = map_work("f.s", end)
    assert work(made.batch(*numbers(3))).values == [b"0", None, b"2"]
    assert work(made.batch(b"4")).values == [b"4"]


def test_stopped_loop_runs_on(made: Made) -> None:
    async def stop(value: bytes) -> bytes:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(0.001)
        return value

    assert map_work("f.s", stop)(made.batch(b"a", b"b")).values == [b"a", b"b"]


def test_context_variables_stay_with_records(made: Made) -> None:
    seen = list[int]()

    async def timed(value: bytes) -> bytes:
        seen.append(asyncio.current_task().cancelling())  # type: ignore[union-attr]  # it runs in a task
        if value == b"0":
            asyncio.current_task().cancel()  # type: ignore[union-attr]
        await asyncio.sleep(0)
        return value

    assert map_work("f.s", timed)(Made.batch(made, *numbers(9))).values[1:] == numbers(9)[1:]
    assert seen == [0] * 9


def test_interruption_cancels_calls(made: Made) -> None:
    started, cancelled = threading.Event(), list[bytes]()

    async def hang(value: bytes) -> bytes:
        started.set()
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled.append(value)
        return value

    def interrupt(ready: Callable[[], bool]) -> None:
        assert not ready()
        assert started.wait(10)
        raise Interrupted

    made.calls._wait = interrupt
    batch = made.batch(*numbers(9))
    batch.handed_out_at = -1e9
    result = map_work("f.s", hang)(batch)
    assert isinstance(result.error, Interrupted)
    assert len(cancelled) <= LIMIT
    assert (result.dead_letters, made.recovery.failures) == ([], 0)


def test_time_ends_batch_between_calls(made: Made) -> None:
    started = list[bytes]()

    async def slow(value: bytes) -> bytes:
        started.append(value)
        batch.handed_out_at = -1e9
        time.sleep(STEP_MIN_TIME_S + 0.01)  # noqa: ASYNC251 - it does not give way, and the calls after it are late
        return value

    batch = made.batch(*numbers(9))
    batch.handed_out_at = -1e9
    result = map_work("f.s", slow)(batch)
    assert result.values == started == numbers(len(started))
    assert 0 < len(started) < 9
    assert len(result.deferred) == 9 - len(started)


# ---- a session


class Client:
    def __init__(self, name: str = "") -> None:
        self.name, self.is_open = name, True


CLIENTS: list[Client] = []


class Options(Properties):
    client: str = option("shop", "Name of the client.")


@asynccontextmanager
async def setup(options: Options) -> AsyncIterator[Client]:
    async with asyncio.timeout(3600):  # which has to be left by the task that entered it
        CLIENTS.append(Client(options.client))
        yield CLIENTS[-1]
        CLIENTS[-1].is_open = False


async def ask(value: bytes, session: Client) -> bytes:
    assert session.is_open
    return value + session.name.encode()


async def ask_record(
    order: dict[str, Any], record: Record, session: Client, charset: str
) -> dict[str, Any]:
    return order | {"from": session.name, "charset": charset, "topic": record.topic}


def test_session_is_opened_once(made: Made) -> None:
    CLIENTS.clear()
    work = work_for("f.s", bind("f.s", ask, lambda kind: kind()))
    assert work(made.batch(b"a", b"b")).values == [b"ashop", b"bshop"]
    assert work(made.batch(b"c")).values == [b"cshop"]
    (client,) = CLIENTS
    assert client.is_open
    made.calls.close()
    assert not client.is_open


def test_setup_properties_reach_the_function() -> None:
    (found,) = own_properties.own_properties([Found("m:ask", ask)], lambda _: False)
    assert found.name == "client"


def test_session_in_the_test_kit() -> None:
    CLIENTS.clear()
    assert run(ask, b"a", session=Client("fake")).value == b"afake"
    assert CLIENTS == []
    assert run(ask_record, {"n": 1}, client="own").json == {
        "n": 1,
        "from": "own",
        "charset": "utf-8",
        "topic": "input",
    }
    assert not CLIENTS[-1].is_open


def module_of(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], **names: Any) -> None:
    module = type(sys)("own_module")
    module.__dict__.update(names)
    monkeypatch.setitem(sys.modules, "own_module", module)
    monkeypatch.setattr(function, "__module__", "own_module")


@asynccontextmanager
async def broken() -> AsyncIterator[Client]:
    raise OSError("secret")
    yield Client()


@asynccontextmanager
async def short() -> AsyncIterator[Client]:
    async with asyncio.timeout(0.001):
        yield Client()


@pytest.mark.parametrize("bad", [broken, short])
def test_failing_setup_is_no_record_error(
    made: Made, monkeypatch: pytest.MonkeyPatch, bad: Any
) -> None:
    module_of(monkeypatch, ask, setup=bad)
    work = work_for("f.s", ask)
    batch = work(made.batch(b"a"))
    if bad is short:
        session = next(iter(made.calls._sessions.values()))
        made.wait(lambda: session.has_ended)
        batch = work(made.batch(b"a"))
    assert isinstance(batch.error, SetupError)
    assert f"{bad.__name__} ({__file__}:" in str(batch.error)
    assert "secret" not in str(batch.error)
    assert batch.dead_letters == []


async def plain_setup() -> AsyncIterator[Client]:
    yield Client()


@asynccontextmanager
async def greedy_setup(host: str) -> AsyncIterator[Client]:
    yield Client(host)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ({}, "its parameter session needs a `setup` in its module"),
        ({"setup": plain_setup}, "write @contextlib.asynccontextmanager above it"),
        (
            {"setup": greedy_setup},
            "takes host; it can take properties of its own, and nothing else",
        ),
        ({"setup": setup}, "has properties of its own; name the function by --function"),
    ],
)
def test_wrong_setup_is_refused(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, Any], line: str
) -> None:
    module_of(monkeypatch, ask, **names)
    with pytest.raises(FunctionRefusedError, match=r"test_async_functions.py:\d+") as refused:
        map_work("f.s", ask)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def sync_ask(value: bytes, session: Client) -> bytes:
    return value + session.name.encode()


def sync_ask_json(order: dict[str, Any], *, session: Client) -> dict[str, Any]:
    return order | {"from": session.name}


def sync_judge(order: dict[str, Any], session: Client) -> bool:
    return session.is_open and bool(order)


def sync_split(text: str, session: Client) -> Iterator[str]:
    yield text + session.name


@pytest.mark.parametrize("function", [sync_ask, sync_ask_json, sync_judge, sync_split])
def test_session_of_sync_function_is_refused(function: Callable[..., Any]) -> None:
    """Only a call on the event loop gets a session."""
    where = rf"{function.__name__} \(.*test_async_functions.py:\d+\)"
    line = f"{where}: its parameter session is for async functions: write async def"
    with pytest.raises(FunctionRefusedError, match=line):
        work_for("f.s", function)
    with pytest.raises(SettingsError, match=line):
        own_properties.own_properties([Found("m:f", function)], lambda _: False)


def test_session_with_default_is_the_function_s() -> None:
    def mark(order: dict[str, Any], session: str = "none") -> dict[str, Any]:
        return order | {"session": session}

    assert run(mark, {}).json == {"session": "none"}


def test_endless_generator_is_a_dead_letter(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.functions.division.RECORD_VALUES", 5000)

    async def endless(value: bytes) -> AsyncIterator[bytes]:
        while True:
            yield value

    result = flat_map_work("f.s", endless)(made.batch(b"a"))
    assert [letter[1] for _, letter in result.dead_letters] == [b"a"]


def test_failed_dead_letter_ends_the_task(made: Made) -> None:
    made.recovery._dead_letters.available = False

    async def fail(value: bytes) -> bytes:
        raise ValueError(value)

    result = map_work("f.s", fail)(made.batch(b"secret"))
    assert isinstance(result.error, FunctionError)
    assert "secret" not in str(result.error)
