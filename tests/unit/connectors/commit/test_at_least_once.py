"""At least once: what is committed, when, and what an answer changes.

Consumer and output are stand-ins.
"""

import pytest
from confluent_kafka import KafkaError, TopicPartition

from connectors.commit.at_least_once import REVOKE_ATTEMPTS
from connectors.errors.client_exceptions import BrokersForgottenError, CommitTimeoutError
from tests.fakes.committers.at_least_once import Lane

A, B = ("in", 0), ("in", 1)


def test_nothing_processed_means_no_commit() -> None:
    guarantee = Lane().guarantee
    assert not guarantee.pending
    assert not guarantee.due


def test_undelivered_offsets_are_not_committed() -> None:
    lane = Lane()
    lane.deliveries.confirmed = False
    lane.guarantee.mark_processed({A: 5})
    assert not lane.guarantee.commit()
    assert lane.broker.sent == []
    lane.deliveries.confirmed = True
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}]


def test_start_at_the_end_is_committed() -> None:
    lane = Lane()
    lane.guarantee.start_at({A: 9})
    assert lane.guarantee.due
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 9}]
    assert lane.guarantee.ever_committed == set()
    lane.answer({A: 9})
    assert not lane.guarantee.pending
    assert lane.guarantee.ever_committed == {A}
    assert lane.guarantee.own_offsets.keys() == {A}
    lane.guarantee.on_group_left()
    assert lane.guarantee.own_offsets == {}


def test_confirmed_offset_is_not_sent_again() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    assert lane.guarantee.pending
    lane.answer({A: 5, B: 7})
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 6})
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5, B: 7}, {A: 6}]


def test_one_commit_is_in_flight_at_a_time() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.guarantee.mark_processed({A: 6})
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}]
    lane.answer({A: 5})
    assert lane.guarantee.due


def test_failed_commit_is_sent_again() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({}, KafkaError(KafkaError.REBALANCE_IN_PROGRESS))
    assert lane.guarantee.due
    lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}, {A: 5}]


def test_failed_partition_is_retried_alone() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.commit()
    assert lane.broker.sent[1] == {B: 7}


def test_revoke_retries_a_commit_if_useful(caplog: pytest.LogCaptureFixture) -> None:
    busy = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, "busy", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable
    lane = Lane(busy, busy)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert not lane.guarantee.pending
    assert len(lane.broker.sent) == REVOKE_ATTEMPTS
    assert caplog.text == ""


def test_late_answer_takes_no_offset_back() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.guarantee.mark_processed({A: 9, B: 8})
    lane.guarantee.on_revoking()
    lane.answer({A: 5, B: 7})  # of the commit before the revoke
    assert not lane.guarantee.pending
    assert lane.guarantee.last_committed == {A: 9, B: 8}
    assert lane.guarantee.own_offsets == {A: 9, B: 8}


def test_revoke_drops_a_hopeless_commit(caplog: pytest.LogCaptureFixture) -> None:
    lane = Lane(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert lane.guarantee.pending
    assert len(lane.broker.sent) == 1
    assert "the next owner reads its records again" in caplog.text


def test_revoke_commits_delivered_records_only() -> None:
    lane = Lane()
    lane.deliveries.confirmed = False
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.on_revoking()
    assert lane.broker.sent == []


def test_revoked_partition_is_not_committed() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.guarantee.drop([A])
    lane.answer({A: 5, B: 7})
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 5})  # it came back: what was committed meanwhile is unknown
    lane.guarantee.commit()
    assert lane.broker.sent[-1] == {A: 5}


def test_failed_task_commits_nothing() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.close_dirty()
    lane.guarantee.on_revoking()
    assert lane.broker.sent == []


def test_commits_wait_for_the_interval() -> None:
    lane = Lane(interval=3600)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.mark_processed({A: 6})
    assert lane.guarantee.pending
    assert not lane.guarantee.due


def test_unanswered_commit_ends_the_process() -> None:
    lane = Lane(answer_timeout=-1)
    lane.guarantee.mark_processed({A: 5})
    lane.guarantee.commit()
    lane.brokers.mark_down("test")
    assert lane.guarantee.commit()
    lane.brokers.mark_up()
    with pytest.raises(CommitTimeoutError):
        lane.guarantee.commit()


def test_uncommitted_revoke_counts_as_redelivery() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5, B: 7})
    lane.guarantee.commit()
    lane.answer({A: 5})
    lane.guarantee.drop([A])
    assert lane.guarantee.redelivered == 0
    lane.guarantee.on_lost([B])
    assert lane.guarantee.redelivered == 1


def test_half_produced_batch_is_a_repeat() -> None:
    guarantee = Lane().guarantee
    guarantee.discard_batch()
    guarantee.before_produce()
    guarantee.after_produce()
    guarantee.discard_batch()
    assert guarantee.redelivered == 0
    guarantee.before_produce()
    guarantee.discard_batch()
    assert guarantee.redelivered == 1


def test_replaced_consumer_owes_no_commit() -> None:
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    assert lane.guarantee.commit()
    lane.guarantee.on_lost([A])
    lane.guarantee.on_consumer_replaced()
    assert not lane.guarantee.pending
    lane.guarantee.mark_processed({A: 7})
    assert lane.guarantee.commit()
    assert lane.broker.sent == [{A: 5}, {A: 7}]


def test_lost_brokers_replace_the_producer() -> None:
    lane = Lane()
    for _ in range(3):
        assert lane.guarantee.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
    assert lane.deliveries.rebuilt == 3


def test_commit_of_fenced_member_ends_nothing() -> None:
    """The consumer itself reports it, and another consumer may go on."""
    lane = Lane()
    lane.guarantee.mark_processed({A: 5})
    assert lane.guarantee.commit()
    fenced = KafkaError(KafkaError.FENCED_INSTANCE_ID)
    lane.guarantee.on_commit(fenced, [TopicPartition(*A, 5)])
    assert lane.guarantee.commit()
