"""Whether the input is read: by the consumer's statistics, at a clock of the test's own."""

import time
from typing import Any

import pytest

import connectors.monitoring.reading_state
from connectors.monitoring.reading_state import GRACE_S, STALE_S, STANDSTILL_S, ReadingState
from tests.fakes.statistics_documents import document

OURS = {("in", 0)}


class Clock:
    """Time, and the consumer's statistics, one document a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.ends: dict[tuple[str, int], int] = {}  # as brokers report them
        self.state = ReadingState(self.ends)
        self.state.begin()
        self.partition: dict[str, Any] = {}
        self.group: dict[str, Any] = {}
        self.delay = 0.0  # of the documents
        monkeypatch.setattr(connectors.monitoring.reading_state, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now)

    def run(
        self,
        seconds: float,
        assigned: set[tuple[str, int]] = OURS,
        *,
        joins: bool = True,
        held: bool = False,
    ) -> str:
        """What is wrong after so many seconds."""
        for _ in range(round(seconds)):
            self.now += 1
            found = document("consumer")
            found["ts"] = (self.now - self.delay) * 1e6
            found["cgrp"] |= self.group
            found["topics"]["in"]["partitions"]["0"] |= self.partition
            self.state.observe(found)
            self.state.judge(assigned, joins=joins, held=held)
        return self.state.trouble.what if self.state.trouble else ""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_member_that_has_read_all(clock: Clock) -> None:
    assert clock.run(100) == ""


@pytest.mark.parametrize(
    "state", ["init", "wait-join", "wait-sync", "wait-metadata", "wait-unassign-call"]
)
def test_missing_member_is_not_up(clock: Clock, state: str) -> None:
    clock.run(1)
    clock.group = {"join_state": state}
    assert clock.run(GRACE_S) == ""  # a rebalance
    assert f"not a member of its group: up, {state}" in clock.run(2)
    assert clock.state.trouble is not None
    assert clock.state.trouble.unread
    clock.group = {}
    assert clock.run(1) == ""


def test_refused_member(clock: Clock) -> None:
    clock.group = {"join_state": "init"}
    clock.state.report_refusal("JoinGroup failed")
    assert "JoinGroup failed" in clock.run(1)
    clock.group = {}
    assert clock.run(1) == ""


def test_fixed_partitions_need_no_group(clock: Clock) -> None:
    clock.group = {"join_state": "init"}
    assert clock.run(100, joins=False) == ""


@pytest.mark.parametrize(
    "state", ["none", "stopping", "stopped", "offset-query", "offset-wait", "validate-epoch-wait"]
)
def test_unfetched_partition(clock: Clock, state: str) -> None:
    clock.partition = {"fetch_state": state}
    assert clock.run(GRACE_S) == ""
    assert "in-0 is not fetched" in clock.run(2)
    assert clock.run(1, assigned=set()) == ""


def test_partition_that_no_longer_exists(clock: Clock) -> None:
    """The group still assigns it: there is nothing to read.

    A fixed partition is one that the user asks for.
    """
    clock.partition = STANDS | {"unknown": True}
    assert clock.run(100) == ""
    assert "in-0 stands still" in clock.run(100, joins=False)


STANDS = {"next_offset": 900, "app_offset": 900}


def test_unfetched_records(clock: Clock) -> None:
    clock.partition = STANDS
    assert clock.run(STANDSTILL_S) == ""
    assert "in-0 stands still at offset 900 of 1000" in clock.run(3)
    assert clock.state.standstill == (("in", 0), 900, 1001)
    assert clock.run(30, held=True) == ""
    assert clock.state.standstill is None


def test_records_client_does_not_know(clock: Clock) -> None:
    """Without an answer to a fetch the statistics show the former end."""
    clock.ends["in", 0] = 1001
    assert clock.run(STANDSTILL_S) == ""
    assert "in-0 stands still at offset 1000 of 1001" in clock.run(3)


def test_moving_records_are_up(clock: Clock) -> None:
    for offset in range(900, 960):
        clock.partition = {"next_offset": 950, "app_offset": offset}
        assert clock.run(1) == ""


def test_documents_from_time_of_function(clock: Clock) -> None:
    clock.partition, clock.delay = STANDS, STALE_S + 1
    assert clock.run(100) == ""


def test_end_after_control_records(clock: Clock) -> None:
    """The client fetches records that it does not hand out."""
    clock.partition = {"app_offset": 999}
    assert clock.run(100) == ""


def test_newer_protocol_without_partitions(clock: Clock) -> None:
    """The join state stays as before joining: the coordinator's answers to heartbeats show it."""
    clock.state = ReadingState({}, newer_protocol=True)
    clock.group = {"join_state": "init"}
    observe_answers(clock, 3, 3)
    assert not clock.state.is_member
    observe_answers(clock, 4)
    assert clock.state.is_member


def observe_answers(clock: Clock, *answers: int) -> None:
    """Take statistics with so many answers of the coordinator."""
    for count in answers:
        found = document("consumer")
        found["cgrp"] |= clock.group
        found["brokers"]["GroupCoordinator"]["rx"] = count
        clock.state.observe(found)


def test_refused_standby_is_answered_again(clock: Clock) -> None:
    clock.state = ReadingState({}, newer_protocol=True)
    clock.group = {"join_state": "init"}
    observe_answers(clock, 3, 4)
    clock.state.report_refusal("no such topic yet")
    observe_answers(clock, 4, 4)
    assert not clock.state.is_member
    clock.state.judge(set(), joins=True, held=False)
    assert clock.state.trouble is not None
    assert "no such topic yet" in clock.state.trouble.what
    observe_answers(clock, 5)
    assert clock.state.is_member
    clock.state.judge(set(), joins=True, held=False)
    assert clock.state.trouble is None


def test_transaction_left_open(clock: Clock) -> None:
    """Nothing is read meanwhile: health is UNKNOWN, with the offset and since when."""
    clock.partition = {"hi_offset": 1001}
    assert clock.run(STANDSTILL_S) == ""
    assert "in-0 waits at offset 1000 for the end of a transaction" in clock.run(2)
    assert clock.state.trouble is not None
    assert clock.state.trouble.unread
    assert clock.now - clock.state.trouble.since > STANDSTILL_S
    clock.partition = {}
    assert clock.run(1) == ""


def test_transactions_that_end(clock: Clock) -> None:
    """One follows the other, and each ends in less than the limit.

    No alarm, though some transaction is always open.
    """
    for end in range(1000, 1010):
        clock.partition = {
            "hi_offset": end + 5,
            "ls_offset": end,
            "next_offset": end,
            "app_offset": end,
        }
        assert clock.run(STANDSTILL_S - 5) == ""


LIMIT_S = 30
SILENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "open transaction": ({"hi_offset": 1001}, {}),
    "no leader": ({"fetch_state": "offset-wait", "leader": -1}, {}),
    "fetch errors, or a record that does not fit": (STANDS, {}),
    "fetching stopped": ({"fetch_state": "stopped"}, {}),
    "never started": ({"fetch_state": "none"}, {}),
    "join that is not answered": ({}, {"join_state": "wait-join"}),
    "no coordinator": ({}, {"state": "wait-coord", "join_state": "init"}),
}


@pytest.mark.parametrize(("partition", "group"), SILENT.values(), ids=SILENT)
def test_long_silence_is_not_up(
    clock: Clock, partition: dict[str, Any], group: dict[str, Any]
) -> None:
    assert clock.run(5) == ""
    clock.partition, clock.group = partition, group
    assert clock.run(LIMIT_S)
    assert clock.state.trouble is not None
    assert clock.state.trouble.unread


def test_statistics_that_stop(clock: Clock) -> None:
    clock.run(5)
    for _ in range(LIMIT_S):
        clock.now += 1
        clock.state.judge(OURS, joins=True, held=False)
    assert clock.state.trouble is not None
    assert "tells nothing of itself" in clock.state.trouble.what
    assert clock.run(1) == ""
