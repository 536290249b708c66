"""A record that cannot be processed or delivered.

Tried again, then a dead letter as Java writes it; never lost, and no obstacle.
"""

import time

from confluent_kafka import Producer

from tests.support.dead_letters.failing import (
    CONSUMER,
    DETAILS,
    ENDLESS,
    FAILING,
    INPUT,
    JAVA,
    JAVA_TIMESTAMP,
    KAFKA_CONSUMER,
    NO_NEW_TOPICS,
    ONCE,
    QUICK,
    RAISING,
    UNREADABLE,
    both_modes,
    committed,
    dead,
    java_view,
    stop,
)
from tests.support.load.numbered import values
from tests.support.load.records import Record, read
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import wait_for

# ---- the record


def test_java_capture_is_read() -> None:
    seen = java_view(JAVA)
    assert (
        seen["x-original-partition"],
        seen["x-original-offset"],
        seen["x-original-timestamp"],
    ) == (0, 1, JAVA_TIMESTAMP)


def test_poison_record_is_retried_then_kept(stream: Stream) -> None:
    """Original bytes, key, headers and partition, and the eight headers in Java's encodings.

    A second pass replaces the eight.
    """
    stream.create(2)
    processor = stream.with_step(
        FAILING, RAISING, QUICK | {f"{CONSUMER}.max-attempts": "4"}
    ).start()
    producer = Producer({"bootstrap.servers": stream.kafka.bootstrap})
    own = JAVA[:3]
    for value in (b"good", b"bad \xff"):
        producer.produce(
            stream.source, value, b"k1", 1, headers=list(own), timestamp=JAVA_TIMESTAMP
        )
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
    assert (
        seen["x-original-partition"],
        seen["x-original-offset"],
        seen["x-exception-message"],
    ) == (0, 0, "attempt 8")
    assert again.partition == 0


def test_undecodable_text_is_not_retried(stream: Stream) -> None:
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


def test_non_retryable_error_is_tried_once(stream: Stream) -> None:
    stream.create()
    stream.with_step(
        FAILING, RAISING, ENDLESS | {f"{CONSUMER}.retryable-exceptions.ValueError": "false"}
    ).start()
    stream.send(Record(b"bad"))
    stream.drain()
    (letter,) = dead(stream)
    assert java_view(letter.headers)["x-exception-message"] == "attempt 1"


# ---- where it goes, or that it goes nowhere


def test_enable_dlq_false_skips_records(stream: Stream) -> None:
    stream.create()
    processor = stream.with_step(
        FAILING, RAISING, QUICK | {f"{KAFKA_CONSUMER}.enable-dlq": "false"}
    ).start()
    stream.send(Record(b"good"), Record(b"bad"), Record(b"better"))
    stream.drain()
    assert values(stream.arrived()) == [b"good", b"better"]
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-0@1" in line]
    assert "ERROR" in line
    assert "skipped" in line
    assert stream.dead_letters not in stream.topics.names()


def test_bad_record_without_dlq_is_not_lost(stream: Stream) -> None:
    """The topic may not be created, and no setting requires it.

    A warning and a health detail appear at first.
    """
    stream.create()
    processor = (
        stream.with_step(FAILING, RAISING, QUICK | NO_NEW_TOPICS | DETAILS).start().running()
    )
    details = processor.get("/actuator/health")["components"]["binders"]["components"]["kafka"][
        "details"
    ]
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


def test_missing_dlq_topic_fails_start(stream: Stream) -> None:
    stream.create()
    processor = stream.processor(NO_NEW_TOPICS | {f"{KAFKA_CONSUMER}.enable-dlq": "true"}).start()
    assert processor.exit_code() == 1
    assert stream.dead_letters in processor.tail(3)
    assert "Traceback" not in processor.output


def test_no_dlq_for_anonymous(stream: Stream) -> None:
    stream.create()
    processor = stream.processor(
        {f"{INPUT}.group": "", f"{KAFKA_CONSUMER}.enable-dlq": "true"}
    ).start()
    assert processor.exit_code() == 1
    (line,) = processor.output.splitlines()
    assert "enable-dlq" in line


def test_named_dlq_topic_with_one_partition(stream: Stream) -> None:
    stream.create(3)
    name = f"{stream.group}.dead"
    stream.with_step(
        FAILING,
        RAISING,
        ONCE | {f"{KAFKA_CONSUMER}.dlq-name": name, f"{KAFKA_CONSUMER}.dlq-partitions": "1"},
    ).start()
    stream.send(Record(b"bad 0", partition=0), Record(b"bad 2", partition=2))
    stream.drain()
    assert stream.topics.partitions(name) == 1
    letters = read(stream.kafka.bootstrap, name)
    assert {
        letter.value: java_view(letter.headers)["x-original-partition"] for letter in letters
    } == {b"bad 0": 0, b"bad 2": 2}
    assert stream.dead_letters not in stream.topics.names()


# ---- stops, and many


@both_modes
def test_stop_ends_a_long_backoff(stream: Stream, mode: str) -> None:
    stream.create()
    sent = [Record(f"{n}".encode()) for n in range(50)]
    stream.send(*sent, Record(b"bad"), *sent[:10])
    processor = (
        stream.with_step(FAILING, RAISING + _TELLING, ENDLESS | MODES[mode]).start().running()
    )
    wait_for(lambda: "attempt 1 of bad" in processor.output, 30, "the first attempt")
    began = time.monotonic()
    stop(processor)
    assert time.monotonic() - began < 10  # of an hour
    assert committed(stream) <= 50
    stream.with_step(
        'records = map_value("same", records, lambda value: value)', settings=MODES[mode]
    ).start()
    stream.drain()
    arrived = values(stream.arrived())
    assert set(arrived) == {*values(sent), b"bad"}
    if mode == "exactly-once":
        assert len(arrived) == 61


def test_retries_delay_no_commit(stream: Stream) -> None:
    """Hundreds of records in backoff delay neither the commits of others nor a stop."""
    stream.create()
    good = 20_000  # quick ones, so that batches are large when the others come
    stream.send(*[Record(b"good")] * good, *(Record(f"bad {n}".encode()) for n in range(900)))
    waits = {f"{CONSUMER}.max-attempts": "2", f"{CONSUMER}.back-off-initial-interval": "100"}
    processor = stream.with_step(FAILING, RAISING + _TELLING, waits).start().running()
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
