"""Waits poll the clients.

Else the member would be lost at max.poll.interval.ms, and statistics would pile up.
"""

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

import connectors.consume.backpressure
from connectors.consume.backpressure import POLL_TIMEOUT_S, POLL_WITHIN_S, Backpressure


class Clock:
    """Time that only sleeping and polling take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.polled_at = 1000.0
        self.longest = 0.0  # seconds between two polls
        monkeypatch.setattr(connectors.consume.backpressure, "monotonic", lambda: self.now)
        # Not the threads of other tests.
        monkeypatch.setattr(
            connectors.consume.backpressure, "time", SimpleNamespace(sleep=self.pass_time)
        )

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.longest = max(self.longest, self.now - self.polled_at)

    def poll_paused(self, seconds: float) -> None:
        self.polled_at = self.now
        self.pass_time(seconds)


@pytest.mark.parametrize("back_off_s", [0.01, 0.05, 0.15, 0.2, 0.25])
def test_chain_of_short_waits(monkeypatch: pytest.MonkeyPatch, back_off_s: float) -> None:
    clock = Clock(monkeypatch)
    waiting = backpressure(clock, lambda: None)
    while clock.now < 1060:
        waiting.sleep(back_off_s)
    assert clock.longest <= POLL_WITHIN_S + back_off_s + POLL_TIMEOUT_S


def test_long_wait_polls_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, polled_at = Clock(monkeypatch), [1000.0]
    backpressure(clock, lambda: polled_at.append(clock.now)).sleep(3600)
    polled_at.append(clock.now)
    assert max(after - before for before, after in pairwise(polled_at)) < 1


def backpressure(clock: Clock, poll_producer: Callable[[], None]) -> Backpressure:
    membership = SimpleNamespace(changes=0, pause=lambda _reason: None, resume=lambda _reason: None)
    lifecycle = SimpleNamespace(stopping=False)
    return Backpressure(
        cast("Any", clock),
        cast("Any", membership),
        cast("Any", lifecycle),
        poll_producer,
        lambda: None,
    )
