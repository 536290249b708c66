"""Deliveries stand when records wait and their number stays the same for a while."""

import pytest

import connectors.progress
from connectors.progress import PATIENCE, Progress


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> Progress:
    ticks = iter(range(1000))
    monkeypatch.setattr(connectors.progress, "monotonic", lambda: float(next(ticks)))  # a second passes between two looks
    return Progress()


def test_a_queue_that_stays_the_same_is_told_each_time_patience_is_over(progress: Progress) -> None:
    told = [progress.stands(7) for _ in range(20)]
    assert told.index(True) == int(PATIENCE) + 1
    assert told.count(True) == 3


def test_a_queue_that_moves_or_is_empty_does_not_stand(progress: Progress) -> None:
    assert not any(progress.stands(queued) for queued in range(20))
    assert not any(progress.stands(0) for _ in range(20))
