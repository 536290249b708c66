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
    ExactlyOnceTask,
    Group,
    Transactions,
    abortable,
    fatal,
    retriable,
)
from tests.fakes.consume.consumers import current

# ---- the usual


def test_records_wait_for_producer() -> None:
    group = Group()
    transactions = Transactions(group)
    transactions.failures[INIT] = [retriable()]
    committer = ExactlyOnceCommitter(
        current(group),
        Deliveries(transactions),
        BrokerStatus([]),
        Lifecycle(),
        interval=0,
        transaction_timeout=60,
    )
    assert not committer.ready()
    assert committer.ready()
    assert transactions.calls == [INIT, INIT]


def test_transaction_spans_batches_and_offsets() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.move(0, 9, partition=1)
    task.move(5, 6)
    assert task.committer.pending
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.group.offsets == {A: 7, B: 10}
    assert not task.committer.pending
    assert task.committer.commits == 1


def test_offsets_alone_are_committed_too() -> None:
    task = ExactlyOnceTask()
    task.committer.mark_committable({A: 5})  # all of it was dropped by the steps
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]


def test_no_offsets_mean_no_transaction() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.commit()
    task.calls()
    assert task.committer.commit()
    assert task.calls() == []


def test_commits_wait_for_interval() -> None:
    task = ExactlyOnceTask(interval=3600)
    task.move(0, 4)
    task.committer.commit()
    task.move(5, 6)
    assert task.committer.pending
    assert not task.committer.due


# ---- a call that has to be made again


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
@pytest.mark.parametrize(
    "error", [retriable(), KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TRANSPORT)]
)
def test_retriable_call_is_redone(call: str, error: KafkaError) -> None:
    """Not those before it: the offsets are in the transaction already."""
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(call, error, error)
    assert not task.committer.commit()
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS] + (
        [OFFSETS, OFFSETS, COMMIT] if call == OFFSETS else [COMMIT] * 3
    )
    assert task.group.sought == []


# ---- aborts


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
def test_abortable_error_rewinds(call: str) -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.commit()
    task.move(5, 9)
    task.move(20, 29, partition=1)
    task.calls()
    task.fail(call, abortable())
    assert not task.committer.commit()
    assert task.committer.due
    assert task.committer.commit()
    assert task.calls() == ([OFFSETS, ABORT] if call == OFFSETS else [OFFSETS, COMMIT, ABORT])
    # B: from where reading began, for nothing was committed.
    assert task.group.sought == [(A, 5), (B, 20)]
    assert task.committer.committable_offsets() == {}
    assert task.committer.commits == 1


def test_waiting_abort_and_rewind_continue() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.calls()
    task.fail(OFFSETS, abortable())
    task.fail(ABORT, retriable())
    task.group.failures = [retriable()]
    turns = [task.committer.commit() for _ in range(4)]
    assert turns == [False, False, False, True]
    assert task.calls() == [OFFSETS, ABORT, ABORT]
    assert task.group.sought == [(A, 0)]


def test_rewind_before_next_batch() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(OFFSETS, abortable())
    task.committer.commit()
    with pytest.raises(Interrupted):
        task.committer.before_produce()


def test_dropped_batch_aborts_its_transaction() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.take(5, 9)
    task.committer.discard_batch()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, ABORT]
    assert task.group.sought == [(A, 0)]
    assert task.group.offsets == {}


def test_reset_aborts_open_transaction_only() -> None:
    task = ExactlyOnceTask()
    task.committer.rewind()
    assert task.committer.commit()
    assert task.calls() == []
    task.move(0, 4)
    task.committer.rewind()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, ABORT]


def test_untracked_batch_needs_no_transaction() -> None:
    """A retry that a stop ends, for example: what came before it is complete."""
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.discard_batch()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.committer.redelivered == 0


def test_committing_transaction_takes_no_batch() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, retriable())
    assert not task.committer.commit()
    with pytest.raises(Interrupted):
        task.committer.before_produce()


def test_aborts_are_redeliveries() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(OFFSETS, abortable())
    task.committer.commit()
    task.committer.commit()
    assert task.committer.redelivered == 1


def test_rewind_ends_at_own_commit() -> None:
    task = ExactlyOnceTask()
    task.move(0, 9)
    task.committer.commit()
    task.move(10, 14)
    task.fail(OFFSETS, abortable())
    task.group.offsets[A] = 4
    assert not task.committer.commit()
    assert not task.committer.commit()
    assert task.group.sought == []
    task.group.offsets[A] = 10
    assert task.committer.commit()
    assert task.group.sought == [(A, 10)]


def test_rejection_waits_for_producer() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.calls()
    assert task.committer.recover(ProducerError(fatal()))
    task.committer.rewind()
    assert task.committer.commit()
    assert task.calls() == [REBUILD, INIT]
    assert task.group.sought == [(A, 0)]


def test_former_assignments_answer_is_ignored() -> None:
    """The commit is answered after its partition was lost, returned and read to another offset."""
    task = ExactlyOnceTask()
    tracker = task.committer.tracker
    tracker.assign([A])
    task.move(0, 4)
    task.fail(COMMIT, retriable())
    assert not task.committer.commit()
    tracker.remove([A])
    task.committer.on_lost([A])
    tracker.assign([A])
    task.committer.on_assigned([A])
    task.committer.mark_committable({A: 3})
    task.committer.commit()
    assert task.committer.reported_committed.get(A) != 5
