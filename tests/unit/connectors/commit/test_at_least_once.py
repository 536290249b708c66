"""At least once: what is committed, when, and what an answer changes. Consumer and output are
stand-ins.
"""

import pytest
from confluent_kafka import KafkaError

from connectors.commit.at_least_once import REVOKE_ATTEMPTS
from connectors.commit.partition_offsets import KEEP_ALIVE_S
from connectors.errors.client_exceptions import BrokersForgottenError, CommitTimeoutError
from tests.fakes.committers.at_least_once import Lane

A, B = ("in", 0), ("in", 1)


def test_nothing_is_due_before_something_is_safe() -> None:
    guarantee = Lane().guarantee
    assert not guarantee.pending
    assert not guarantee.due


def test_nothing_is_committed_before_its_deliveries() -> None:
    lane = Lane()
    lane.deliveries.confirmed = False
    lane.guarantee.mark_processed({A: 5})
    assert not lane.guarantee.commit()
    assert lane.broker.sent == []
    lane.deliveries.confirmed = True
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}]


def test_the_end_at_which_a_partition_is_begun_is_committed() -> None:
    lane = Lane()
    lane.guarantee.start_at({A: 9})
    assert lane.guarantee.due
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 9}]
    assert lane.guarantee.ever_committed == set()
    lane.answer({A: 9})
    assert not lane.guarantee.pending
    assert lane.guarantee.ever_committed == {A}


def test_a_confirmed_position_is_not_sent_again() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    assert lane.guarantee.pending
    lane.answer({A: 5, B: 7})
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 6})
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5, B: 7}, {A: 6}]


def test_no_second_commit_while_one_is_unanswered() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.guarantee.mark_processed({A: 6})
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}]
    lane.answer({A: 5})
    assert lane.guarantee.due


def test_a_failed_commit_is_sent_again() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({}, KafkaError(KafkaError.REBALANCE_IN_PROGRESS))
    assert lane.guarantee.due
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}, {A: 5}]


def test_a_partition_that_failed_alone_is_sent_again_alone() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.commit()
    assert lane.broker.sent[1] == {B: 7}


def test_before_a_revoke_a_commit_is_tried_again_when_that_may_help() -> None:
    busy = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, "busy", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable
    lane = Lane(busy, busy)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert not lane.guarantee.pending
    assert len(lane.broker.sent) == REVOKE_ATTEMPTS


def test_before_a_revoke_a_hopeless_commit_is_given_up() -> None:
    lane = Lane(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert lane.guarantee.pending
    assert len(lane.broker.sent) == 1


def test_before_a_revoke_nothing_is_committed_that_is_not_delivered() -> None:
    lane = Lane()
    lane.deliveries.confirmed = False
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert lane.broker.sent == []


def test_what_has_been_revoked_is_neither_sent_nor_confirmed() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.guarantee.drop([A])
    lane.answer({A: 5, B: 7})
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 5})  # it came back: what was committed meanwhile is unknown
    lane.guarantee.commit()
    assert lane.broker.sent[-1] == {A: 5}


def test_after_an_error_nothing_is_committed() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.close_dirty()
    lane.guarantee.on_revoking()
    assert lane.broker.sent == []


def test_under_load_commits_wait_for_the_interval() -> None:
    lane = Lane(interval=3600)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.mark_processed({A: 6})
    assert lane.guarantee.pending
    assert not lane.guarantee.due


def test_a_commit_that_is_never_answered_ends_the_process_unless_the_brokers_are_away() -> None:
    lane = Lane(longest=-1)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.brokers.mark_down("test")
    assert lane.guarantee.commit()
    lane.brokers.mark_up()
    with pytest.raises(CommitTimeoutError):
        lane.guarantee.commit()


def test_partitions_that_go_with_something_uncommitted_are_repeats() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.drop([A])
    assert lane.guarantee.redelivered == 0
    lane.guarantee.on_lost([B])
    assert lane.guarantee.redelivered == 1


def test_a_batch_that_is_dropped_is_a_repeat_when_some_of_it_was_produced() -> None:
    guarantee = Lane().guarantee
    guarantee.discard_batch()
    guarantee.before_produce()
    guarantee.after_produce()
    guarantee.discard_batch()
    assert guarantee.redelivered == 0
    guarantee.before_produce()
    guarantee.discard_batch()
    assert guarantee.redelivered == 1


def test_what_a_consumer_was_asked_that_is_gone_is_not_waited_for() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    assert lane.guarantee.commit()
    lane.guarantee.on_lost([A])
    lane.guarantee.on_consumer_replaced()
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 7})
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}, {A: 7}]


def test_a_producer_that_has_forgotten_the_brokers_is_replaced_as_often_as_that_happens() -> None:
    lane = Lane()
    for _ in range(3):
        assert lane.guarantee.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
    assert lane.deliveries.rebuilt == 3


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


def test_members_offsets_are_left_to_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({A: 5})
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: 1e9)
    assert not lane.guarantee.pending
