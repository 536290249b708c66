"""The search for a rejected record: which failures are the record's own.

Output and committer are stand-ins.
"""

from collections.abc import Callable

import pytest
from confluent_kafka import Consumer, KafkaError

from config import Settings
from connectors.commit.batch_writer import BatchWriter
from connectors.commit.committer import Committer
from connectors.errors.exceptions import DeliveryError, HalfWrittenError, Interrupted
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.produce.record_producer import RecordProducer
from connectors.produce.rejections import GiveUp
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey
from tests.fakes.consume.consumers import current
from tests.fakes.messages import batch, message

REFUSED, BROKEN = KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.KAFKA_STORAGE_ERROR


class Refusing(RecordProducer):
    """Every delivery fails with `code`: at once, or when it is waited for."""

    def __init__(self, code: int, *, at_once: bool) -> None:
        self._code, self._at_once = code, at_once
        self.delivery_error = None
        self.failed_reports = 0
        self.underway = False  # something has been produced that is not delivered yet

    def produce_batch(
        self,
        batch: RecordBatch,
        wait: Callable[[Callable[[], bool]], None],  # noqa: ARG002 - the client's signature
        give_up: GiveUp,  # noqa: ARG002 - nothing to do
    ) -> None:
        if self._at_once and batch.messages:
            raise DeliveryError("out", KafkaError(self._code))
        self.underway = True

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        if self.underway:
            self.underway = False
            raise DeliveryError("out", KafkaError(self._code))
        return True


class Patient(Committer):
    """Nothing is committed here."""

    def commit(self) -> bool:
        return True

    def on_revoking(self) -> None:
        pass

    def rewind(self) -> None:
        pass


def patient() -> Patient:
    return Patient(current(Consumer({"bootstrap.servers": "", "group.id": "g"})), 1)


def searching(
    code: int,
    *,
    at_once: bool,
    output: Refusing | None = None,
    committer: Committer | None = None,
    is_current: bool = True,
) -> BatchWriter:
    """A writer that has met a rejection."""
    settings = Settings()
    committer = committer or patient()
    retry_policy = RetryPolicy(settings, DeadLetterQueue(settings), lambda _: None)
    writer = BatchWriter(
        output or Refusing(code, at_once=at_once),
        committer,
        retry_policy,
        assert_ready,
        lambda _: is_current,
    )
    assert writer.search_for_rejected(DeliveryError("out", KafkaError(REFUSED)), {("in", 0): 1})
    assert writer.rejected_search.active is is_current
    return writer


def assert_ready(ready: Callable[[], bool]) -> None:
    assert ready()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("code", "known"), [(REFUSED, True), (BROKEN, False)])
def test_only_rejection_blames_record(code: int, *, known: bool, at_once: bool) -> None:
    writer = searching(code, at_once=at_once)
    record = message(b"", 0, 0)
    with pytest.raises(DeliveryError) as met:
        writer.write(batch(record))
    assert met.value.about_the_record is known
    assert writer.search_for_rejected(met.value, {}) is known
    assert (writer.rejected_search.rejection_of(record) is not None) is known


def test_former_topics_record_is_not_noted() -> None:
    """Its topic was deleted and created again with the record in flight.

    Another record has its offset now.
    """
    writer = searching(REFUSED, at_once=True, is_current=False)
    record = message(b"", 0, 0)
    with pytest.raises(DeliveryError) as met:
        writer.write(batch(record))
    assert writer.search_for_rejected(met.value, {("in", 0): 1})
    assert writer.search_for_rejected(HalfWrittenError(record, met.value), {})
    assert not writer.rejected_search.active
    assert writer.rejected_search.rejection_of(record) is None


def test_later_record_is_not_blamed() -> None:
    """Two batches were refused; the search began with the first report, the second comes now."""
    output = Refusing(REFUSED, at_once=False)
    writer = searching(REFUSED, at_once=False, output=output)
    output.underway = True
    record = message(b"", 0, 0)
    with pytest.raises(DeliveryError) as met:
        writer.write(batch(record))
    assert writer.rejected_search.rejection_of(record) is None
    assert writer.search_for_rejected(met.value, {})


class Lost(Refusing):
    """What is delivered fails with its transaction.

    The output counts that and leaves it to the committer to say so.
    """

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        self.failed_reports += self.underway
        self.underway = False
        return True


def test_aborted_record_is_skipped() -> None:
    writer = searching(REFUSED, at_once=False, output=Lost(REFUSED, at_once=False))
    with pytest.raises(Interrupted):
        writer.write(batch(message(b"", 0, 0)))
    assert writer.rejected_search.active


@pytest.mark.parametrize("committed", [{("in", 1): 9}, {("in", 0): 1}, {("in", 1): 8}])
def test_only_uncommitted_records_are_searched(committed: dict[TopicPartitionKey, int]) -> None:
    """A partition that is idle, and committed, has no refused record.

    Its next record may come much later.
    """
    committer = patient()
    committer.mark_committable({("in", 1): 9})
    writer = searching(REFUSED, at_once=False, committer=committer)
    assigned = {("in", 0), ("in", 1)}
    assert writer.max_records(100, assigned) == 1
    committer._confirm(committed)
    writer.rejected_search.mark_done(message(b"", 0, 0))
    assert writer.max_records(100, assigned) == (100 if committed == {("in", 1): 9} else 1)


def test_half_written_record_is_recognised() -> None:
    writer = searching(REFUSED, at_once=False)
    record, cause = message(b"", 0, 0), ValueError()
    assert writer.search_for_rejected(HalfWrittenError(record, cause), {("in", 0): 1})
    assert writer.rejected_search.rejection_of(record) is cause
