"""A partition that is ours and at rest for too long is named, and no other."""

from typing import Any

import pytest

import connectors.monitoring.stalled_fetch
from connectors.monitoring.stalled_fetch import StalledFetch
from tests.fakes.statistics_documents import document

OURS = {("in", 0)}
OVERDUE_S = 60.0


class Clock:
    """Time, and what the client's statistics say at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.stalled_fetch = StalledFetch()
        monkeypatch.setattr(connectors.monitoring.stalled_fetch, "monotonic", lambda: self.now)

    def reported(self, state: str, after: float, assigned: set[tuple[str, int]] = OURS) -> str:
        """What is overdue `after` so many seconds, the partition being in this state."""
        self.now += after
        found: Any = document("consumer")
        found["topics"]["in"]["partitions"]["0"]["fetch_state"] = state
        self.stalled_fetch.observe(found)
        return self.stalled_fetch.overdue_partition(assigned, OVERDUE_S)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("state", ["none", "stopped", "offset-wait"])
def test_unfetched_partition_becomes_overdue(clock: Clock, state: str) -> None:
    assert clock.reported(state, 0) == ""
    assert clock.reported(state, OVERDUE_S) == ""
    assert clock.reported(state, 1) == "in-0"


def test_progressing_fetch_is_not_overdue(clock: Clock) -> None:
    for state in ("active", "offset-query", "validate-epoch-wait", "active"):
        assert clock.reported(state, 10 * OVERDUE_S) == ""


def test_overdue_time_restarts_with_assignment(clock: Clock) -> None:
    assert clock.reported("none", 10 * OVERDUE_S, assigned=set()) == ""
    assert clock.reported("none", 10 * OVERDUE_S) == ""
    assert clock.reported("active", OVERDUE_S) == ""
    assert clock.reported("stopped", OVERDUE_S) == ""
    assert clock.reported("stopped", OVERDUE_S) == ""


def test_overdue_time_restarts_after_outage(clock: Clock) -> None:
    assert clock.reported("offset-wait", 0) == ""
    clock.stalled_fetch.restart()
    assert clock.reported("offset-wait", 2 * OVERDUE_S) == ""
    assert clock.reported("offset-wait", 2 * OVERDUE_S) == "in-0"


def test_document_is_judged_once(clock: Clock) -> None:
    assert clock.stalled_fetch.overdue_partition(OURS, OVERDUE_S) == ""
    clock.reported("none", 0)
    clock.now += 2 * OVERDUE_S
    assert clock.stalled_fetch.overdue_partition(OURS, OVERDUE_S) == ""
