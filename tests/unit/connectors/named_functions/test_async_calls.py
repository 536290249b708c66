"""Async steps: calls overlap, results keep their order, and no function ends the loop."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable

import pytest

from connectors.errors.exceptions import FunctionError, Interrupted, UnforeseenError
from connectors.named_functions.steps import Work, filter_work, flat_map_work, map_work, work_for
from connectors.records.function_calls import STEP_MIN_TIME_S
from tests.fakes.event_loop import LIMIT, Made, numbers


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


def test_calls_overlap_up_to_limit(made: Made) -> None:
    busy = Busy()
    result = map_work("f.s", busy.call)(made.batch(*numbers(10), None))
    assert result.values == [*(value + b"!" for value in numbers(10)), None]
    assert busy.most == LIMIT
    assert busy.order != sorted(busy.order)
    assert result.overlapping == LIMIT


def test_all_kinds_of_functions(made: Made) -> None:
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


def test_failures_wait_together(made: Made) -> None:
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
    assert (made.retry_policy.failures, made.retry_policy.given_up) == (9, 1)


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


def test_interrupt_cancels_calls(made: Made) -> None:
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
    assert (result.dead_letters, made.retry_policy.failures) == ([], 0)


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


def test_endless_generator_is_dead_letter(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.functions.division.RECORD_VALUES", 5000)

    async def endless(value: bytes) -> AsyncIterator[bytes]:
        while True:
            yield value

    result = flat_map_work("f.s", endless)(made.batch(b"a"))
    assert [letter[1] for _, letter in result.dead_letters] == [b"a"]


def test_failed_letter_ends_task(made: Made) -> None:
    made.retry_policy._dead_letters.available = False

    async def fail(value: bytes) -> bytes:
        raise ValueError(value)

    result = map_work("f.s", fail)(made.batch(b"secret"))
    assert isinstance(result.error, FunctionError)
    assert "secret" not in str(result.error)


@pytest.mark.parametrize("error", [GeneratorExit, StopIteration, asyncio.CancelledError])
def test_no_error_drops_a_record(made: Made, error: type[BaseException]) -> None:
    async def fail(value: bytes) -> bytes:
        if value == b"1":
            raise error
        return value

    result = map_work("f.s", fail)(made.batch(*numbers(3)))
    assert result.values == [b"0", None, b"2"]
    assert [message.value() for message, _ in result.dead_letters] == [b"1"]


def test_function_that_cancels_all_tasks(made: Made) -> None:
    async def cancel(value: bytes) -> bytes:
        if value == b"1":
            for task in asyncio.all_tasks():
                task.cancel()
            await asyncio.sleep(0)
        return value

    result = map_work("f.s", cancel)(made.batch(b"1"))
    assert result.error is None
    assert [message.value() for message, _ in result.dead_letters] == [b"1"]
    assert map_work("f.s", cancel)(made.batch(b"2")).values == [b"2"]


@pytest.mark.parametrize("work_of", [map_work, filter_work, flat_map_work, work_for])
def test_call_cancelled_before_it_begins(made: Made, work_of: Callable[..., Work]) -> None:
    """It has returned nothing, which is not the result None: that would drop the record."""
    called = list[bytes]()

    async def cancel(value: bytes) -> list[bytes]:
        called.append(value)
        for task in asyncio.all_tasks() if value == b"0" else ():
            task.cancel()
        return [value]

    result = work_of("f.s", cancel)(made.batch(*numbers(LIMIT + 1)))
    assert called == [b"0", b"%d" % LIMIT]
    assert result.error is None
    assert [message.value() for message, _ in result.dead_letters] == numbers(LIMIT)[1:]
    assert made.waits == []


def test_cancelled_round_does_not_hang(cancelling: Made) -> None:
    """A task that a function has left running may cancel a round before its first step."""

    async def same(value: bytes) -> bytes:
        return value

    batch = cancelling.batch(b"0")
    assert isinstance(map_work("f.s", same)(batch).error, UnforeseenError)
