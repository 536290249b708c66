"""What has to become of each record."""

from hypothesis import strategies as st

from tests.fakes.boundary.records import ERRORS, FATES, NOT_RAISED, STEP_FATES, Record
from tests.fakes.boundary.world import World


def values_of(world: World, number: int) -> list[bytes | None]:
    """What the record becomes in the output if nothing is wrong."""
    record = world.records[number]
    if record.value is None:
        return [None]
    if record.dropped and "filter" in world.flow:
        return []
    values = [record.value]
    for step in world.flow:
        if step == "flat_map":
            values = [value + end for value in values for end in (b"a", b"b")]
    return list(values)


def fails(world: World, number: int) -> bool:
    """Whether the record meets its fate: only where it comes by, and a null value is given to no
    function.
    """
    record = world.records[number]
    values = values_of(world, number)
    match record.fate:
        case None | "full queue":
            return False
        case "headers":
            return bool(values) or "charset" in world.flow or world.flow.count("filter") > 0
        case "later value":
            return any((value or b"").endswith(b"b") for value in values)
        case "later produce":
            return len(values) > 1
        case fate if fate in STEP_FATES:
            return bool(values) and record.value is not None
        case _:
            return bool(values)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    flow = draw(st.lists(st.sampled_from(["map", "charset", "flat_map", "filter"]), max_size=4))
    records = []
    for number in range(draw(st.integers(1, 8))):
        fate = draw(st.sampled_from(FATES))
        allowed = sorted(ERRORS.keys() - NOT_RAISED.get(fate or "", set()))
        value = draw(st.sampled_from([b"%d:" % number, b"%d:" % number, None]))
        error = draw(st.sampled_from(allowed))
        records.append(
            Record(
                fate,
                error,
                value,
                draw(st.booleans()),
                draw(st.integers(0, 2 if value is None else 3)),
                draw(st.booleans()),
            )
        )
    return World(records, flow)


def results(world: World, number: int) -> tuple[list[bytes | None], int]:
    """The record's values in the output and the number of its dead letters."""
    key, offset = b"%d" % number, number.to_bytes(8, "big")
    values = [
        value
        for topic, value, headers in world.out
        if topic == "out" and dict(headers)["number"] == key
    ]
    return values, sum(
        topic != "out" and dict(headers)["x-original-offset"] == offset
        for topic, _, headers in world.out
    )
