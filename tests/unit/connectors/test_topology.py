"""Flows by their structure.

One chain from the source to the sink, or one line that names the step and says what to write.
"""

import logging
from collections.abc import Callable
from typing import Any, cast

import bytewax.operators as op
import pytest
from bytewax.connectors.stdio import StdOutSink
from bytewax.dataflow import Dataflow, Stream
from bytewax.outputs import Sink
from bytewax.testing import TestingSource
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors.exceptions import UnsafeStepError
from connectors.kafka import KafkaSink, KafkaSource
from connectors.operators import guarded, map_value
from connectors.records.batch import RecordBatch
from tests.fakes.flows import SAFE, UNSAFE, written
from tests.fakes.messages import batch_of
from tests.fakes.tasks import (
    MemoryTask,
    drawn_steps,
    flow_of,
    run,
    same,
)


def refusal(flow: Dataflow) -> str:
    with pytest.raises(UnsafeStepError) as refused:
        guarded(flow)
    line = str(refused.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", SAFE)
def test_chain_of_our_steps_runs(name: str) -> None:
    batches = [batch_of(b"a b", b"c"), batch_of(None)]
    task = MemoryTask(batches)
    run(guarded(flow_of(SAFE[name], task)))
    assert [id(batch) for batch in task.written] == [id(batch) for batch in batches]


def test_log_has_the_steps(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "processor.lifecycle")
    run(guarded(flow_of(cleaned_and_reversed, MemoryTask([]))))
    assert caplog.messages == ["each record passes the steps: upper, turned"]


@pytest.mark.parametrize("name", UNSAFE)
def test_other_flow_is_one_line(name: str) -> None:
    steps, parts = UNSAFE[name]
    line = refusal(flow_of(steps))
    assert [part for part in parts if part not in line] == [], line


def cleaned_and_reversed(records: Stream[RecordBatch]) -> Stream[RecordBatch]:
    return map_value("turned", map_value("upper", records, bytes.upper), bytes.lower)


def made(build: Callable[[Dataflow, KafkaSource, KafkaSink], object]) -> Dataflow:
    source, flow = KafkaSource(MemoryTask), Dataflow("f")
    build(flow, source, KafkaSink(source))
    return flow


def output_twice(flow: Dataflow, source: KafkaSource, sink: KafkaSink) -> None:
    records = op.input("in", flow, source)
    op.output("one", records, sink)
    op.output("two", records, sink)


def output_in_a_step(flow: Dataflow, source: KafkaSource, sink: KafkaSink) -> None:
    records = op.input("in", flow, source)
    op.output("one", records, sink)
    written("two", records, sink)


def input_twice(flow: Dataflow, source: KafkaSource, sink: KafkaSink) -> None:
    op.output("out", op.input("one", flow, source), sink)
    op.input("two", flow, source)


def unread_last_step(flow: Dataflow, source: KafkaSource, sink: KafkaSink) -> None:
    records = op.input("in", flow, source)
    op.output("out", records, sink)
    map_value("after", records, same)


def another_source(flow: Dataflow, _: KafkaSource, sink: Any) -> None:
    op.output("out", op.input("in", flow, TestingSource([1])), sink)


def another_sink(flow: Dataflow, source: KafkaSource, _: KafkaSink) -> None:
    op.output("out", op.input("in", flow, source), cast("Sink[RecordBatch]", StdOutSink()))


ENDS: dict[str, tuple[Callable[[Dataflow, KafkaSource, KafkaSink], object], str]] = {
    "nothing": (lambda *_: None, "no input; write op.input('input', dataflow, source)"),
    "no output": (
        lambda flow, source, _: op.input("in", flow, source),
        "no output; write op.output('output', records",
    ),
    "two outputs": (output_twice, "2 outputs, 'one' and 'two'"),
    "an output within a step": (output_in_a_step, "2 outputs, 'one' and 'inner'"),
    "two inputs": (input_twice, "2 inputs, 'one' and 'two'"),
    "a step beside the output": (unread_last_step, "step 'after': no step reads its records"),
    "another source": (another_source, "the input is a TestingSource"),
    "another sink": (another_sink, "the output is a StdOutSink"),
    "the sink of another source": (
        lambda flow, _, sink: op.output("out", op.input("in", flow, KafkaSource(MemoryTask)), sink),
        "belongs to another KafkaSource",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_other_sources_and_sinks_are_refused(name: str) -> None:
    build, part = ENDS[name]
    assert part in refusal(made(build))


def refused(flow: Dataflow) -> str | None:
    try:
        guarded(flow)
    except UnsafeStepError as error:
        return str(error)
    return None


@given(st.data())
def test_accepted_flow_passes_each_batch_once(data: st.DataObject) -> None:
    """Flows of up to six steps, each behind any stream that is there; most are no chains."""
    batches = [batch_of(b"A", b"B"), batch_of(b"C")]
    task = MemoryTask(batches)
    flow = flow_of(drawn_steps(data), task)
    if line := refused(flow):
        assert "\n" not in line
        return
    run(flow)
    assert [id(batch) for batch in task.written] == [id(batch) for batch in batches]
    assert [batch.values for batch in task.written] == [[b"A", b"B"], [b"C"]]
