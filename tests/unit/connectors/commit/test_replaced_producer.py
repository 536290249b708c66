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
    retriable,
)

# ---- the end of a producer


def test_another_process_with_our_id_is_the_end() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError, match="instance-index"):
        lane.guarantee.commit()


def test_any_other_fatal_error_gets_a_new_producer_but_not_twice_without_a_commit() -> None:
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


def test_after_a_commit_another_producer_may_be_had() -> None:
    lane = Lane()
    for first in (0, 5):
        lane.move(first, first + 4)
        lane.fail(COMMIT, fatal())
        assert not lane.guarantee.commit()
        assert lane.guarantee.commit()
        lane.move(first, first + 4)
        assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 10}


def test_a_transaction_given_up_in_an_outage_is_cleared_away_by_a_new_producer() -> None:
    """Fenced, but by the broker: the transaction was older than it may be, and no broker was
    there.
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


def test_a_transaction_given_up_while_nobody_answered_is_cleared_away_too(
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


def test_a_transaction_given_up_while_the_process_stood_still_is_cleared_away_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    later = monotonic() + 60
    monkeypatch.setattr("connectors.commit.outage_tracker.monotonic", lambda: later)
    fenced_and_cleared_away(lane)


def test_a_young_transaction_is_never_given_up_by_the_broker() -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.brokers.mark_down("test")
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        lane.guarantee.commit()


def test_an_old_transaction_is_doubted_until_the_outage_is_heard_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Callbacks come after the calls they explain; without an outage somebody else has taken
    over.
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
def test_a_failed_delivery_of_the_producer_is_got_over_like_a_failed_call(
    error: KafkaError,
) -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.recover(ProducerError(error))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_one_failure_is_got_over_once() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    for _ in range(2):
        assert lane.guarantee.recover(ProducerError(fatal()))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_a_producer_that_has_forgotten_the_brokers_is_replaced_as_often_as_that_happens() -> None:
    lane = Lane()
    for _ in range(3):
        lane.move(0, 4)
        lane.calls()
        assert lane.guarantee.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
        assert lane.guarantee.commit()
        assert lane.calls() == [REBUILD, INIT]


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
def test_a_producer_that_is_not_answered_for_as_long_as_a_transaction_lives_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.mark_down("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 61) == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_offsets_that_are_never_told_are_cleared_of_what_is_pending(
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


def test_one_that_is_not_answered_for_less_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 59) == [OFFSETS, COMMIT]


@pytest.mark.parametrize(("away", "done"), [(False, [REBUILD, INIT]), (True, [COMMIT])])
def test_a_commit_under_way_is_waited_for_while_no_broker_is_there(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
    done: list[str],
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.mark_down("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, COMMIT, 61) == done


def test_silence_counts_from_the_first_call_that_was_not_answered(
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
