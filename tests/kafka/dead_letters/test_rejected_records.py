"""A record that the output rejects is a dead letter, and the others go on."""

from collections.abc import Callable

from tests.support.dead_letters.failing import LIMIT, both_modes, create, dead, java_view, stop
from tests.support.load.numbered import values
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream

# ---- what the broker refuses


LARGE = b"large " * 2000


@both_modes
def test_oversized_record_is_dead_letter(stream: Stream, mode: str) -> None:
    stream.topics.create(stream.source, 2)
    create(stream, stream.target, 2, max_message_bytes=LIMIT)
    sent = [
        Record(f"{n:04d}".encode(), f"key-{n % 2}".encode(), partition=n % 2) for n in range(500)
    ]
    large = {30, 31, 32, 300, 302, 499}  # also next to each other in one partition
    stream.send(
        *(
            record._replace(value=LARGE + (record.value or b"")) if n in large else record
            for n, record in enumerate(sent)
        )
    )
    processor = stream.processor({"reversestring": "false"} | MODES[mode]).start()
    stream.drain()
    arrived = stream.arrived()
    expected = [record.value for n, record in enumerate(sent) if n not in large]
    assert set(values(arrived)) == set(expected)
    if mode == "exactly-once":
        assert len(arrived) == len(expected)
        for partition in range(2):
            mine = [
                record.value or b""
                for record in arrived
                if record.key == f"key-{partition}".encode()
            ]
            assert mine == sorted(mine)
    letters = dead(stream)
    assert {int((letter.value or b"")[-4:]) for letter in letters} == large
    assert len(letters) == len(large) or mode == "at-least-once"
    for letter in letters:
        seen = java_view(letter.headers)
        assert (seen["x-original-topic"], seen["x-original-partition"]) == (
            stream.source,
            letter.partition,
        )
        assert "MSG_SIZE_TOO_LARGE" in str(seen["x-exception-message"])
    stop(processor)


@both_modes
def test_rejected_null_value_is_dead_letter(stream: Stream, mode: str) -> None:
    """A record without a key is refused by a compacted topic."""
    stream.topics.create(stream.source)
    create(stream, stream.target, cleanup_policy="compact")
    stream.send(Record(b"abc", b"k"), Record(None), Record(b"no key"), Record(b"def", b"k"))
    stream.processor(MODES[mode]).start()
    stream.drain()
    assert list(dict.fromkeys(values(stream.arrived()))) == [b"cba", b"fed"]
    letters = values(dead(stream))
    assert list(dict.fromkeys(letters)) == [None, b"no key"]
    assert len(letters) == 2 or mode == "at-least-once"


@both_modes
def test_order_holds_after_rejection(
    stream: Stream, report_figure: Callable[[str], None], mode: str
) -> None:
    """A broker refuses whole batches, and by then others are on their way."""
    stream.topics.create(stream.source, 2)
    create(stream, stream.target, partitions=2, cleanup_policy="compact")
    sent = [
        Record(f"{n:06d}".encode() + b" filler" * 15, f"key-{n % 6}".encode(), partition=n % 2)
        for n in range(30_000)
    ]
    for refused in (10_000, 20_001):
        sent[refused] = sent[refused]._replace(key=None)
    stream.send(*sent)
    stream.processor(MODES[mode]).start()
    stream.drain(120)
    delivery_count = stream.count(record for record in sent if record.key)
    report_figure(str(delivery_count))
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0 or mode == "at-least-once"
    assert set(values(dead(stream))) == {record.value for record in sent if not record.key}


@both_modes
def test_record_too_large_for_both_topics(stream: Stream, mode: str) -> None:
    """The record is left in its own topic, its dead letter goes without the value."""
    stream.topics.create(stream.source)
    create(stream, stream.target, max_message_bytes=LIMIT)
    create(stream, stream.dead_letters, max_message_bytes=LIMIT)
    stream.send(Record(b"first"), Record(LARGE), Record(b"last"))
    processor = stream.processor({"reversestring": "false"} | MODES[mode]).start()
    stream.drain()
    stop(processor)
    (letter,) = dead(stream)
    assert letter.value is None
    seen = java_view(letter.headers)
    assert (seen["x-original-offset"], seen["x-dead-letter-omitted"]) == (1, "stacktrace,value")
    assert set(values(stream.arrived())) == {b"first", b"last"}
