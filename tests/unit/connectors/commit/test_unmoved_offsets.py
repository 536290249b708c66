"""Offsets that do not move are committed again before the group forgets them."""

import pytest

from connectors.commit.partition_offsets import KEEP_ALIVE_S
from tests.fakes.committers.at_least_once import AtLeastOnceTask

A, B = ("in", 0), ("in", 1)


def test_unmoved_offsets_are_committed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of fixed partitions, and only when they have become old."""
    now = 1000.0
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: now)
    task = AtLeastOnceTask()
    task.committer.keep_alive({A: 5, B: 7})
    assert not task.committer.due
    now += KEEP_ALIVE_S
    assert task.committer.due
    task.committer.commit()
    assert task.broker.sent == [{A: 5, B: 7}]
    task.answer({A: 5, B: 7})
    assert not task.committer.pending
    task.committer.mark_committable({A: 6})
    task.committer.commit()
    task.answer({A: 6})
    assert task.broker.sent == [{A: 5, B: 7}, {A: 6}]
    now += KEEP_ALIVE_S
    task.committer.commit()
    assert task.broker.sent[-1] == {A: 6, B: 7}


def test_foreign_offsets_are_left_to_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    task.committer.commit()
    task.answer({A: 5})
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: 1e9)
    assert not task.committer.pending


def test_old_offsets_are_let_go_at_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their topic may be gone: a commit of them would never be taken."""
    now = 1000.0
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: now)
    task = AtLeastOnceTask()
    task.committer.keep_alive({A: 5})
    now += KEEP_ALIVE_S
    assert task.committer.pending
    task.committer.end_keep_alive()
    assert not task.committer.pending
    task.committer.mark_committable({A: 6})
    assert task.committer.pending


def test_start_is_committed_before_kept_alive() -> None:
    """The end that a partition starts at is only looked up. Without a commit it would be lost."""
    task = AtLeastOnceTask()
    task.committer.start_at({A: 5})
    task.committer.keep_alive({A: 5, B: 7})
    task.committer.end_keep_alive()
    assert task.committer.pending
    task.committer.commit()
    assert task.broker.sent == [{A: 5}]
    task.answer({A: 5})
    assert not task.committer.pending
