"""At least once: what a revoke or a loss commits. Consumer and output are stand-ins."""

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.at_least_once import REVOKE_ATTEMPTS, AtLeastOnceCommitter
from connectors.errors.client_exceptions import ProducerError
from connectors.produce.record_producer import RecordProducer
from tests.fakes.committers.at_least_once import A, AtLeastOnceTask, B, Broker
from tests.fakes.consume.consumers import current


def test_revoke_retries_commit_if_useful(caplog: pytest.LogCaptureFixture) -> None:
    busy = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, "busy", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable
    task = AtLeastOnceTask(busy, busy)
    task.committer.mark_committable({A: 5})
    task.committer.on_revoking()
    assert not task.committer.pending
    assert len(task.broker.sent) == REVOKE_ATTEMPTS
    assert caplog.text == ""


def test_late_answer_takes_no_offset_back() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5, B: 7})
    task.committer.commit()
    task.committer.mark_committable({A: 9, B: 8})
    task.committer.on_revoking()
    task.answer({A: 5, B: 7})  # of the commit before the revoke
    assert not task.committer.pending
    assert task.committer.reported_committed == {A: 9, B: 8}
    assert task.committer.own_offsets == {A: 9, B: 8}


def test_revoke_drops_hopeless_commit(caplog: pytest.LogCaptureFixture) -> None:
    task = AtLeastOnceTask(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))
    task.committer.mark_committable({A: 5})
    task.committer.on_revoking()
    assert task.committer.pending
    assert len(task.broker.sent) == 1
    assert "the next owner reads its records again" in caplog.text


def test_refused_partition_is_named_at_revoke(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit as a whole succeeds, and the answer for one partition is an error."""
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5})
    refused = TopicPartition(*A, 5)
    error = KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)
    answer = SimpleNamespace(
        topic=refused.topic, partition=refused.partition, offset=5, error=error
    )
    monkeypatch.setattr(task.broker, "commit", lambda **_: [answer])
    task.committer.on_revoking()
    assert f"reads its records again: {A[0]}-{A[1]}: " in caplog.text
    assert "Group authorization failed" in caplog.text


def test_revoke_commits_delivered_records_only() -> None:
    task = AtLeastOnceTask()
    task.deliveries.confirmed = False
    task.committer.mark_committable({A: 5})
    task.committer.on_revoking()
    assert task.broker.sent == []


def test_revoked_partition_is_not_committed() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5, B: 7})
    task.committer.commit()
    task.committer.drop([A])
    task.answer({A: 5, B: 7})
    assert not task.committer.pending
    task.committer.mark_committable({A: 5})  # it came back: what was committed meanwhile is unknown
    task.committer.commit()
    assert task.broker.sent[-1] == {A: 5}


def test_uncommitted_revoke_redelivers() -> None:
    task = AtLeastOnceTask()
    task.committer.mark_committable({A: 5, B: 7})
    task.committer.commit()
    task.answer({A: 5})
    task.committer.drop([A])
    assert task.committer.redelivered == 0
    task.committer.on_lost([B])
    assert task.committer.redelivered == 1


@pytest.mark.parametrize("signal", ["outdated", "lost", "fatal"])
def test_revoke_postpones_producer_error(signal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client signals each of these once, and a revoke must not raise it."""
    brokers = BrokerStatus([])
    output = RecordProducer(Settings(binder_brokers=("127.0.0.1:1",)), brokers)
    committer = AtLeastOnceCommitter(
        current(Broker()), output, brokers, interval=0, answer_timeout=3600
    )
    committer.mark_committable({A: 5})
    if signal == "fatal":
        failures = [KafkaException(KafkaError(KafkaError._FATAL))]

        def flush(_: float) -> int:
            if failures:
                raise failures.pop()
            return 0

        monkeypatch.setattr(output, "producer", SimpleNamespace(flush=flush, poll=lambda _: 0))
    output.monitor.is_outdated = signal == "outdated"
    output.monitor.lost = "no broker" if signal == "lost" else ""
    committer.on_revoking()
    with pytest.raises(ProducerError) as raised:
        output.flush(0)
    assert output.flush(1)  # raised once: transactions first run the steps of a new producer
    output.postpone(raised.value)
    assert committer.recover(raised.value)
    assert output.flush(1)
