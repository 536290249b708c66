"""A producer that gets no answer is replaced once an outage cannot be the reason."""

from time import monotonic

import pytest

from tests.fakes.committers.exactly_once import (
    COMMIT,
    INIT,
    OFFSETS,
    REBUILD,
    A,
    Lane,
    retriable,
)


def silence(monkeypatch: pytest.MonkeyPatch, lane: Lane, call: str, seconds: float) -> list[str]:
    """What is done when `call` has failed and, so much later, fails again."""
    lane.fail(call, retriable(), retriable())
    assert not lane.guarantee.commit()
    lane.calls()
    later = monotonic() + seconds
    monkeypatch.setattr("connectors.commit.outage_tracker.monotonic", lambda: later)
    assert not lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    return lane.calls()


@pytest.mark.parametrize("away", [False, True])
def test_unanswered_producer_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.mark_down("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 61) == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_short_silence_keeps_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 59) == [OFFSETS, COMMIT]


@pytest.mark.parametrize(("away", "done"), [(False, [REBUILD, INIT]), (True, [COMMIT])])
def test_commit_under_way_survives_an_outage(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
    done: list[str],
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.mark_down("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, COMMIT, 61) == done


def test_silence_counts_from_its_first_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.fail(OFFSETS, retriable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    lane.calls()
    later = monotonic() + 3600
    monkeypatch.setattr("connectors.commit.outage_tracker.monotonic", lambda: later)
    lane.move(5, 9)
    lane.fail(OFFSETS, retriable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert REBUILD not in lane.calls()
