"""Why a producer was fenced, while the wall clock steps or the machine is suspended."""

import time

import pytest

from connectors.errors.client_exceptions import FencedError
from tests.fakes.committers.exactly_once import (
    ABORT,
    BEGIN,
    COMMIT,
    FENCED,
    INIT,
    OFFSETS,
    REBUILD,
    ExactlyOnceTask,
    fatal,
)

TIMEOUT_S = 60.0  # of a transaction
HOUR_S = 3600.0
RECOVERED = [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]


class Clocks:
    """The time since the machine started, and a wall clock that may step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed = 1.0  # seconds, also while the machine is suspended
        self.step = 0.0
        monkeypatch.setattr(time, "clock_gettime", lambda _: self.passed)
        monkeypatch.setattr(time, "time", lambda: 1e9 + self.passed + self.step)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def fenced_commit(task: ExactlyOnceTask) -> list[str]:
    """What is done when the commit meets a fence, and after that."""
    task.fail(COMMIT, fatal(FENCED))
    assert not task.committer.commit()
    task.calls()
    assert task.committer.commit()
    return task.calls()


@pytest.mark.parametrize("step", [-HOUR_S, HOUR_S])
@pytest.mark.parametrize("is_back", [False, True])
def test_fence_after_outage(
    clocks: Clocks,
    monkeypatch: pytest.MonkeyPatch,
    step: float,
    is_back: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """The broker gave up the transaction in the outage, whatever the wall clock says."""
    monkeypatch.setattr("connectors.commit.outage_tracker.STANDSTILL_MIN_S", 2 * TIMEOUT_S)
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    task.move(0, 4)
    clocks.passed += 1
    task.brokers.mark_down("test")
    clocks.passed, clocks.step = clocks.passed + TIMEOUT_S, step
    if is_back:
        task.brokers.mark_up()
    assert fenced_commit(task) == RECOVERED


@pytest.mark.parametrize("step", [-HOUR_S, HOUR_S])
def test_fence_of_young_transaction(clocks: Clocks, step: float) -> None:
    """Another process has the id: the broker cannot have given up the transaction yet."""
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    task.move(0, 4)
    clocks.passed += 1
    task.brokers.mark_down("test")
    clocks.passed, clocks.step = clocks.passed + TIMEOUT_S / 2, step
    task.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        task.committer.commit()


@pytest.mark.parametrize("step", [-HOUR_S, HOUR_S])
def test_fence_after_former_outage(
    clocks: Clocks, step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outage ended before the transaction began, so it explains nothing."""
    monkeypatch.setattr("connectors.commit.outage_tracker.OUTAGE_GRACE_S", -1)
    monkeypatch.setattr("connectors.commit.outage_tracker.STANDSTILL_MIN_S", 2 * TIMEOUT_S)
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    task.brokers.mark_down("test")
    clocks.passed += 1
    task.brokers.mark_up()
    clocks.passed, clocks.step = clocks.passed + 1, step
    task.move(0, 4)
    clocks.passed += TIMEOUT_S
    task.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        task.committer.commit()


def test_fence_after_suspended_machine(clocks: Clocks) -> None:
    """The monotonic clock stands meanwhile, and no broker was seen to go."""
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    task.move(0, 4)
    clocks.passed += TIMEOUT_S
    assert fenced_commit(task) == RECOVERED


def test_call_in_suspended_machine(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine was suspended in the call that fails: that is an outage, too."""
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    task.move(0, 4)
    commit = task.transactions.commit_transaction

    def suspended(timeout: float) -> None:
        clocks.passed += TIMEOUT_S
        commit(timeout)

    monkeypatch.setattr(task.transactions, "commit_transaction", suspended)
    assert fenced_commit(task) == RECOVERED


def test_outage_before_first_transaction(clocks: Clocks) -> None:
    """It explains a fence on a machine that has just started, too."""
    task = ExactlyOnceTask(transaction_timeout=TIMEOUT_S)
    clocks.passed += 1
    task.brokers.mark_down("test")
    clocks.passed += 1
    assert task.committer._outages.expired_by_outage
