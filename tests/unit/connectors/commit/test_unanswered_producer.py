"""A producer that gets no answer is replaced once an outage cannot be the reason."""

import pytest

from connectors.cluster.broker_status import boot_time
from tests.fakes.committers.exactly_once import (
    COMMIT,
    INIT,
    OFFSETS,
    REBUILD,
    A,
    ExactlyOnceTask,
    retriable,
)


def silence(
    monkeypatch: pytest.MonkeyPatch, task: ExactlyOnceTask, call: str, seconds: float
) -> list[str]:
    """What is done when `call` has failed and, so much later, fails again."""
    task.fail(call, retriable(), retriable())
    assert not task.committer.commit()
    task.calls()
    later = boot_time() + seconds
    monkeypatch.setattr("connectors.commit.outage_tracker.boot_time", lambda: later)
    assert not task.committer.commit()
    task.calls()
    assert task.committer.commit()
    return task.calls()


@pytest.mark.parametrize("away", [False, True])
def test_unanswered_producer_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    task = ExactlyOnceTask(transaction_timeout=60)
    if away:
        task.brokers.mark_down("test")
    task.move(0, 4)
    assert silence(monkeypatch, task, OFFSETS, 61) == [REBUILD, INIT]
    assert task.group.sought == [(A, 0)]


def test_short_silence_keeps_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    task = ExactlyOnceTask(transaction_timeout=60)
    task.move(0, 4)
    assert silence(monkeypatch, task, OFFSETS, 59) == [OFFSETS, COMMIT]


@pytest.mark.parametrize(("away", "done"), [(False, [REBUILD, INIT]), (True, [COMMIT])])
def test_commit_under_way_survives_outage(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
    done: list[str],
) -> None:
    task = ExactlyOnceTask(transaction_timeout=60)
    if away:
        task.brokers.mark_down("test")
    task.move(0, 4)
    assert silence(monkeypatch, task, COMMIT, 61) == done


def test_silence_counts_from_its_first_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = ExactlyOnceTask(transaction_timeout=60)
    task.move(0, 4)
    task.fail(OFFSETS, retriable())
    assert not task.committer.commit()
    assert task.committer.commit()
    task.calls()
    later = boot_time() + 3600
    monkeypatch.setattr("connectors.commit.outage_tracker.boot_time", lambda: later)
    task.move(5, 9)
    task.fail(OFFSETS, retriable())
    assert not task.committer.commit()
    assert task.committer.commit()
    assert REBUILD not in task.calls()
