"""The function in the map step is anyone's."""

import pytest

from tests.support.records import Record
from tests.support.stream import Stream

ODD_ONLY = "def odd(value):\n    return value.upper() if int(value) % 2 else None"

NO_NEW_TOPICS = {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"}


def numbers(count: int) -> list[Record]:
    return [Record(str(n).encode(), b"key") for n in range(count)]


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def test_a_function_s_result_takes_the_value_s_place(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = map_value("shout", records, lambda value: value.decode().upper())').start()
    stream.send(Record("größe".encode(), b"key", [("h", b"1")]))
    (arrived,) = stream.await_arrivals(1)
    assert (arrived.value, arrived.key, list(arrived.headers)) == ("GRÖSSE".encode(), b"key", [("h", b"1")])


def test_none_drops_the_record_and_its_offset_is_committed(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = map_value("odd", records, odd)', ODD_ONLY).start()
    stream.send(*numbers(101))  # the last one is dropped
    stream.drain()
    assert values(stream.arrived()) == [str(n).encode() for n in range(1, 101, 2)]


def test_offsets_are_committed_when_whole_batches_are_dropped(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = map_value("nothing", records, lambda value: None)').start()
    stream.send(*numbers(5000))
    stream.drain()
    assert stream.arrived() == []


def test_filter_value_keeps_what_is_true(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = filter_value("even", records, lambda value: int(value) % 2 == 0)').start()
    stream.send(*numbers(100))
    stream.drain()
    assert values(stream.arrived()) == [str(n).encode() for n in range(0, 100, 2)]


def test_flat_map_value_makes_none_one_or_many_of_one(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = flat_map_value("split", records, bytes.split)').start()
    stream.send(Record(b"one two", b"k1", [("h", b"1")]), Record(b" ", b"k2"), Record(b"three", b"k3"), Record(None, b"k4"))
    stream.drain()
    arrived = stream.arrived()
    assert [(record.key, record.value) for record in arrived] == [
        (b"k1", b"one"),
        (b"k1", b"two"),
        (b"k3", b"three"),
        (b"k4", None),
    ]
    assert list(arrived[1].headers) == [("h", b"1")]


def test_steps_can_follow_each_other(stream: Stream) -> None:
    stream.create()
    steps = 'records = filter_value("b", flat_map_value("a", records, bytes.split), lambda value: value != b"x")'
    stream.own_flow(f"{steps}; records = map_value('c', records, reverse)").start()
    stream.send(Record(b"ab x cd"), Record(b"x"))
    stream.drain()
    assert values(stream.arrived()) == [b"ba", b"dc"]


def test_a_function_that_raises_is_told_with_its_record_and_nothing_is_committed_past_it(stream: Stream) -> None:
    """Where there is no dead letter topic to take the record."""
    stream.create()
    broken = stream.own_flow(
        'records = map_value("inverse", records, lambda value: b"%d" % (100 // int(value)))', settings=NO_NEW_TOPICS
    ).start()
    stream.send(*[Record(value, b"secret key") for value in (b"5", b"4", b"0", b"2")])
    assert broken.exit_code() == 1
    (line,) = [line for line in broken.output.splitlines() if "ZeroDivisionError" in line]
    assert f"inverse: the record {stream.source}-0@2 failed" in line
    assert "secret" not in broken.output
    assert stream.topics.committed(stream.group, stream.source).get(0, 0) <= 2
    mended = stream.own_flow(
        'records = map_value("inverse", records, lambda value: b"%d" % (100 // (int(value) or 100)))', settings=NO_NEW_TOPICS
    ).start()
    stream.drain()
    mended.end()
    assert [value for value in values(stream.arrived()) if value in {b"1", b"50"}] == [b"1", b"50"]
    assert {b"20", b"25"} <= set(values(stream.arrived()))


@pytest.mark.parametrize("step", ['op.collect("gather", records, timedelta(seconds=1), 10)', 'op.redistribute("spread", records)'])
def test_a_step_that_would_break_the_guarantees_is_refused_by_name(stream: Stream, step: str) -> None:
    stream.create()
    refused = stream.own_flow(
        f'records = op.key_on("key", records, str); records = {step}', "from datetime import timedelta"
    ).start()
    assert refused.exit_code() == 1
    (line,) = refused.output.splitlines()
    assert step.split('"')[1] in line


def test_a_function_is_told_the_charset_when_it_asks(stream: Stream) -> None:
    stream.create()
    stream.own_flow('records = map_value("tell", records, tell)', "def tell(value, charset):\n    return charset").start()
    stream.send(Record(b"1", headers=[("contentType", b"text/plain;charset=utf-16")]), Record(b"2"))
    assert [(value or b"").lower() for value in values(stream.await_arrivals(2))] == [b"utf-16", b"utf-8"]
