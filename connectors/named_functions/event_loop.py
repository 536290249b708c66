"""The event loop of async functions: one for the life of the process, in its own thread."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from connectors.functions.errors import error_place

log = logging.getLogger("processor.records")

# Until the thread has ended. It is a daemon, so that a hanging thread does not keep the process.
CLOSE_TIMEOUT_S = 1.0
T = TypeVar("T")


class EventLoop:
    """Runs coroutines in its own thread. The first coroutine starts the thread."""

    def __init__(self) -> None:
        """Prepare. The first coroutine starts the thread."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closing = False

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine on the loop. Any thread may wait for the returned future."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running())

    @property
    def is_running(self) -> bool:
        """Whether the loop's thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Cancel all tasks and end the thread. Never raises.

        The loop of a function that never yields is left running in the daemon thread.
        """
        self._is_closing = True
        if self._loop is None or self._thread is None:
            return
        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(_log_error)
            self._thread = threading.Thread(
                target=self._run, args=(self._loop,), name="async-functions", daemon=True
            )
            self._thread.start()
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        while not self._is_closing:  # a function may stop the loop
            with suppress(SystemExit, KeyboardInterrupt):  # from a function's own task
                loop.run_forever()
        with suppress(BaseException):
            loop.run_until_complete(_cancel_all())
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S / 2) if tasks else None


def _log_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error of a task that a function has started. Its text may quote a payload."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        log.warning("a task of an async function failed: %s", error_place(error))
