"""A record that cannot be processed or delivered: tried again, then a dead letter as Java writes it; never lost, and no obstacle."""

import signal
import struct
import time
from collections.abc import Callable

import pytest
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewTopic

from tests.support.processor import Processor
from tests.support.records import Headers, Record, read
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.topics import quick_admin
from tests.support.waiting import wait_for

_INPUT = "spring.cloud.stream.bindings.input"
_CONSUMER = f"{_INPUT}.consumer"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_BINDER = "spring.cloud.stream.kafka.binder"

NO_NEW_TOPICS = {f"{_BINDER}.auto-create-topics": "false"}
QUICK = {f"{_CONSUMER}.back-off-initial-interval": "1", f"{_CONSUMER}.back-off-max-interval": "2"}  # milliseconds
ENDLESS = {f"{_CONSUMER}.back-off-initial-interval": "3600000", f"{_CONSUMER}.back-off-max-interval": "3600000"}
ONCE = {f"{_CONSUMER}.max-attempts": "1"}
DETAILS = {"management.endpoint.health.show-details": "always"}
both_modes = pytest.mark.parametrize("mode", MODES)

RAISING = """
attempts = 0
def failing(value):
    global attempts
    if b"bad" in value:
        attempts += 1
        raise ValueError(f"attempt {attempts}")
    return value
"""
FAILING = 'records = map_value("fail", records, failing)'
UNREADABLE = b"no \xff text"

# What Spring Cloud Stream 4.3 wrote when maxAttempts were used up, on a real broker: the record is din-0@1.
JAVA: Headers = [
    ("contentType", b"text/plain"),
    ("spring_json_header_types", b'{"contentType":"java.lang.String"}'),
    ("user", b"\x01raw"),
    ("x-original-topic", b"din"),
    ("x-original-partition", b"\x00\x00\x00\x00"),
    ("x-original-offset", b"\x00\x00\x00\x00\x00\x00\x00\x01"),
    ("x-original-timestamp", b"\x00\x00\x01\xa2\nSd\x8e"),
    ("x-original-timestamp-type", b"CreateTime"),
    ("x-exception-fqcn", b"org.springframework.messaging.MessageHandlingException"),
    ("x-exception-message", b"Expression evaluation failed: payload.substring(5); begin 5, end 3, length 3"),
    ("x-exception-stacktrace", b"org.springframework.messaging.MessageHandlingException: Expression evaluation failed: ..."),
]
JAVA_TIMESTAMP = 1795469567118  # milliseconds
EIGHT = [name for name, _ in JAVA[3:]]


def java_view(headers: Headers) -> dict[str, str | int]:
    """The eight as a Java program reads them: an int, two longs (ByteBuffer), the others as strings."""
    forms = {"x-original-partition": ">i", "x-original-offset": ">q", "x-original-timestamp": ">q"}
    return {
        name: struct.unpack(forms[name], value or b"")[0] if name in forms else (value or b"").decode()
        for name, value in headers
        if name.startswith("x-")
    }


def dead(stream: Stream) -> list[Record]:
    return read(stream.kafka.bootstrap, stream.dead_letters)


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def create(stream: Stream, topic: str, partitions: int = 1, **settings: str) -> None:
    """A topic with settings of its own."""
    new = NewTopic(topic, partitions, config={name.replace("_", "."): value for name, value in settings.items()})
    admin = quick_admin(stream.kafka.bootstrap)  # gives up its requests when nobody has it any more
    admin.create_topics([new])[topic].result(30)


def committed(stream: Stream) -> int:
    return stream.topics.committed(stream.group, stream.source).get(0, 0)


def stop(processor: Processor) -> None:
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0, processor.tail()


# ---- the record


def test_the_capture_is_read_as_java_wrote_it() -> None:
    seen = java_view(JAVA)
    assert (seen["x-original-partition"], seen["x-original-offset"], seen["x-original-timestamp"]) == (0, 1, JAVA_TIMESTAMP)


def test_a_poison_record_is_tried_and_then_kept_as_it_was(stream: Stream) -> None:
    """Original bytes, key, headers and partition, and the eight headers in Java's encodings; a second pass replaces the eight."""
    stream.create(2)
    processor = stream.own_flow(FAILING, RAISING, QUICK | {f"{_CONSUMER}.max-attempts": "4"}).start()
    producer = Producer({"bootstrap.servers": stream.kafka.bootstrap})
    own = JAVA[:3]
    for value in (b"good", b"bad \xff"):
        producer.produce(stream.source, value, b"k1", 1, headers=list(own), timestamp=JAVA_TIMESTAMP)
        producer.flush()
    stream.drain()
    assert values(stream.arrived()) == [b"good"]
    (letter,) = dead(stream)
    assert (letter.value, letter.key, letter.partition) == (b"bad \xff", b"k1", 1)
    assert [name for name, _ in letter.headers] == [name for name, _ in JAVA]
    assert letter.headers[:3] == own
    seen = java_view(letter.headers)
    trace = str(seen.pop("x-exception-stacktrace"))
    assert seen == {
        "x-original-topic": stream.source,
        "x-original-partition": 1,
        "x-original-offset": 1,
        "x-original-timestamp": JAVA_TIMESTAMP,
        "x-original-timestamp-type": "CreateTime",
        "x-exception-fqcn": "ValueError",
        "x-exception-message": "attempt 4",
    }
    assert trace.startswith("Traceback")
    assert trace.rstrip().endswith("ValueError: attempt 4")
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-1@1" in line]
    assert stream.dead_letters in line
    assert "ERROR" in line

    stream.send(Record(letter.value, letter.key, letter.headers, 0))
    stream.drain()
    again = dead(stream)[0]
    assert [name for name, _ in again.headers] == [name for name, _ in JAVA]
    seen = java_view(again.headers)
    assert (seen["x-original-partition"], seen["x-original-offset"], seen["x-exception-message"]) == (0, 0, "attempt 8")
    assert again.partition == 0


def test_undecodable_text_is_not_tried_again(stream: Stream) -> None:
    stream.create()
    stream.processor(ENDLESS).start()
    stream.send(Record(UNREADABLE, b"k"), Record(b"abc"))
    stream.drain()
    (letter,) = dead(stream)
    assert letter.value == UNREADABLE
    seen = java_view(letter.headers)
    assert seen["x-exception-fqcn"] == "text.UndecodableText"
    assert "utf-8" in str(seen["x-exception-message"]).lower()
    assert values(stream.arrived()) == [b"cba"]


def test_what_is_not_retryable_is_tried_once(stream: Stream) -> None:
    stream.create()
    stream.own_flow(FAILING, RAISING, ENDLESS | {f"{_CONSUMER}.retryable-exceptions.ValueError": "false"}).start()
    stream.send(Record(b"bad"))
    stream.drain()
    (letter,) = dead(stream)
    assert java_view(letter.headers)["x-exception-message"] == "attempt 1"


# ---- where it goes, or that it goes nowhere


def test_enable_dlq_false_skips_loudly_and_goes_on(stream: Stream) -> None:
    stream.create()
    processor = stream.own_flow(FAILING, RAISING, QUICK | {f"{_KAFKA_CONSUMER}.enable-dlq": "false"}).start()
    stream.send(Record(b"good"), Record(b"bad"), Record(b"better"))
    stream.drain()
    assert values(stream.arrived()) == [b"good", b"better"]
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-0@1" in line]
    assert "ERROR" in line
    assert "skipped" in line
    assert stream.dead_letters not in stream.topics.names()


def test_without_a_topic_for_it_the_first_bad_record_stops_the_processor_and_nothing_is_lost(stream: Stream) -> None:
    """It may not be created, and nobody has said that it must be there: a warning and a health detail at first."""
    stream.create()
    processor = stream.own_flow(FAILING, RAISING, QUICK | NO_NEW_TOPICS | DETAILS).start().running()
    details = processor.get("/actuator/health")["components"]["binders"]["components"]["kafka"]["details"]
    assert any(stream.dead_letters in trouble["what"] for trouble in details["troubles"]), details
    (line,) = [line for line in processor.output.splitlines() if stream.dead_letters in line]
    assert "WARN" in line
    stream.send(Record(b"good"), Record(b"bad"), Record(b"better"))
    assert processor.exit_code() == 1
    assert committed(stream) <= 1
    stream.topics.create(stream.dead_letters)
    processor.start()
    stream.drain()
    assert values(dead(stream)) == [b"bad"]
    assert set(values(stream.arrived())) == {b"good", b"better"}


def test_a_dead_letter_topic_that_is_asked_for_and_cannot_be_had_is_an_error_at_start(stream: Stream) -> None:
    stream.create()
    processor = stream.processor(NO_NEW_TOPICS | {f"{_KAFKA_CONSUMER}.enable-dlq": "true"}).start()
    assert processor.exit_code() == 1
    assert stream.dead_letters in processor.tail(3)
    assert "Traceback" not in processor.output


def test_an_anonymous_group_has_no_dead_letters_to_ask_for(stream: Stream) -> None:
    stream.create()
    processor = stream.processor({f"{_INPUT}.group": "", f"{_KAFKA_CONSUMER}.enable-dlq": "true"}).start()
    assert processor.exit_code() == 1
    (line,) = processor.output.splitlines()
    assert "enable-dlq" in line


def test_a_topic_of_another_name_with_one_partition(stream: Stream) -> None:
    stream.create(3)
    name = f"{stream.group}.dead"
    stream.own_flow(
        FAILING, RAISING, ONCE | {f"{_KAFKA_CONSUMER}.dlq-name": name, f"{_KAFKA_CONSUMER}.dlq-partitions": "1"}
    ).start()
    stream.send(Record(b"bad 0", partition=0), Record(b"bad 2", partition=2))
    stream.drain()
    assert stream.topics.partitions(name) == 1
    letters = read(stream.kafka.bootstrap, name)
    assert {letter.value: java_view(letter.headers)["x-original-partition"] for letter in letters} == {b"bad 0": 0, b"bad 2": 2}
    assert stream.dead_letters not in stream.topics.names()


# ---- what the broker refuses


LIMIT = "4000"  # bytes of a record batch
LARGE = b"large " * 2000


@both_modes
def test_a_record_too_large_for_the_output_is_a_dead_letter_and_the_others_go_on(stream: Stream, mode: str) -> None:
    stream.topics.create(stream.source, 2)
    create(stream, stream.target, 2, max_message_bytes=LIMIT)
    sent = [Record(f"{n:04d}".encode(), f"key-{n % 2}".encode(), partition=n % 2) for n in range(500)]
    large = {30, 31, 32, 300, 302, 499}  # also next to each other in one partition
    stream.send(*(record._replace(value=LARGE + (record.value or b"")) if n in large else record for n, record in enumerate(sent)))
    processor = stream.processor({"reversestring": "false"} | MODES[mode]).start()
    stream.drain()
    arrived = stream.arrived()
    expected = [record.value for n, record in enumerate(sent) if n not in large]
    assert set(values(arrived)) == set(expected)
    if mode == "exactly-once":
        assert len(arrived) == len(expected)
        for partition in range(2):
            mine = [record.value or b"" for record in arrived if record.key == f"key-{partition}".encode()]
            assert mine == sorted(mine)
    letters = dead(stream)
    assert {int((letter.value or b"")[-4:]) for letter in letters} == large
    assert len(letters) == len(large) or mode == "at-least-once"
    for letter in letters:
        seen = java_view(letter.headers)
        assert (seen["x-original-topic"], seen["x-original-partition"]) == (stream.source, letter.partition)
        assert "MSG_SIZE_TOO_LARGE" in str(seen["x-exception-message"])
    stop(processor)


@both_modes
def test_a_null_value_that_a_compacted_output_refuses_is_a_dead_letter(stream: Stream, mode: str) -> None:
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
def test_what_stands_behind_a_refused_record_does_not_come_before_what_was_refused_with_it(
    stream: Stream, tell: Callable[[str], None], mode: str
) -> None:
    """A broker refuses whole batches, and by then others are on their way."""
    stream.topics.create(stream.source, 2)
    create(stream, stream.target, partitions=2, cleanup_policy="compact")
    sent = [Record(f"{n:06d}".encode() + b" filler" * 15, f"key-{n % 6}".encode(), partition=n % 2) for n in range(30_000)]
    for refused in (10_000, 20_001):
        sent[refused] = sent[refused]._replace(key=None)
    stream.send(*sent)
    stream.processor(MODES[mode]).start()
    stream.drain(120)
    books = stream.count(record for record in sent if record.key)
    tell(str(books))
    assert books.nothing_lost, books
    assert books.doubled == 0 or mode == "at-least-once"
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


# ---- stops, and many


@both_modes
def test_a_stop_ends_a_long_wait_and_loses_nothing(stream: Stream, mode: str) -> None:
    stream.create()
    sent = [Record(f"{n}".encode()) for n in range(50)]
    stream.send(*sent, Record(b"bad"), *sent[:10])
    processor = stream.own_flow(FAILING, RAISING + _TELLING, ENDLESS | MODES[mode]).start().running()
    wait_for(lambda: "attempt 1 of bad" in processor.output, 30, "the first attempt")
    began = time.monotonic()
    stop(processor)
    assert time.monotonic() - began < 10  # of an hour
    assert committed(stream) <= 50
    stream.own_flow('records = map_value("same", records, lambda value: value)', settings=MODES[mode]).start()
    stream.drain()
    arrived = values(stream.arrived())
    assert set(arrived) == {*values(sent), b"bad"}
    if mode == "exactly-once":
        assert len(arrived) == 61


def test_retries_do_not_hold_back_what_is_done(stream: Stream) -> None:
    """While hundreds of records in a row are waited for, what is done is committed, and a stop does not wait for the others."""
    stream.create()
    good = 20_000  # quick ones, so that batches are large when the others come
    stream.send(*[Record(b"good")] * good, *(Record(f"bad {n}".encode()) for n in range(900)))
    waits = {f"{_CONSUMER}.max-attempts": "2", f"{_CONSUMER}.back-off-initial-interval": "100"}
    processor = stream.own_flow(FAILING, RAISING + _TELLING, waits).start().running()
    wait_for(lambda: "of bad 30\n" in processor.output, 60, "30 records given up")
    stop(processor)
    assert committed(stream) - good == len(dead(stream))
    assert committed(stream) - good > 15


_TELLING = """
plain = failing
def failing(value):
    try:
        return plain(value)
    except ValueError:
        print(f"attempt {attempts} of {value.decode()}", flush=True)
        raise
"""

MIXED = """
def mixed(value):
    number = int(value)
    if number % 100 == 7:
        raise ConnectionError("perhaps next time")
    if number % 100 == 57:
        raise KeyError(number)
    return value[::-1]
"""


@pytest.mark.parametrize("records", [20_000, pytest.param(200_000, marks=pytest.mark.long)])
@both_modes
def test_many_poison_records_among_many_good_ones(stream: Stream, mode: str, records: int, tell: Callable[[str], None]) -> None:
    """1 in 100 retryable and 1 in 100 not: all good ones out, all bad ones in the dead letter topic, each with its headers."""
    stream.create(4)
    numbers = range(records)
    sent = [Record(f"{n:06d}".encode(), f"key-{n % 12}".encode(), partition=n % 4) for n in numbers]
    stream.send(*sent)
    settings = QUICK | MODES[mode] | {f"{_CONSUMER}.retryable-exceptions.LookupError": "false"}
    processor = stream.own_flow('records = map_value("mixed", records, mixed)', MIXED, settings).start()
    stream.drain(600)
    stop(processor)
    poison = {7: "ConnectionError", 57: "KeyError"}
    good = [record for n, record in enumerate(sent) if n % 100 not in poison]
    books = stream.count(good)
    assert books.nothing_lost, books
    assert books.doubled == 0, books  # nothing has gone wrong but the function
    letters = dead(stream)
    tell(f"{books}; {len(letters)} dead letters")
    assert sorted(int(letter.value or b"") for letter in letters) == [n for n in numbers if n % 100 in poison]
    ends: dict[int, int] = {}
    for letter in letters:
        number = int(letter.value or b"")
        seen = java_view(letter.headers)
        assert letter.partition == seen["x-original-partition"] == number % 4
        assert (letter.key, seen["x-original-offset"]) == (f"key-{number % 12}".encode(), number // 4)
        assert list(seen) == EIGHT
        assert (seen["x-original-topic"], seen["x-original-timestamp-type"]) == (stream.source, "CreateTime")
        assert seen["x-exception-fqcn"] == poison[number % 100]
        assert seen["x-exception-message"] == ("perhaps next time" if number % 100 == 7 else f"{number}")
        assert str(seen["x-exception-stacktrace"]).startswith("Traceback")
        assert number > ends.get(letter.partition, -1)
        ends[letter.partition] = number
