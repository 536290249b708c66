"""Whether the input is read: by the consumer's statistics, at a clock of the test's own."""

from typing import Any

import pytest

from connectors.monitoring.reading_state import GRACE_S, STALE_S, STANDSTILL_S, ReadingState
from tests.fakes.reading_clock import OURS, Clock
from tests.fakes.statistics_documents import document


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


HOUR_S = 3600.0
NOT_READ: dict[str, tuple[float, dict[str, Any], dict[str, Any]]] = {
    "unfetched records": (STANDSTILL_S, STANDS, {}),
    "open transaction": (STANDSTILL_S, {"hi_offset": 1001}, {}),
    "fetching stopped": (GRACE_S, {"fetch_state": "stopped"}, {}),
    "not a member": (GRACE_S, {}, {"join_state": "init"}),
}


@pytest.mark.parametrize("step", [-HOUR_S, HOUR_S])
@pytest.mark.parametrize(("limit", "partition", "group"), NOT_READ.values(), ids=NOT_READ)
def test_wall_clock_that_steps(
    clock: Clock, step: float, limit: float, partition: dict[str, Any], group: dict[str, Any]
) -> None:
    """A standstill is neither hidden by the step nor invented."""
    clock.run(1)
    clock.partition, clock.group = partition, group
    assert clock.run(limit / 2) == ""
    clock.step = step
    assert clock.run(limit / 2) == ""
    assert clock.run(3)


def test_beginning_is_shown_as_wall_time(clock: Clock) -> None:
    """It stays the same when the wall clock steps later."""
    clock.partition, clock.step = STANDS, HOUR_S
    assert clock.run(STANDSTILL_S + 3)
    for clock.step in (HOUR_S, -HOUR_S):
        assert clock.run(1)
        assert clock.state.trouble is not None
        assert clock.state.trouble.since == 1001 + HOUR_S
    assert clock.state.standstill == (("in", 0), 900, 1001)


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
