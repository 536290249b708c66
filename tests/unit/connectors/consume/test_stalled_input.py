"""A consumer whose partition stands still is replaced, at a clock of the test's own."""

import time

import pytest

import connectors.consume.stalled_input
from connectors.cluster.broker_status import BrokerStatus
from connectors.consume.missing_topics import MissingTopics
from connectors.consume.stalled_input import StalledInput
from connectors.errors.client_exceptions import FetchStalledError
from connectors.monitoring.reading_state import Standstill
from tests.fakes.consume.group import Joined

PATIENCE_S = 60.0
HOUR_S = 3600.0


class Clock:
    """Time, and an input that stands still since the beginning. The wall clock may step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.step = 1000.0, 0.0
        joined, self.brokers = Joined(joins=False), BrokerStatus([])
        self.stalled_input = StalledInput(
            joined.consumer,
            joined.assignment,
            joined.membership,
            self.brokers,
            missing=MissingTopics(["in"], are_patterns=False),
            patience=PATIENCE_S,
        )
        self.stand_still(900)
        monkeypatch.setattr(connectors.consume.stalled_input, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now + self.step)

    def stand_still(self, offset: int) -> None:
        self.brokers.consumer.reading_state.standstill = Standstill(("in", 0), offset, self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("step", [-HOUR_S, 0, HOUR_S])
def test_standstill_replaces_consumer(clock: Clock, step: float) -> None:
    """Neither earlier nor later if the wall clock steps, and once for each offset."""
    clock.step = step
    clock.now += PATIENCE_S
    clock.stalled_input.raise_for_stall()
    clock.now += 1
    with pytest.raises(FetchStalledError, match="in-0"):
        clock.stalled_input.raise_for_stall()
    clock.stalled_input.raise_for_stall()
    clock.stand_still(901)
    clock.now += PATIENCE_S + 1
    with pytest.raises(FetchStalledError, match="in-0"):
        clock.stalled_input.raise_for_stall()
