"""Flows by their structure: one chain from the source to the sink, or one line that names the step
and says what to write.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import bytewax.operators as op
import pytest
from bytewax.connectors.stdio import StdOutSink
from bytewax.dataflow import Dataflow, Stream, operator
from bytewax.outputs import Sink
from bytewax.testing import TestingSource
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors.exceptions import UnsafeStepError
from connectors.operators import filter_value, flat_map_value, guarded, map_value
from connectors.records.batch import RecordBatch
from connectors.sink import KafkaSink
from connectors.source import KafkaSource
from tests.fakes.messages import batch_of
from tests.fakes.tasks import (
    MemoryLane,
    Records,
    Steps,
    cleaned,
    drawn_steps,
    flow_of,
    kept,
    passed,
    run,
    same,
)


@operator
def spoiled(step_id: str, up: Stream[RecordBatch]) -> Stream[RecordBatch]:  # noqa: ARG001 - Bytewax's signature
    return op.map("inner", up, same)


@operator
def forgotten(step_id: str, up: Stream[RecordBatch]) -> Stream[RecordBatch]:  # noqa: ARG001 - Bytewax's signature
    map_value("lost", up, same)
    return up


@operator
def written(step_id: str, up: Stream[RecordBatch], sink: KafkaSink) -> None:  # noqa: ARG001 - Bytewax's signature
    op.output("inner", up, sink)


def refusal(flow: Dataflow) -> str:
    with pytest.raises(UnsafeStepError) as refused:
        guarded(flow)
    line = str(refused.value)
    assert "\n" not in line
    return line


def two_filters_merged(records: Records) -> Records:
    return op.merge("both", filter_value("a", records, kept), filter_value("b", records, kept))


def unread_step(records: Records) -> Records:
    map_value("mine", records, same)
    return records


def unread_after_a_chain(records: Records) -> Records:
    map_value("mine", map_value("first", records, same), same)
    return records


def keyed(records: Records) -> Any:
    return op.key_on("key", records, str)


SAFE: dict[str, Steps] = {
    "none": lambda records: records,
    "one": lambda records: map_value("mine", records, same),
    "three": lambda records: flat_map_value(
        "c", filter_value("b", map_value("a", records, same), kept), bytes.split
    ),
    "fluent": lambda records: records.then(map_value, "mine", same),
    "an operator of three": lambda records: cleaned("mine", records),
    "an operator that does nothing": lambda records: passed("mine", records),
}

# the steps, and what the line says
UNSAFE: dict[str, tuple[Callable[[Records], Any], list[str]]] = {
    "map": (
        lambda r: op.map("mine", r, same),
        ["step 'mine'", "bytewax.operators.map", "map_value('mine', records, function)"],
    ),
    "filter": (
        lambda r: op.filter("mine", r, kept),
        ["step 'mine'", "operators.filter ", "filter_value('mine'"],
    ),
    "flat_map": (
        lambda r: op.flat_map("mine", r, same),
        ["step 'mine'", "operators.flat_map ", "flat_map_value('mine'"],
    ),
    "filter_map": (
        lambda r: op.filter_map("mine", r, same),
        ["step 'mine'", "map_value('mine'", "None"],
    ),
    "flatten": (lambda r: op.flatten("mine", r), ["step 'mine'", "only map_value"]),
    "flat_map_batch": (
        lambda r: op.flat_map_batch("mine", r, same),
        ["step 'mine'", "only map_value"],
    ),
    "enrich_cached": (
        lambda r: op.enrich_cached("mine", r, same, lambda _, item: item),
        ["step 'mine'", "only map_value"],
    ),
    "key_on": (
        lambda r: op.key_rm("rm", op.key_on("mine", r, str)),
        ["step 'mine'", "only map_value"],
    ),
    "Bytewax's map_value": (
        lambda r: op.map_value("mine", r, same),
        ["step 'mine'", "map_value from connectors.operators"],
    ),
    "Bytewax's filter_value": (
        lambda r: op.filter_value("mine", r, kept),
        ["'mine'", "filter_value from connectors"],
    ),
    "Bytewax's flat_map_value": (
        lambda r: op.flat_map_value("mine", r, same),
        ["'mine'", "flat_map_value from connectors"],
    ),
    "inspect": (
        lambda r: op.inspect("mine", r),
        ["step 'mine'", "looks at a value and returns it"],
    ),
    "inspect_debug": (
        lambda r: op.inspect_debug("mine", r),
        ["step 'mine'", "looks at a value and returns it"],
    ),
    "branch": (lambda r: op.branch("mine", r, kept).trues, ["step 'mine'", "map_value('mine'"]),
    "merge": (two_filters_merged, ["step 'both'", "flat_map_value gives several records for one"]),
    "merge of one": (lambda r: op.merge("mine", r), ["step 'mine'", "flat_map_value"]),
    "raises": (lambda r: (op.raises("mine", r), r)[1], ["step 'mine'", "bytewax.operators.raises"]),
    "collect": (
        lambda r: op.collect("mine", keyed(r), timedelta(1), 9),
        ["step 'mine': collect holds records back"],
    ),
    "stateful_map": (
        lambda r: op.stateful_map("mine", keyed(r), lambda s, v: (s, v)),
        ["'mine': stateful_map holds records back"],
    ),
    "count_final": (
        lambda r: op.count_final("mine", r, str),
        ["step 'mine': count_final holds records back"],
    ),
    "join": (lambda r: op.join("mine", keyed(r)), ["step 'mine': join holds records back"]),
    "redistribute": (
        lambda r: op.redistribute("mine", r),
        ["step 'mine': redistribute moves records"],
    ),
    "a stream nobody reads": (unread_step, ["step 'mine': no step reads its records"]),
    "a chain nobody reads": (unread_after_a_chain, ["step 'mine': no step reads its records"]),
    "a step within a step": (lambda r: spoiled("mine", r), ["step 'inner'", "map_value('inner'"]),
    "a fork within a step": (
        lambda r: forgotten("mine", r),
        ["step 'lost': no step reads its records"],
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_a_chain_of_our_steps_runs(name: str) -> None:
    batches = [batch_of(b"a b", b"c"), batch_of(None)]
    lane = MemoryLane(batches)
    run(guarded(flow_of(SAFE[name], lane)))
    assert [id(batch) for batch in lane.written] == [id(batch) for batch in batches]


@pytest.mark.parametrize("name", UNSAFE)
def test_what_is_no_chain_is_refused_in_one_line(name: str) -> None:
    steps, parts = UNSAFE[name]
    line = refusal(flow_of(steps))
    assert [part for part in parts if part not in line] == [], line


def made(build: Callable[[Dataflow, KafkaSource, KafkaSink], object]) -> Dataflow:
    source, flow = KafkaSource(MemoryLane), Dataflow("f")
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
        lambda flow, _, sink: op.output("out", op.input("in", flow, KafkaSource(MemoryLane)), sink),
        "belongs to another KafkaSource",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_other_ends_are_refused(name: str) -> None:
    build, part = ENDS[name]
    assert part in refusal(made(build))


def refused(flow: Dataflow) -> str | None:
    try:
        guarded(flow)
    except UnsafeStepError as error:
        return str(error)
    return None


@given(st.data())
def test_a_flow_that_is_not_refused_hands_each_batch_on_once(data: st.DataObject) -> None:
    """Flows of up to six steps, each behind any stream that is there; most are no chains."""
    batches = [batch_of(b"A", b"B"), batch_of(b"C")]
    lane = MemoryLane(batches)
    flow = flow_of(drawn_steps(data), lane)
    if line := refused(flow):
        assert "\n" not in line
        return
    run(flow)
    assert [id(batch) for batch in lane.written] == [id(batch) for batch in batches]
    assert [batch.values for batch in lane.written] == [[b"A", b"B"], [b"C"]]
