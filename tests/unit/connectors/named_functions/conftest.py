"""An event loop that has to be closed."""

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from time import monotonic, sleep
from typing import Any

import pytest

from connectors.errors.exceptions import Interrupted
from tests.fakes.event_loop import Made


@pytest.fixture
def made() -> Iterator[Made]:
    found = Made()
    yield found
    found.calls.close()
    assert not found.calls._loop.is_running


@pytest.fixture
def cancelling(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """An event loop whose tasks are cancelled before their first step. No wait is endless."""

    def submit(coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        coroutine.close()
        future = Future[Any]()
        future.cancel()
        return future

    def wait(ready: Callable[[], bool]) -> None:
        end = monotonic() + 1
        while not ready():
            if monotonic() > end:
                raise Interrupted
            sleep(0.001)

    monkeypatch.setattr(made.calls._loop, "submit", submit)
    monkeypatch.setattr(made.calls, "_wait", wait)
    return made
