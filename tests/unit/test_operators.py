"""Steps in a flow: run by Bytewax itself, and the ones that would break the guarantees refused."""

from datetime import timedelta

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from connectors.batch import Batch
from connectors.errors import UnsafeStepError
from connectors.operators import filter_value, flat_map_value, guarded, map_value
from tests.unit.messages import batch_of


def test_the_three_operators_in_a_row() -> None:
    done: list[Batch] = []
    flow = Dataflow("f")
    records = op.input("input", flow, TestingSource([batch_of(b"a b", b"", b"c"), batch_of(None)]))
    records = flat_map_value("split", records, bytes.split)
    records = filter_value("no b", records, lambda value: value != b"b")
    records = map_value("upper", records, bytes.upper)
    op.output("output", records, TestingSink(done))
    run_main(guarded(flow))  # type: ignore[no-untyped-call]  # Bytewax's is untyped
    assert [batch.values for batch in done] == [[b"A", None, b"C"], [None]]


def test_steps_after_a_failure_do_nothing() -> None:
    done, seen = list[Batch](), list[bytes]()
    flow = Dataflow("f")
    records = op.input("input", flow, TestingSource([batch_of(b"1", b"x")]))
    records = map_value("parse", records, int)
    records = map_value("later", records, seen.append)
    op.output("output", records, TestingSink(done))
    run_main(flow)  # type: ignore[no-untyped-call]  # Bytewax's is untyped
    assert [str(batch.failure).split(":")[0] for batch in done] == ["f.parse"]
    assert seen == []


@pytest.mark.parametrize("name", ["redistribute", "collect"])
def test_a_step_that_keeps_or_moves_records_is_refused_by_name(name: str) -> None:
    flow = Dataflow("f")
    records = op.input("input", flow, TestingSource([1]))
    if name == "redistribute":
        op.redistribute("mine", records)
    else:
        op.collect("mine", op.key_on("key", records, str), timeout=timedelta(seconds=1), max_size=2)
    with pytest.raises(UnsafeStepError, match=f"step 'mine': {name}"):
        guarded(flow)


def test_steps_that_hand_on_at_once_are_allowed() -> None:
    flow = Dataflow("f")
    records = op.input("input", flow, TestingSource([1]))
    op.inspect("look", op.map("map", records, lambda item: item))
    assert guarded(flow) is flow
