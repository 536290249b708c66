"""RecordBatch: functions of one value, applied to the records of a turn."""

import threading
from collections.abc import Callable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from connectors.errors.exceptions import FunctionError
from connectors.functions.calls import StepTimer
from connectors.records.batch import RecordBatch
from tests.fakes.messages import batch, batch_of, message
from text import reverse

values = st.lists(st.one_of(st.none(), st.binary(max_size=3)), max_size=60)


def out(result: RecordBatch) -> list[bytes | None]:
    """What would be produced.

    A value of None goes out only for a null value of the record itself.
    """
    return [
        v
        for m, v in zip(result.messages, result.values, strict=True)
        if v is not None or m.value() is None
    ]


@given(values)
def test_map_keeps_null_values(items: list[bytes | None]) -> None:
    assert out(batch_of(*items).map("s", lambda v: v + b"!")) == [
        None if v is None else v + b"!" for v in items
    ]


@given(values)
def test_none_drops_the_record(items: list[bytes | None]) -> None:
    given_batch = batch_of(*items)
    before = dict(given_batch.next_offsets)
    result = given_batch.map("s", lambda _: None)
    assert out(result) == [v for v in items if v is None]
    assert result.next_offsets == before


@given(values)
def test_filter_keeps_null_values(items: list[bytes | None]) -> None:
    assert out(batch_of(*items).filter("s", lambda v: len(v) > 1)) == [
        v for v in items if v is None or len(v) > 1
    ]


@given(values)
def test_flat_map_keeps_order(items: list[bytes | None]) -> None:
    expected = [
        part
        for v in items
        for part in ([None] if v is None else [v[i : i + 1] for i in range(len(v))])
    ]
    assert (
        out(batch_of(*items).flat_map("s", lambda v: (v[i : i + 1] for i in range(len(v)))))
        == expected
    )


@given(values)
def test_later_steps_skip_dropped_records(items: list[bytes | None]) -> None:
    seen: list[bytes] = []
    batch_of(*items).filter("a", lambda v: len(v) > 1).map("b", seen.append)
    assert seen == [v for v in items if v is not None and len(v) > 1]


def test_flat_map_copies_key_and_headers() -> None:
    records = [message(b"ab", 0, key=b"k", headers=[("h", b"1")]), message(b"c", 1)]
    result = (
        batch(*records)
        .map("m", reverse, wants_charset=True)
        .flat_map("s", lambda v: [v[:1], v[1:]])
    )
    assert [
        (m.key(), h, v)
        for m, h, v in zip(result.messages, result.headers, result.values, strict=True)
    ] == [
        (b"k", [("h", b"1")], b"b"),
        (b"k", [("h", b"1")], b"a"),
        (None, None, b"c"),
        (None, None, b""),
    ]


def failure(result: RecordBatch) -> str:
    assert isinstance(result.error, FunctionError)
    return str(result.error)


def test_error_hides_the_payload() -> None:
    line = failure(
        batch(message(b"1", 7, partition=2), message(b"secret", 8, partition=2)).map("parse", int)
    )
    assert "parse: the record in-2@8 failed: ValueError" in line
    assert "secret" not in line


def test_undecodable_text_is_named() -> None:
    line = failure(batch_of(b"fine", b"\xff\xfe").map("reverse", reverse, wants_charset=True))
    assert "in-0@1 failed: not valid 'utf-8' text" in line


def test_stop_iteration_is_error() -> None:
    line = failure(
        batch_of(b"a", b"b", b"c", b"d").map("s", lambda v: next(iter(())) if v == b"c" else v)
    )
    assert "in-0@2 failed" in line


def test_failing_generator_fails() -> None:
    def halves(value: bytes) -> Iterator[bytes]:
        yield value[:1]
        yield value[1:] if len(value) > 1 else bytes(int(value))

    assert "in-0@1 failed: ValueError" in failure(batch_of(b"ab", b"c").flat_map("s", halves))


class Hand(StepTimer):
    """A step timer without a thread: the test ends the step."""

    def limit(self, values: list[bytes], ends_at: float) -> None:  # noqa: ARG002 - the time is what the test says it is
        self.values = values


def slow_from(first_slow: bytes, hand: Hand) -> Callable[[bytes], bytes]:
    """A function that takes longer than a batch may, from one value on."""

    def mapper(value: bytes) -> bytes:
        if value >= first_slow:
            hand.values.clear()
        return value

    return mapper


def test_batch_is_cut_at_limit() -> None:
    hand = Hand()
    records = [message(b"%d" % i, offset=i // 2, partition=i % 2) for i in range(8)]
    result = batch(*records, step_timer=hand).map("s", slow_from(b"3", hand))
    assert result.values == [b"0", b"1", b"2", b"3"]
    assert result.messages == records[:4]
    assert result.deferred == records[4:]
    # what may be committed ends where the cut begins, for each partition
    assert result.next_offsets == {("in", 0): 2, ("in", 1): 2}


def test_null_values_allow_a_cut() -> None:
    hand = Hand()
    result = batch_of(b"1", None, b"5", b"6", step_timer=hand).map("s", slow_from(b"5", hand))
    assert result.values == [b"1", None, b"5"]


def test_cut_keeps_messages_values_together() -> None:
    hand = Hand()
    result = (
        batch_of(b"ab", b"cd", step_timer=hand)
        .flat_map("s", lambda v: [v[:1], v[1:]])
        .map("t", slow_from(b"c", hand))
    )
    assert result.values == [b"a", b"b"]
    assert [m.offset() for m in result.deferred] == [1, 1]
    assert result.next_offsets == {("in", 0): 1}


def test_slow_first_message_is_never_cut() -> None:
    hand = Hand()
    result = (
        batch_of(b"ab", b"cd", step_timer=hand)
        .flat_map("s", lambda v: [v[:1], v[1:]])
        .map("t", slow_from(b"a", hand))
    )
    assert result.values == [b"a", b"b"]


def test_timer_ends_the_iteration() -> None:
    step_timer = StepTimer()
    step_timer.start()
    values = list(range(1000))
    step_timer.limit(values, 0.0)
    never = threading.Event()
    done = [value for value in values if not never.wait(0.01)]
    assert 0 < len(done) < 1000


def test_single_value_is_undivided() -> None:
    """Records of one value each need no check of several values when they are produced."""
    result = batch_of(b"a", None, b"b c").flat_map("s", lambda value: [value])
    assert (result.values, result.divided) == ([b"a", None, b"b c"], False)
    assert result.flat_map("t", bytes.split).divided
    assert result.flat_map("u", lambda value: [value]).divided
    assert result.values == [b"a", None, b"b", b"c"]
