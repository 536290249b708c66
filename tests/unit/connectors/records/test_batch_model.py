"""RecordBatch, RetryPolicy and RecordWriter beside a model that takes one record at a time.

Random records go through random chains of functions that set keys and headers, give several values,
drop records and fail. Batches are cut, in a step and after a retry, and what is cut is read again.
Keys, headers and values have to stay with their record.
"""

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import connectors.named_functions.async_calls
import connectors.records.columns
import connectors.records.function_calls
import connectors.records.messages
from connectors.records.batch import RecordBatch
from tests.fakes.record_model.model import DeadError, model
from tests.fakes.record_model.run import Received, run
from tests.fakes.record_model.world import (
    ACTIONS,
    HEADERS,
    KINDS,
    UNKNOWN,
    UNREADABLE,
    Given,
    Out,
    World,
    made,
    read,
)

RECORDS = st.builds(
    Given,
    partition=st.integers(0, 2),
    is_null=st.sampled_from([False, False, False, True]),
    key=st.sampled_from([None, b"a"]),
    headers=st.sampled_from(["none", *HEADERS]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    records = draw(st.lists(RECORDS, min_size=2, max_size=6))
    flow = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
    places = st.tuples(st.integers(0, len(flow) - 1), st.integers(0, len(records) - 1))
    actions = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["", "0", "1"]))
    calls = st.tuples(st.integers(0, 2), st.integers(0, len(flow) - 1))
    return World(
        records=records,
        flow=flow,
        plan=draw(st.dictionaries(places, actions, max_size=6)),
        cuts=draw(st.dictionaries(calls, st.integers(1, 4), min_size=1, max_size=4)),
        late=draw(st.sets(st.integers(0, 3), max_size=2)),
        batch_size=draw(st.sampled_from([8, 3])),
        limit=draw(st.integers(1, 4)),
    )


def check(world: World) -> None:
    with ExitStack() as stack:
        records = connectors.records
        for module in (records.columns, records.function_calls, records.messages):
            stack.enter_context(patch.object(module, "Message", Received))
        producer, writer = run(world)
    expected, dead, either = list[Out](), set[int](), set[int]()
    for number, given_record in enumerate(world.records):
        try:
            outs = model(world, number)
        except DeadError:
            dead.add(number)
            continue
        if given_record.headers == UNREADABLE:
            (dead if outs else either).add(number)  # dropped before or after its headers were read
        else:
            expected += outs
    assert producer.sent == expected
    assert world.charsets <= {"utf-8", "iso8859_1", "latin_1", "cp1252"}
    found = [number for _, _, number in producer.letters]
    assert len(found) == len(set(found))
    assert set(found) - either == dead
    for key, value, number in producer.letters:
        assert (key, value) == (
            world.records[number].key,
            None if world.records[number].is_null else made(number, ""),
        )
    assert writer.sent == len(expected)
    went_out = {read(value)[0] for _, value, _ in expected if value} | {
        n for n, r in enumerate(world.records) if r.is_null
    }
    assert writer.dropped == len(world.records) - len(went_out | set(found))


@examples(max_examples=150)
@given(worlds())
@example(
    World(
        [Given(0, is_null=False, key=None, headers=UNKNOWN)],
        ["split", "keep", "charset"],
        {(1, 0): ("drop", "0")},
        {},
        set(),
        1,
    )
)
def test_records_beside_the_model(world: World) -> None:
    check(world)


@pytest.mark.long
@examples(max_examples=600)
@given(worlds())
def test_many_records_beside_model(world: World) -> None:
    check(world)


def keep_keys_in_cut(batch: RecordBatch, kept: int) -> bool:
    keys = list(batch._keys or ())
    is_cut = DEFER_REST(batch, kept)
    batch._keys = keys or None
    return is_cut


DEFER_REST = RecordBatch._defer_rest
MUTANTS: dict[str, tuple[type, str, Any]] = {
    "a cut keeps keys": (RecordBatch, "_defer_rest", keep_keys_in_cut),
    "keys of the input": (
        RecordBatch,
        "keys",
        property(lambda batch: [message.key() for message in batch.messages]),
    ),
    "keys of the first value": (RecordBatch, "has_own_keys", property(lambda _: False)),
    "values of a dead letter go out": (RecordBatch, "drop_given_up", lambda _: None),
    "a cut forgets the position": (
        RecordBatch,
        "_defer_rest",
        lambda batch, kept: DEFER_REST(batch, kept) and batch.next_offsets.clear() is None,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_model_finds_mutants(mutant: str) -> None:
    find = examples(
        max_examples=3000, phases=[Phase.generate], database=None, report_multiple_bugs=False
    )(given(worlds())(check))
    with patch.object(*MUTANTS[mutant]), pytest.raises((AssertionError, ValueError, KeyError)):
        find()
