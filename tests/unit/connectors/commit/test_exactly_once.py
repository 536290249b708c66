"""Exactly once: what the calls for a transaction are, in which order, and what a failed one
changes. The clients are stand-ins.
"""

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
from tests.fakes.consumers import current

# ---- the usual


def test_records_move_only_when_the_producer_is_ready() -> None:
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


def test_a_transaction_begins_with_the_first_batch_and_ends_with_the_offsets_of_all() -> None:
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


def test_nothing_new_means_no_transaction() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == []


def test_under_load_commits_wait_for_the_interval() -> None:
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
def test_what_may_go_on_later_is_the_same_call_again(call: str, error: KafkaError) -> None:
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
def test_an_abortable_error_aborts_and_reads_again_from_what_is_committed(call: str) -> None:
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


def test_an_abort_and_a_rewind_that_have_to_wait_are_gone_on_with() -> None:
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


def test_no_batch_is_begun_before_the_rewind() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.before_produce()


def test_a_batch_that_is_dropped_half_way_is_aborted_with_all_that_the_transaction_has() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0)]
    assert lane.group.offsets == {}


def test_starting_over_aborts_only_an_open_transaction() -> None:
    lane = Lane()
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == []
    lane.move(0, 4)
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_a_batch_that_was_not_begun_costs_no_transaction() -> None:
    """A retry that a stop ends, for example: what came before it is complete."""
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.guarantee.redelivered == 0


def test_no_batch_joins_a_transaction_whose_offsets_have_been_sent() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.before_produce()


def test_an_abort_is_a_repeat() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    lane.guarantee.commit()
    assert lane.guarantee.redelivered == 1


def test_going_back_does_not_go_behind_what_we_have_committed_either() -> None:
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


def test_a_refused_record_that_shows_while_a_new_producer_is_due_does_not_do_without_it() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.recover(ProducerError(fatal()))
    lane.guarantee.rewind()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_answer_of_a_former_assignment() -> None:
    """The commit is answered when its partition is lost and has come back, and has been read up to
    another offset.
    """
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
