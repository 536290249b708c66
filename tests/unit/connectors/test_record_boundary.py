"""The invariant of a record: it is out with all its values, a dead letter, dropped or skipped.

Or the stream stops with one line.

Random flows meet random errors at every point that a record passes. Producer, broker and messages
are stand-ins; an output transaction is aborted where the task would read again.
"""

from hypothesis import given, settings

from tests.fakes.boundary.results import fails, results, values_of, worlds
from tests.fakes.boundary.world import World, run


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_every_record_has_one_outcome(world: World) -> None:
    assert run(world) is None
    for number, record in enumerate(world.records):
        values, letters = results(world, number)
        # Dropped before or after its headers were read.
        if record.fate == "headers" and not values_of(world, number):
            assert (values, letters) in (([], 0), ([], 1))
            continue
        expected = ([], 1) if fails(world, number) else (values_of(world, number), 0)
        assert (values, letters) == expected, (number, record, world.flow)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_records_are_skipped_without_dlq(world: World) -> None:
    assert run(world, enable_dlq=False) is None
    for number in range(len(world.records)):
        values, letters = results(world, number)
        assert (values, letters) == ([] if fails(world, number) else values_of(world, number), 0)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_stop_is_one_line(world: World) -> None:
    """Nothing can take the record: the stream stops before it, and what is out is complete."""
    line = run(world, group="")
    first = next((number for number in range(len(world.records)) if fails(world, number)), None)
    if first is None:
        assert line is None
        return
    assert line is not None
    assert len(line.splitlines()) == 1
    for number in range(len(world.records)):
        assert results(world, number) in (([], 0), (values_of(world, number), 0))
