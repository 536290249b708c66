"""Exactly once: which calls a transaction makes, in which order, and what a failed call changes."""

import pytest
from confluent_kafka import KafkaError

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.exactly_once import ExactlyOnceCommitter
from connectors.errors.client_exceptions import ProducerError
from connectors.errors.exceptions import Interrupted
from runtime.lifecycle import Lifecycle
from tests.fakes.committers.exactly_once import (
    ABORT,
    BEGIN,
    COMMIT,
    INIT,
    OFFSETS,
    REBUILD,
    A,
    B,
    Deliveries,
    Group,
    Lane,
    Transactions,
    abortable,
    fatal,
    retriable,
)
from tests.fakes.consume.consumers import current

# ---- the usual


def test_records_wait_for_the_producer() -> None:
    group = Group()
    transactions = Transactions(group)
    transactions.failures[INIT] = [retriable()]
    guarantee = ExactlyOnceCommitter(
        current(group),
        Deliveries(transactions),
        BrokerStatus([]),
        Lifecycle(),
        interval=0,
        transaction_timeout=60,
    )
    assert not guarantee.ready()
    assert guarantee.ready()
    assert transactions.calls == [INIT, INIT]


def test_transaction_spans_batches_and_offsets() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.move(0, 9, partition=1)
    lane.move(5, 6)
    assert lane.guarantee.pending
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 7, B: 10}
    assert not lane.guarantee.pending
    assert lane.guarantee.commits == 1


def test_offsets_alone_are_committed_too() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})  # all of it was dropped by the steps
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]


def test_no_offsets_mean_no_transaction() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == []


def test_commits_wait_for_the_interval() -> None:
    lane = Lane(interval=3600)
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.move(5, 6)
    assert lane.guarantee.pending
    assert not lane.guarantee.due


# ---- a call that has to be made again


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
@pytest.mark.parametrize(
    "error", [retriable(), KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TRANSPORT)]
)
def test_retriable_call_is_repeated(call: str, error: KafkaError) -> None:
    """Not those before it: the offsets are in the transaction already."""
    lane = Lane()
    lane.move(0, 4)
    lane.fail(call, error, error)
    assert not lane.guarantee.commit()
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS] + (
        [OFFSETS, OFFSETS, COMMIT] if call == OFFSETS else [COMMIT] * 3
    )
    assert lane.group.sought == []


# ---- aborts


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
def test_abortable_error_rewinds(call: str) -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.move(5, 9)
    lane.move(20, 29, partition=1)
    lane.calls()
    lane.fail(call, abortable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.due
    assert lane.guarantee.commit()
    assert lane.calls() == ([OFFSETS, ABORT] if call == OFFSETS else [OFFSETS, COMMIT, ABORT])
    # B: from where reading began, for nothing was committed.
    assert lane.group.sought == [(A, 5), (B, 20)]
    assert lane.guarantee.committable_offsets() == {}
    assert lane.guarantee.commits == 1


def test_waiting_abort_and_rewind_continue() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    lane.fail(OFFSETS, abortable())
    lane.fail(ABORT, retriable())
    lane.group.failures = [retriable()]
    turns = [lane.guarantee.commit() for _ in range(4)]
    assert turns == [False, False, False, True]
    assert lane.calls() == [OFFSETS, ABORT, ABORT]
    assert lane.group.sought == [(A, 0)]


def test_rewind_precedes_the_next_batch() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.before_produce()


def test_dropped_batch_aborts_its_transaction() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0)]
    assert lane.group.offsets == {}


def test_reset_aborts_an_open_transaction_only() -> None:
    lane = Lane()
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == []
    lane.move(0, 4)
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_untracked_batch_needs_no_transaction() -> None:
    """A retry that a stop ends, for example: what came before it is complete."""
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.guarantee.redelivered == 0


def test_committing_transaction_takes_no_batch() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.before_produce()


def test_abort_counts_as_redelivery() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    lane.guarantee.commit()
    assert lane.guarantee.redelivered == 1


def test_rewind_stops_at_own_commit() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.move(10, 14)
    lane.fail(OFFSETS, abortable())
    lane.group.offsets[A] = 4
    assert not lane.guarantee.commit()
    assert not lane.guarantee.commit()
    assert lane.group.sought == []
    lane.group.offsets[A] = 10
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 10)]


def test_rejected_record_waits_for_new_producer() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.recover(ProducerError(fatal()))
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_former_assignments_answer_is_ignored() -> None:
    """The commit is answered after its partition was lost, returned and read to another offset."""
    lane = Lane()
    tracker = lane.guarantee.tracker
    tracker.assign([A])
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    tracker.remove([A])
    lane.guarantee.on_lost([A])
    tracker.assign([A])
    lane.guarantee.on_assigned([A])
    lane.guarantee.mark_processed({A: 3})
    lane.guarantee.commit()
    assert lane.guarantee.last_committed.get(A) != 5
