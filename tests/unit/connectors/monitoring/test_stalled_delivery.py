"""Deliveries are stalled when records wait and their number stays the same for a while."""

import pytest

import connectors.monitoring.stalled_delivery
from connectors.monitoring.stalled_delivery import DELIVERY_STALL_S, StalledDelivery


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> StalledDelivery:
    ticks = iter(range(1000))
    # A second passes between two looks.
    monkeypatch.setattr(
        connectors.monitoring.stalled_delivery, "monotonic", lambda: float(next(ticks))
    )
    return StalledDelivery()


def test_same_queue_is_stalled(
    progress: StalledDelivery,
) -> None:
    reported = [progress.is_stalled(7) for _ in range(20)]
    assert reported.index(True) == int(DELIVERY_STALL_S) + 1
    assert reported.count(True) == 3


def test_moving_or_empty_queue_is_not_stalled(progress: StalledDelivery) -> None:
    assert not any(progress.is_stalled(queued) for queued in range(20))
    assert not any(progress.is_stalled(0) for _ in range(20))
