"""Work that is outstanding and does not move is named, and health is not UP meanwhile."""

import time

import pytest

from connectors.monitoring.stalled_processing import STALLED_S, StalledProcessing

WHY = "deliveries or a commit are not answered"


class Clock:
    """Looks once a second, at a clock of the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.work = 1000.0, StalledProcessing()
        monkeypatch.setattr(time, "time", lambda: self.now)

    def run(self, seconds: float, why: str, *, moves: bool = False) -> bool:
        """Whether the work counts as stalled after so many seconds."""
        for second in range(round(seconds)):
            self.now += 1
            self.work.observe(why, (second + 1 if moves else 0, 0))
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
    assert not clock.run(1, "")


def test_work_that_moves(clock: Clock) -> None:
    assert not clock.run(3 * STALLED_S, WHY, moves=True)


def test_nothing_outstanding_is_no_stall(clock: Clock) -> None:
    assert not clock.run(3 * STALLED_S, "")
