"""Calls of async functions. They overlap up to a limit. Results keep the records' order."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

from connectors.errors.exceptions import SetupError
from connectors.functions.errors import describe, error_place
from connectors.named_functions.event_loop import EventLoop
from runtime.forks import end_child

CANCEL_TIMEOUT_S = 1.0  # until cancelled calls have ended; after it they are left running
LEAVE_TIMEOUT_S = 5.0  # until a context manager has ended, at a stop
Wait = Callable[[Callable[[], bool]], None]


class Outcome(NamedTuple):
    """The result of one call."""

    result: Any
    error: BaseException | None


class AsyncCalls:
    """Calls async functions. The task's thread waits meanwhile."""

    def __init__(self, limit: int, wait: Wait) -> None:
        """Prepare. The event loop starts with the first call.

        Args:
            limit: How many calls overlap at most.
            wait: Waits until its argument returns True, and keeps the membership. Raises
                Interrupted at a stop or a rebalance.
        """
        self.limit = limit
        self._wait = wait
        self._loop = EventLoop()
        self._sessions: dict[Callable[..., Any], _Session] = {}

    def run(
        self,
        function: Callable[..., Any],
        rows: Sequence[Sequence[Any]],
        ends_at: float | None = None,
    ) -> list[Outcome]:
        """Call the function with each row. Blocks until the calls have ended.

        Args:
            function: Returns an awaitable.
            rows: The arguments of each call.
            ends_at: No call but the first one starts after this time (monotonic seconds). Started
                calls are waited for.

        Returns:
            The outcomes of the started calls: all of them, or the first ones.

        Raises:
            Interrupted: A stop or a rebalance. Started calls are cancelled.
        """
        calls = _Round(function, rows, self.limit, ends_at)
        done = self._loop.submit(calls.run())
        try:
            if not calls.ended.wait(0.0 if ends_at is None else max(0.0, ends_at - monotonic())):
                self._wait(done.done)  # also if run() was cancelled before its first step
        except BaseException:
            calls.is_abandoned = True
            done.cancel()
            calls.ended.wait(CANCEL_TIMEOUT_S)
            raise
        return done.result()

    def session(self, setup: Callable[..., Any]) -> Any:
        """Return the value of an async context manager. Blocks until it is entered.

        It is entered at the first call of this method, and left at close().

        Args:
            setup: Returns the context manager.

        Raises:
            SetupError: The context manager has raised, or has ended by itself. The process cannot
                go on.
            Interrupted: A stop or a rebalance came first.
        """
        if (session := self._sessions.get(setup)) is None:
            self._sessions[setup] = session = _Session(setup)
            session.task = self._loop.submit(session.keep())
            session.task.add_done_callback(session.end)
        if not session.value.done():
            self._wait(session.value.done)
        if session.has_ended:
            raise SetupError(
                describe(setup),
                "it has ended" if session.error is None else error_place(session.error),
            )
        return session.value.result()

    def close(self) -> None:
        """Leave the context managers and end the event loop. Never raises.

        Blocks for some seconds at most.
        """
        for session in self._sessions.values():
            session.leave()
        self._loop.close()


class _Round:
    """The calls for the rows of one batch. All methods but the constructor run on the loop."""

    def __init__(
        self,
        function: Callable[..., Any],
        rows: Sequence[Sequence[Any]],
        limit: int,
        ends_at: float | None,
    ) -> None:
        self._function = function
        self._rows = rows
        self._limit = limit
        self._ends_at = ends_at
        # A task that is cancelled before its first step sets no outcome. Its record has failed.
        unset = Outcome(None, asyncio.CancelledError("the call was cancelled before it began"))
        self._outcomes = [unset] * len(rows)
        self._next = 0
        self._begun = len(rows)
        self._under_way = set[asyncio.Task[None]]()
        self.ended = threading.Event()
        self.is_abandoned = False  # whether the task's thread has cancelled the calls

    async def run(self) -> list[Outcome]:
        self._finished = asyncio.get_running_loop().create_future()
        try:
            self._start()
            while not self._finished.done():
                try:
                    await asyncio.wait([self._finished])
                except asyncio.CancelledError:  # a function may cancel all tasks of the loop
                    if self.is_abandoned:
                        raise
        except asyncio.CancelledError:
            self._begun = 0
            for task in self._under_way:
                task.cancel()
            await asyncio.wait(
                self._under_way, timeout=CANCEL_TIMEOUT_S / 2
            ) if self._under_way else None
            raise
        finally:
            self.ended.set()
        return self._outcomes[: min(self._begun, self._next)]

    def _start(self) -> None:
        """Start as many calls as may overlap. Each is a task with its own context variables."""
        while (
            self._next < len(self._rows)
            and len(self._under_way) < self._limit
            and not self._is_over(self._next)
        ):
            task = asyncio.create_task(self._call(self._next))
            self._next += 1
            self._under_way.add(task)
            task.add_done_callback(self._end)
        if not self._under_way and not self._finished.done():
            self._finished.set_result(None)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        self._start()

    def _is_over(self, index: int) -> bool:
        return index >= self._begun or (
            index > 0 and self._ends_at is not None and monotonic() > self._ends_at
        )

    async def _call(self, index: int) -> None:
        if self._is_over(index):  # earlier calls did not yield to the loop in time
            self._begun = min(self._begun, index)
            return
        try:
            self._outcomes[index] = Outcome(await self._function(*self._rows[index]), None)
        except (
            BaseException
        ) as error:  # a function may raise anything, and exit() would end the loop
            self._outcomes[index] = Outcome(None, error)
            if isinstance(error, GeneratorExit):  # perhaps the loop's, which closes the coroutine
                raise
            end_child(error)
        end_child()


class _Session:
    """An async context manager. One task enters and leaves it, as some managers demand."""

    def __init__(self, setup: Callable[..., Any]) -> None:
        self._setup = setup
        self.value = Future[Any]()
        self.task: Future[None] | None = None
        self.has_ended = False
        self.error: BaseException | None = None
        self._leave: Callable[[], object] | None = None

    async def keep(self) -> None:
        leave = asyncio.Event()
        self._leave = partial(asyncio.get_running_loop().call_soon_threadsafe, leave.set)
        try:
            async with self._setup() as value:
                self.value.set_result(value)
                await leave.wait()
        except BaseException as error:  # noqa: BLE001 - session() raises it
            self.error = error

    def end(self, _: "Future[None]") -> None:
        """Note that keep() has ended. It may have been cancelled before its first step."""
        self.has_ended = True
        if not self.value.done():
            self.value.set_result(None)

    def leave(self) -> None:
        """End the context manager, and wait for it. Never raises."""
        with suppress(Exception):
            if self._leave and self.task:
                self._leave()
                self.task.result(LEAVE_TIMEOUT_S)
