"""Errors and outages after which the producer is replaced."""

import pytest
from confluent_kafka import KafkaError

from connectors.cluster.broker_status import boot_time
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
    ExactlyOnceTask,
    abortable,
    fatal,
)


def test_own_id_elsewhere_is_fatal() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError, match="instance-index"):
        task.committer.commit()


def test_fatal_error_replaces_once() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, fatal())
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT, REBUILD, INIT]
    assert task.group.sought == [(A, 0)]
    task.move(0, 4)
    task.fail(COMMIT, fatal())
    with pytest.raises(ClientError):
        task.committer.commit()


def test_commit_allows_another_replacement() -> None:
    task = ExactlyOnceTask()
    for first in (0, 5):
        task.move(first, first + 4)
        task.fail(COMMIT, fatal())
        assert not task.committer.commit()
        assert task.committer.commit()
        task.move(first, first + 4)
        assert task.committer.commit()
    assert task.group.offsets == {A: 10}


def test_outage_expiry_replaces_producer() -> None:
    """Fenced, but by the broker.

    The transaction was older than it may be, and no broker was there.
    """
    task = ExactlyOnceTask(transaction_timeout=0)
    task.move(0, 4)
    task.brokers.mark_down("test")
    task.fail(COMMIT, fatal(FENCED))
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == [
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
    assert task.group.sought == [(A, 0)]
    assert task.group.offsets == {}


def test_silent_expiry_replaces_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No broker was seen to go: packets are dropped, and connections stay."""
    monkeypatch.setattr("connectors.commit.outage_tracker.SLOW_CALL_S", 0)
    task = ExactlyOnceTask(transaction_timeout=0)
    task.move(0, 4)
    fenced_and_cleared_away(task)


def fenced_and_cleared_away(task: ExactlyOnceTask) -> None:
    """The commit of its first batch is refused, and a new producer clears away what that left."""
    task.fail(COMMIT, fatal(FENCED))
    assert not task.committer.commit()
    task.calls()
    assert task.committer.commit()
    assert task.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert task.group.sought == [(A, 0)]


def test_frozen_expiry_replaces_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = ExactlyOnceTask(transaction_timeout=0)
    task.move(0, 4)
    later = boot_time() + 60
    monkeypatch.setattr("connectors.commit.outage_tracker.boot_time", lambda: later)
    fenced_and_cleared_away(task)


def test_young_transaction_is_not_expired() -> None:
    task = ExactlyOnceTask(transaction_timeout=60)
    task.move(0, 4)
    task.brokers.mark_down("test")
    task.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        task.committer.commit()


def test_old_transaction_is_doubted_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Callbacks come after the calls they explain.

    Without an outage somebody else has taken over.
    """
    task = ExactlyOnceTask(transaction_timeout=0)
    task.move(0, 4)
    task.fail(COMMIT, *[fatal(FENCED)] * 3)
    assert not task.committer.commit()
    monkeypatch.setattr("connectors.commit.outage_tracker.OUTAGE_GRACE_S", -1)
    task.committer._outages.reset()
    with pytest.raises(FencedError):
        task.committer.commit()


@pytest.mark.parametrize("error", [fatal(), KafkaError(KafkaError._STATE)])
def test_failed_delivery_recovers(
    error: KafkaError,
) -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.calls()
    assert task.committer.recover(ProducerError(error))
    assert task.committer.commit()
    assert task.calls() == [REBUILD, INIT]


def test_failure_is_recovered_once() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.calls()
    for _ in range(2):
        assert task.committer.recover(ProducerError(fatal()))
    assert task.committer.commit()
    assert task.calls() == [REBUILD, INIT]


def test_lost_brokers_replace_producer() -> None:
    task = ExactlyOnceTask()
    for _ in range(3):
        task.move(0, 4)
        task.calls()
        assert task.committer.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
        assert task.committer.commit()
        assert task.calls() == [REBUILD, INIT]


def test_pending_offsets_are_cleared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a broker leaves them that has finished a transaction without its markers."""
    task = ExactlyOnceTask(transaction_timeout=60)
    task.move(0, 4)
    task.fail(OFFSETS, abortable())
    assert not task.committer.commit()
    task.group.failures = [KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TIMED_OUT)]
    assert not task.committer.commit()
    task.calls()
    later = boot_time() + 61
    monkeypatch.setattr("connectors.commit.outage_tracker.boot_time", lambda: later)
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert task.group.sought == [(A, 0)]
