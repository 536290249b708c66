"""Batch: functions of one value, applied to the records of a turn."""

import encodings
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors.exceptions import FunctionError
from connectors.functions.time_limit import StepTimer
from connectors.records.batch import RecordBatch
from connectors.records.columns import RecordColumns
from formats.charset_names import NAMES
from formats.charsets import find_charset
from tests.fakes.messages import batch, batch_of, message
from text import UndecodableText, reverse

values = st.lists(st.one_of(st.none(), st.binary(max_size=3)), max_size=60)


def out(result: RecordBatch) -> list[bytes | None]:
    """What would be produced: a value of None goes out only for a null value of the record
    itself.
    """
    return [
        v
        for m, v in zip(result.messages, result.values, strict=True)
        if v is not None or m.value() is None
    ]


@given(values)
def test_map_replaces_every_value_and_leaves_null_values_null(items: list[bytes | None]) -> None:
    assert out(batch_of(*items).map("s", lambda v: v + b"!")) == [
        None if v is None else v + b"!" for v in items
    ]


@given(values)
def test_none_drops_the_record_and_keeps_its_position(items: list[bytes | None]) -> None:
    given_batch = batch_of(*items)
    before = dict(given_batch.next_offsets)
    result = given_batch.map("s", lambda _: None)
    assert out(result) == [v for v in items if v is None]
    assert result.next_offsets == before


@given(values)
def test_filter_keeps_what_the_predicate_likes_and_null_values(items: list[bytes | None]) -> None:
    assert out(batch_of(*items).filter("s", lambda v: len(v) > 1)) == [
        v for v in items if v is None or len(v) > 1
    ]


@given(values)
def test_flat_map_puts_out_each_value_in_order(items: list[bytes | None]) -> None:
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
def test_steps_after_a_drop_do_not_see_the_dropped(items: list[bytes | None]) -> None:
    seen: list[bytes] = []
    batch_of(*items).filter("a", lambda v: len(v) > 1).map("b", seen.append)
    assert seen == [v for v in items if v is not None and len(v) > 1]


def test_flat_map_keeps_key_and_headers_of_the_original_beside_each_value() -> None:
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


def test_a_mapper_is_told_the_charset_of_the_content_type() -> None:
    latin, plain = "été!".encode("latin-1"), "été!".encode()
    records = [
        message(latin, 0, headers=[("contentType", b"text/plain;charset=ISO-8859-1")]),
        message(plain, 1, headers=[("x", b"y")]),
    ]
    assert batch(*records).map("s", reverse, wants_charset=True).values == [
        "!été".encode("latin-1"),
        "!été".encode(),
    ]


def failure(result: RecordBatch) -> str:
    assert isinstance(result.error, FunctionError)
    return str(result.error)


def test_an_error_names_step_topic_partition_and_offset_but_not_the_payload() -> None:
    told = failure(
        batch(message(b"1", 7, partition=2), message(b"secret", 8, partition=2)).map("parse", int)
    )
    assert "parse: the record in-2@8 failed: ValueError" in told
    assert "secret" not in told


def test_undecodable_text_is_told_as_such() -> None:
    told = failure(batch_of(b"fine", b"\xff\xfe").map("reverse", reverse, wants_charset=True))
    assert "in-0@1 failed: not valid 'utf-8' text" in told


def test_a_mapper_that_raises_stop_iteration_is_an_error_and_not_the_end_of_the_batch() -> None:
    told = failure(
        batch_of(b"a", b"b", b"c", b"d").map("s", lambda v: next(iter(())) if v == b"c" else v)
    )
    assert "in-0@2 failed" in told


def test_a_generator_that_raises_half_way_is_an_error() -> None:
    def halves(value: bytes) -> Iterator[bytes]:
        yield value[:1]
        yield value[1:] if len(value) > 1 else bytes(int(value))

    assert "in-0@1 failed: ValueError" in failure(batch_of(b"ab", b"c").flat_map("s", halves))


class Hand(StepTimer):
    """A cutter without a thread: the test cuts."""

    def limit(self, values: list[bytes], ends_at: float) -> None:  # noqa: ARG002 - the time is what the test says it is
        self.values = values


def slow_from(first_slow: bytes, hand: Hand) -> Callable[[bytes], bytes]:
    """A function that takes longer than a batch may, from one value on."""

    def mapper(value: bytes) -> bytes:
        if value >= first_slow:
            hand.values.clear()
        return value

    return mapper


def test_a_batch_is_cut_after_the_record_at_which_the_time_is_up() -> None:
    hand = Hand()
    records = [message(b"%d" % i, offset=i // 2, partition=i % 2) for i in range(8)]
    result = batch(*records, cutter=hand).map("s", slow_from(b"3", hand))
    assert result.values == [b"0", b"1", b"2", b"3"]
    assert result.messages == records[:4]
    assert result.deferred == records[4:]
    # what may be committed ends where the cut begins, for each partition
    assert result.next_offsets == {("in", 0): 2, ("in", 1): 2}


def test_null_values_do_not_keep_a_batch_from_being_cut() -> None:
    hand = Hand()
    result = batch_of(b"1", None, b"5", b"6", cutter=hand).map("s", slow_from(b"5", hand))
    assert result.values == [b"1", None, b"5"]


def test_a_cut_never_divides_the_values_of_one_message() -> None:
    hand = Hand()
    result = (
        batch_of(b"ab", b"cd", cutter=hand)
        .flat_map("s", lambda v: [v[:1], v[1:]])
        .map("t", slow_from(b"c", hand))
    )
    assert result.values == [b"a", b"b"]
    assert [m.offset() for m in result.deferred] == [1, 1]
    assert result.next_offsets == {("in", 0): 1}


def test_a_slow_first_message_is_never_cut() -> None:
    hand = Hand()
    result = (
        batch_of(b"ab", b"cd", cutter=hand)
        .flat_map("s", lambda v: [v[:1], v[1:]])
        .map("t", slow_from(b"a", hand))
    )
    assert result.values == [b"a", b"b"]


def test_the_cutter_ends_an_iteration_when_it_is_time() -> None:
    cutter = StepTimer()
    cutter.start()
    values = list(range(1000))
    cutter.limit(values, 0.0)
    never = threading.Event()
    done = [value for value in values if not never.wait(0.01)]
    assert 0 < len(done) < 1000


def charsets_of(*given: tuple[bytes | None, bytes | None], default: str = "utf-8") -> list[Any]:
    """What a function is handed for each value and contentType; None where it is not called."""
    records = [
        message(value, offset, headers=[("contentType", content_type)] if content_type else None)
        for offset, (value, content_type) in enumerate(given)
    ]

    def skip(
        result: RecordColumns, _step: str, record: Message, error: BaseException, _again: object
    ) -> None:
        assert isinstance(error, UndecodableText)
        result.give_up(record)

    made = RecordBatch(records, {}, skip, StepTimer(), default)
    return made.map("s", lambda _, charset: charset, wants_charset=True).values


@pytest.mark.parametrize(
    "codec", sorted(set(NAMES) - {"utf-16-le-bom", "utf-32-be-bom", "utf-32-le-bom"})
)
def test_a_codec_reads_as_java_does(codec: str) -> None:
    """Each name that a contentType may have."""
    value = "AB".encode(codec)
    for name in NAMES[codec].split():
        (handed,) = charsets_of((value, f"text/plain;charset={name}".encode()))
        assert value.decode(handed) == "AB"
        assert find_charset(handed).decode(value) == "AB"  # type: ignore[union-attr]  # our own functions find it by this name


@pytest.mark.parametrize("width", ["16", "32"])
def test_a_byte_order_mark_decides(width: str) -> None:
    name = f"text/plain;charset=utf-{width}".encode()
    for order in ("be", "le"):
        value = "\ufeffAB".encode(f"utf-{width}-{order}")
        (handed,) = charsets_of((value, name))
        assert value.decode(handed) == "AB"
    unmarked = "AB".encode(f"utf-{width}-be")
    assert (
        charsets_of((unmarked, name))
        == charsets_of((unmarked, None), default=f"utf-{width}")
        == [f"utf-{width}-be"]
    )


def test_an_unknown_charset_is_not_handed_over() -> None:
    unknown = b"text/plain;charset=klingon"
    assert charsets_of((b"a", None), (b"b", unknown), (None, unknown), (b"c", b"text/plain")) == [
        "utf-8",
        None,
        None,
        "utf-8",
    ]


def test_a_null_value_of_unknown_charset_stays() -> None:
    record = message(None, headers=[("contentType", b"text/plain;charset=klingon")])
    result = batch(record).map("s", reverse, wants_charset=True)
    assert (result.error, result.values, result.given_up) == (None, [None], set())


def test_senders_do_not_fill_codec_caches() -> None:
    unknown = [(b"a", f"text/plain;charset=unknown-{number}".encode()) for number in range(1000)]
    before = set(encodings._cache)
    for codec in charsets_of(*unknown):
        assert codec is None
    assert set(encodings._cache) == before


def test_one_value_each_is_not_divided() -> None:
    """Records of one value each need no check of several values when they are produced."""
    result = batch_of(b"a", None, b"b c").flat_map("s", lambda value: [value])
    assert (result.values, result.divided) == ([b"a", None, b"b c"], False)
    assert result.flat_map("t", bytes.split).divided
    assert result.flat_map("u", lambda value: [value]).divided
    assert result.values == [b"a", None, b"b", b"c"]
