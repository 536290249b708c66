"""Errors and outages after which the producer is replaced."""

from time import monotonic

import pytest
from confluent_kafka import KafkaError

from connectors.errors.client_exceptions import (
    BrokersForgottenError,
    ClientError,
    FencedError,
    ProducerError,
)
from tests.fakes.committers.exactly_once import (
    ABORT,
    BEGIN,
    COMMIT,
    FENCED,
    INIT,
    OFFSETS,
    REBUILD,
    A,
    Lane,
    abortable,
    fatal,
)


def test_own_id_elsewhere_is_fatal() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError, match="instance-index"):
        lane.guarantee.commit()


def test_fatal_error_replaces_the_producer_once() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, fatal())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT, REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]
    lane.move(0, 4)
    lane.fail(COMMIT, fatal())
    with pytest.raises(ClientError):
        lane.guarantee.commit()


def test_commit_allows_another_replacement() -> None:
    lane = Lane()
    for first in (0, 5):
        lane.move(first, first + 4)
        lane.fail(COMMIT, fatal())
        assert not lane.guarantee.commit()
        assert lane.guarantee.commit()
        lane.move(first, first + 4)
        assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 10}


def test_outage_expiry_replaces_the_producer() -> None:
    """Fenced, but by the broker.

    The transaction was older than it may be, and no broker was there.
    """
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    lane.brokers.mark_down("test")
    lane.fail(COMMIT, fatal(FENCED))
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [
        BEGIN,
        OFFSETS,
        COMMIT,
        REBUILD,
        INIT,
        BEGIN,
        "touch out-0",
        OFFSETS,
        ABORT,
    ]
    assert lane.group.sought == [(A, 0)]
    assert lane.group.offsets == {}


def test_silent_expiry_replaces_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No broker was seen to go: packets are dropped, and connections stay."""
    monkeypatch.setattr("connectors.commit.outage_tracker.SLOW_CALL_S", 0)
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    fenced_and_cleared_away(lane)


def fenced_and_cleared_away(lane: Lane) -> None:
    """The commit of its first batch is refused, and a new producer clears away what that left."""
    lane.fail(COMMIT, fatal(FENCED))
    assert not lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert lane.group.sought == [(A, 0)]


def test_frozen_expiry_replaces_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    later = monotonic() + 60
    monkeypatch.setattr("connectors.commit.outage_tracker.monotonic", lambda: later)
    fenced_and_cleared_away(lane)


def test_young_transaction_is_not_expired() -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.brokers.mark_down("test")
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        lane.guarantee.commit()


def test_old_transaction_is_doubted_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Callbacks come after the calls they explain.

    Without an outage somebody else has taken over.
    """
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    lane.fail(COMMIT, *[fatal(FENCED)] * 3)
    assert not lane.guarantee.commit()
    monkeypatch.setattr("connectors.commit.outage_tracker.OUTAGE_GRACE_S", -1)
    lane.guarantee._outages.reset()
    with pytest.raises(FencedError):
        lane.guarantee.commit()


@pytest.mark.parametrize("error", [fatal(), KafkaError(KafkaError._STATE)])
def test_failed_delivery_is_recovered(
    error: KafkaError,
) -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.recover(ProducerError(error))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_failure_is_recovered_once() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    for _ in range(2):
        assert lane.guarantee.recover(ProducerError(fatal()))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_lost_brokers_replace_the_producer() -> None:
    lane = Lane()
    for _ in range(3):
        lane.move(0, 4)
        lane.calls()
        assert lane.guarantee.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
        assert lane.guarantee.commit()
        assert lane.calls() == [REBUILD, INIT]


def test_pending_offsets_are_cleared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a broker leaves them that has finished a transaction without its markers."""
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    assert not lane.guarantee.commit()
    lane.group.failures = [KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TIMED_OUT)]
    assert not lane.guarantee.commit()
    lane.calls()
    later = monotonic() + 61
    monkeypatch.setattr("connectors.commit.outage_tracker.monotonic", lambda: later)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert lane.group.sought == [(A, 0)]
