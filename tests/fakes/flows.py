"""Flows that are one chain, and flows that are not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from connectors.kafka import KafkaSink
from connectors.operators import filter_value, flat_map_value, map_value
from connectors.records.batch import RecordBatch
from tests.fakes.tasks import (
    Records,
    Steps,
    cleaned,
    kept,
    passed,
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
