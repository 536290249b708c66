"""Work that is outstanding and does not move is named, and health is not UP meanwhile."""

import time

import pytest

import connectors.monitoring.stalled_processing
from connectors.monitoring.stalled_processing import REST_S, STALLED_S, StalledProcessing

WHY = "deliveries or a commit are not answered"


class Clock:
    """Looks once a second, at a clock of the test's own. The wall clock may step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.work, self.moved = 1000.0, StalledProcessing(), 0
        self.step = 0.0
        monkeypatch.setattr(connectors.monitoring.stalled_processing, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now + self.step)

    def run(self, seconds: float, why: str, *, moves: bool = False) -> bool:
        """Whether the work counts as stalled after so many seconds."""
        for second in range(round(seconds)):
            self.now += 1
            self.work.observe(why, self.moved + (second + 1 if moves else 0))
        self.moved += round(seconds) if moves else 0
        return self.work.trouble is not None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_work_that_does_not_move(clock: Clock) -> None:
    assert not clock.run(STALLED_S, WHY)
    assert clock.run(3, WHY)
    assert clock.work.trouble is not None
    assert clock.work.trouble.unread
    assert WHY in clock.work.trouble.what
    assert clock.work.trouble.since == 1001
    assert clock.run(REST_S, "")
    assert not clock.run(1, "")


def test_wall_clock_that_steps_back(clock: Clock) -> None:
    """The stall is found in time, and begins when it was first seen."""
    assert not clock.run(10, WHY)
    clock.step = -3600
    assert clock.run(STALLED_S, WHY)
    assert clock.work.trouble is not None
    assert clock.work.trouble.since == 1001


def test_wall_clock_that_steps_forward(clock: Clock) -> None:
    assert not clock.run(10, WHY)
    clock.step = 3600
    assert not clock.run(STALLED_S - 10, WHY)
    assert clock.run(3, WHY)


def test_work_given_up_repeatedly(clock: Clock) -> None:
    """A transaction that never commits: between two attempts nothing is outstanding."""
    for _ in range(round(STALLED_S)):
        clock.run(1, WHY)
        clock.run(1, "")
    assert clock.work.trouble is not None
    assert not clock.run(1, WHY, moves=True)


def test_work_that_may_take_longer(clock: Clock) -> None:
    clock.work = StalledProcessing(60)
    assert not clock.run(STALLED_S + 60, WHY)
    assert clock.run(3, WHY)


def test_call_that_takes_long(clock: Clock) -> None:
    """The function of a step took a minute: the commit that waited for its end is not late."""
    clock.run(1, WHY)
    clock.now += 60
    assert not clock.run(5, WHY)


def test_work_that_moves(clock: Clock) -> None:
    assert not clock.run(3 * STALLED_S, WHY, moves=True)


def test_nothing_outstanding_is_no_stall(clock: Clock) -> None:
    assert not clock.run(3 * STALLED_S, "")
