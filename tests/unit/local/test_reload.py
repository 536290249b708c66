"""The restarts of the processor: a stop is obeyed at every moment."""

import signal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local import reload
from local.reload import Files, Restarting


class Process:
    """A processor that runs until it gets a signal."""

    pid = 1

    def __init__(self) -> None:
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def send_signal(self, number: int) -> None:
        if self.code is None:
            self.code = -number

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self) -> int | None:
        return self.code


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that never ends is an error. Threads of other tests sleep as before."""
    sleeps = iter(range(100))

    def sleep(_: float) -> None:
        if next(sleeps, None) is None:
            pytest.fail("the processor runs on")

    monkeypatch.setattr(reload, "time", SimpleNamespace(sleep=sleep))


def test_stop_during_restart_ends_new_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler of the signal still sees the old processor, which has ended."""
    files = Files([])
    changes = iter([["orders.py"]])
    monkeypatch.setattr(files, "changed", lambda: next(changes, []))
    processes: list[Process] = []

    def start() -> Any:
        if processes:
            restarting.stop()
        processes.append(Process())
        return processes[-1]

    restarting = Restarting(start, files, lambda: True)
    assert restarting.wait() == -signal.SIGTERM
    assert [each.code for each in processes] == [-signal.SIGTERM] * 2
    assert cast("Process", restarting.processor) is processes[1]
