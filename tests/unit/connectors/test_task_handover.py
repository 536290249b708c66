"""Flows that were never guarded.

A task notices that a batch left the chain of steps, and commits no offset of it.
"""

import copy
import logging
from datetime import timedelta

import bytewax.operators as op
import pytest
from confluent_kafka import KafkaError, KafkaException
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Settings
from connectors.errors.exceptions import Interrupted
from connectors.operators import filter_value, map_value
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey
from connectors.task.stream_task import StreamTask
from connectors.task.wiring import build_parts
from runtime.control.status import TaskHandle
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle
from tests.fakes.flows import two_filters_merged
from tests.fakes.messages import batch, message
from tests.fakes.tasks import Records, Steps, drawn_steps, flow_of, kept, run, same


class OfflineTask(StreamTask):
    """Hands out the batches given, without a broker."""

    def __init__(self, *batches: RecordBatch) -> None:
        self.lifecycle = Lifecycle()
        settings = Settings(binder_brokers=("127.0.0.1:1",))
        super().__init__(build_parts(settings, TaskHandle(), self.lifecycle))
        self._left = list(batches)
        self.written: list[RecordBatch] = []
        self.safe: dict[TopicPartitionKey, int] = {}  # what it would commit
        self._committer.mark_committable = self.safe.update  # type: ignore[method-assign, assignment]  # nothing is committed here
        self._writer.write = self.written.append  # type: ignore[method-assign, assignment]  # nor produced

    def _run_once(self) -> RecordBatch | None:
        if not self._left:
            self.lifecycle.request_stop("the end of the test")
            return None
        handed_out = self._left.pop(0)
        self._in_flight = handed_out.next_offsets
        return handed_out


def batches() -> list[RecordBatch]:
    return [batch(message(b"%d" % offset, offset)) for offset in range(3)]


def collected(records: Records) -> Records:
    return op.key_rm(
        "rm", op.collect("mine", op.key_on("key", records, lambda _: "k"), timedelta(hours=1), 2)
    )


UNGUARDED: dict[str, Steps] = {
    "dropped": lambda records: op.filter("mine", records, lambda _: False),
    "the other branch": lambda records: op.branch("mine", records, kept).falses,
    "merged": two_filters_merged,
    "doubled": lambda records: op.flat_map("mine", records, lambda item: [item, item]),
    "copied": lambda records: op.map("mine", records, copy.copy),
    "taken apart": lambda records: op.flat_map("mine", records, lambda item: item.values),
    "collected": collected,
}


@pytest.mark.parametrize("name", UNGUARDED)
def test_lost_batch_never_commits(name: str, caplog: pytest.LogCaptureFixture) -> None:
    task = OfflineTask(*batches())
    run(flow_of(UNGUARDED[name], task))
    (line,) = [
        record.getMessage()
        for record in caplog.records
        if (record.name, record.levelno) == ("processor.lifecycle", logging.ERROR)
    ]
    assert "guarded(dataflow)" in line
    assert task.lifecycle.exit_code == Exit.FAILED
    assert task.safe == {}


def test_batch_dropped_by_steps_is_no_loss() -> None:
    task = OfflineTask(*batches())
    run(
        flow_of(
            lambda records: map_value("none", filter_value("mine", records, lambda _: False), same),
            task,
        )
    )
    assert task.lifecycle.exit_code == Exit.OK
    assert task.safe == {("in", 0): 3}


@given(st.data())
@settings(max_examples=30)
def test_batch_is_written_once(data: st.DataObject) -> None:
    given_batches = batches()
    task = OfflineTask(*given_batches)
    run(flow_of(drawn_steps(data), task))
    times = [sum(written is each for written in task.written) for each in given_batches]
    assert max(times) <= 1
    if task.lifecycle.exit_code == Exit.OK:
        assert times == [1, 1, 1]
    assert task.safe.get(("in", 0), 0) <= sum(times)


@pytest.mark.parametrize("kept", ["all", "deferred"])
def test_refused_seek_ends_with_line(
    kept: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Raised through Bytewax, the error would be a page of its traceback."""

    def interrupt(_: RecordBatch) -> None:
        raise Interrupted

    def refuse(*_: object) -> None:
        raise KafkaException(KafkaError(KafkaError._OUTDATED))

    handed_out = batch(message(b"1"))
    handed_out.deferred = handed_out.messages if kept == "deferred" else []
    task = OfflineTask(handed_out)
    monkeypatch.setattr(task._writer, "write", interrupt)
    monkeypatch.setattr(task._assignment, "seek_back", refuse)
    task.next_batch()
    task.write_batch(handed_out)
    assert task.lifecycle.exit_code == Exit.FAILED
    assert [
        each.message
        for each in caplog.records
        if each.name == "processor.lifecycle" and each.levelname == "ERROR"
    ] == ["the Kafka client has failed: Local: Outdated (_OUTDATED)"]
    task.close()
