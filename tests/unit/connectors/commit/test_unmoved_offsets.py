"""Offsets that do not move are committed again before the group forgets them."""

import pytest

from connectors.commit.partition_offsets import KEEP_ALIVE_S
from tests.fakes.committers.at_least_once import Lane

A, B = ("in", 0), ("in", 1)


def test_unmoved_offsets_are_committed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of fixed partitions, and only when they have become old."""
    now = 1000.0
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: now)
    lane = Lane()
    lane.guarantee.keep_alive({A: 5, B: 7})
    assert not lane.guarantee.due
    now += KEEP_ALIVE_S
    assert lane.guarantee.due
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5, B: 7}]
    lane.answer({A: 5, B: 7})
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 6})
    lane.guarantee.commit()
    lane.answer({A: 6})
    assert lane.broker.sent == [{A: 5, B: 7}, {A: 6}]
    now += KEEP_ALIVE_S
    lane.guarantee.commit()
    assert lane.broker.sent[-1] == {A: 6, B: 7}


def test_foreign_offsets_are_left_to_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({A: 5})
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: 1e9)
    assert not lane.guarantee.pending


def test_old_offsets_are_let_go_at_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their topic may be gone: a commit of them would never be taken."""
    now = 1000.0
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: now)
    lane = Lane()
    lane.guarantee.keep_alive({A: 5})
    now += KEEP_ALIVE_S
    assert lane.guarantee.pending
    lane.guarantee.end_keep_alive()
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 6})
    assert lane.guarantee.pending
