"""At least once: what is committed, when, and what an answer changes.

Consumer and output are stand-ins.
"""

import pytest
from confluent_kafka import KafkaError, TopicPartition

from connectors.errors.client_exceptions import BrokersForgottenError, CommitTimeoutError
from tests.fakes.committers.at_least_once import A, AtLeastOnceTask, B


def test_nothing_processed_means_no_commit() -> None:
    committer = AtLeastOnceTask().committer
    assert not committer.pending
    assert not committer.due


def test_undelivered_never_commits() -> None:
    task = AtLeastOnceTask()
    task.deliveries.confirmed = False
    task.committer.mark_committable({A: 5})
    assert not task.committer.commit()
    assert task.broker.sent == []
    task.deliveries.confirmed = True
    assert task.committer.commit()
    assert task.broker.sent == [{A: 5}]


def test_start_at_end_is_committed() -> None:
    task = AtLeastOnceTask()
    task.committer.start_at({A: 9})
    assert task.committer.due
    assert task.committer.commit()
    assert task.broker.sent == [{A: 9}]
    assert task.committer.ever_committed == set()
    task.answer({A: 9})
    assert not task.committer.pending
    assert task.committer.ever_committed == {A}
    assert task.committer.own_offsets.keys() == {A}
    task.committer.on_group_left()
    assert task.committer.own_offsets == {}


def test_confirmed_offset_is_not_sent_again() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5, B: 7})
    task.committer.commit()
    assert task.committer.pending
    task.answer({A: 5, B: 7})
    assert not task.committer.pending
    task.committer.mark_committable({A: 6})
    task.committer.commit()
    assert task.broker.sent == [{A: 5, B: 7}, {A: 6}]


def test_one_commit_is_in_flight_at_time() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    task.committer.commit()
    task.committer.mark_committable({A: 6})
    task.committer.commit()
    assert task.broker.sent == [{A: 5}]
    task.answer({A: 5})
    assert task.committer.due


def test_failed_commit_is_repeated() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    task.committer.commit()
    task.answer({}, KafkaError(KafkaError.REBALANCE_IN_PROGRESS))
    assert task.committer.due
    task.committer.commit()
    assert task.broker.sent == [{A: 5}, {A: 5}]


def test_failed_partition_is_retried_alone() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5, B: 7})
    task.committer.commit()
    task.answer({A: 5})
    task.committer.commit()
    assert task.broker.sent[1] == {B: 7}


def test_failed_task_never_commits() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    task.committer.close_dirty()
    task.committer.on_revoking()
    assert task.broker.sent == []


def test_commits_wait_for_interval() -> None:
    task = AtLeastOnceTask(interval=3600)
    task.committer.mark_committable({A: 5})
    task.committer.commit()
    task.answer({A: 5})
    task.committer.mark_committable({A: 6})
    assert task.committer.pending
    assert not task.committer.due


def test_unanswered_commit_ends_process() -> None:
    task = AtLeastOnceTask(answer_timeout=-1)
    task.committer.mark_committable({A: 5})
    task.committer.commit()
    task.brokers.mark_down("test")
    assert task.committer.commit()
    task.brokers.mark_up()
    with pytest.raises(CommitTimeoutError):
        task.committer.commit()


def test_half_produced_batch_is_repeat() -> None:
    committer = AtLeastOnceTask().committer
    committer.discard_batch()
    committer.before_produce()
    committer.after_produce()
    committer.discard_batch()
    assert committer.redelivered == 0
    committer.before_produce()
    committer.discard_batch()
    assert committer.redelivered == 1


def test_replaced_consumer_owes_no_commit() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    assert task.committer.commit()
    task.committer.on_lost([A])
    task.committer.on_consumer_replaced()
    assert not task.committer.pending
    task.committer.mark_committable({A: 7})
    assert task.committer.commit()
    assert task.broker.sent == [{A: 5}, {A: 7}]


def test_lost_brokers_replace_producer() -> None:
    task = AtLeastOnceTask()
    for _ in range(3):
        assert task.committer.recover(
            BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE))
        )
    assert task.deliveries.rebuilt == 3


def test_commit_of_fenced_member_ends_nothing() -> None:
    """The consumer itself reports it, and another consumer may go on."""
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    assert task.committer.commit()
    fenced = KafkaError(KafkaError.FENCED_INSTANCE_ID)
    task.committer.on_commit(fenced, [TopicPartition(*A, 5)])
    assert task.committer.commit()
