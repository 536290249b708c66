"""Records and batches too large for a topic, or for the client itself.

Each has an end that is logged, and nothing is lost.
"""

import pytest

from tests.support.dead_letters.failing import (
    EIGHT,
    FAILING,
    LIMIT,
    QUICK,
    RAISING,
    both_modes,
    committed,
    create,
    dead,
    java_view,
    stop,
)
from tests.support.load.numbered import values
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream

PRODUCER = "spring.cloud.stream.kafka.binder.producer-properties"
OUTPUT = "spring.cloud.stream.bindings.output"
AS_IT_IS = {"reversestring": "false"}
CLIENT_LIMIT = {f"{PRODUCER}.max.request.size": LIMIT}
FIRST, LAST = Record(b"first"), Record(b"last")

ADDED = {
    "a content type": {f"{OUTPUT}.content-type": "text/plain"},
    "a partition": {f"{OUTPUT}.producer.partition-key-expression": "payload"},
}
# With what Kafka itself adds less than LIMIT, by fewer bytes than either of these headers takes.
BARELY = Record(b"x" * 3910)

GROWING = """
def grown(value):
    return value * 1000 if b"grow" in value else value
"""


def omitted(letter: Record) -> str | int:
    return java_view(letter.headers)["x-dead-letter-omitted"]


def assert_all_arrived(stream: Stream, mode: str, *sent: Record) -> None:
    arrived = values(stream.arrived())
    assert set(arrived) == set(values(list(sent)))
    assert len(arrived) == len(sent) or mode == "at-least-once"


# ---- the record is too large for the topic


@pytest.mark.parametrize("added", ADDED)
@both_modes
def test_header_overflow_is_dead_letter(stream: Stream, mode: str, added: str) -> None:
    stream.topics.create(stream.source)
    create(stream, stream.target, max_message_bytes=LIMIT)
    bare = stream.processor(AS_IT_IS | MODES[mode]).start()
    stream.send(BARELY)
    stream.drain()
    stop(bare)
    assert values(stream.arrived()) == [BARELY.value]
    assert dead(stream) == []

    stream.processor(AS_IT_IS | MODES[mode] | ADDED[added]).start()
    stream.send(FIRST, BARELY, LAST)
    stream.drain()
    assert_all_arrived(stream, mode, BARELY, FIRST, LAST)
    letters = dead(stream)
    assert set(values(letters)) == {BARELY.value}
    assert len(letters) == 1 or mode == "at-least-once"
    assert "larger than max.message.bytes of the topic allows" in str(
        java_view(letters[0].headers)["x-exception-message"]
    )


@both_modes
def test_oversized_batch_is_sent_singly(stream: Stream, mode: str) -> None:
    """Each record would fit: none is a dead letter.

    The batch size below the topic's limit makes the search unnecessary.
    """
    stream.topics.create(stream.source)
    create(stream, stream.target, max_message_bytes=LIMIT)
    sent = [Record(f"{n:03d} ".encode() + b"x" * 500) for n in range(200)]
    stream.send(*sent[:100])
    searching = stream.processor(AS_IT_IS | MODES[mode]).start()
    stream.drain()
    stop(searching)
    assert "record by record" in searching.output
    assert_all_arrived(stream, mode, *sent[:100])

    stream.send(*sent[100:])
    fitting = stream.processor(AS_IT_IS | MODES[mode] | {f"{PRODUCER}.batch.size": "3000"}).start()
    stream.drain()
    stop(fitting)
    assert "record by record" not in fitting.output
    assert_all_arrived(stream, mode, *sent)
    assert dead(stream) == []


# ---- the record is too large for the client


@both_modes
def test_oversized_result_is_dead_letter(stream: Stream, mode: str) -> None:
    """The original is smaller.

    No broker is asked, so nothing is searched for and nothing repeated.
    """
    stream.create()
    processor = stream.with_step(
        'records = map_value("grow", records, grown)', GROWING, CLIENT_LIMIT | MODES[mode]
    ).start()
    stream.send(FIRST, Record(b"grow"), LAST)
    stream.drain()
    assert values(stream.arrived()) == [FIRST.value, LAST.value]
    (letter,) = dead(stream)
    assert letter.value == b"grow"
    assert "larger than max.request.size of the producer allows" in str(
        java_view(letter.headers)["x-exception-message"]
    )
    assert "record by record" not in processor.output


@both_modes
def test_record_larger_than_producer_queue(stream: Stream, mode: str) -> None:
    """There would never be room for the record.

    Waiting for room would stop the stream in silence.
    """
    stream.create()
    settings = {f"{PRODUCER}.buffer.memory": "8192"} | MODES[mode]
    stream.with_step('records = map_value("grow", records, grown)', GROWING, settings).start()
    stream.send(FIRST, Record(b"grow" * 10), LAST)
    stream.drain()
    assert values(stream.arrived()) == [FIRST.value, LAST.value]
    (letter,) = dead(stream)
    assert letter.value == b"grow" * 10
    assert "buffer.memory" in str(java_view(letter.headers)["x-exception-message"])


@both_modes
def test_letter_without_value(stream: Stream, mode: str) -> None:
    """A record that is too large for the client as it came.

    No letter with its value fits either.
    """
    stream.create()
    large = Record(b"x" * int(LIMIT), b"k", [("h", b"1")])
    stream.send(FIRST, large, LAST)
    limited = stream.processor(AS_IT_IS | CLIENT_LIMIT | MODES[mode]).start()
    stream.drain()
    stop(limited)
    assert_all_arrived(stream, mode, FIRST, LAST)
    (letter,) = dead(stream)
    assert (letter.value, letter.key) == (None, b"k")
    assert omitted(letter) == "stacktrace,headers,value"
    assert java_view(letter.headers)["x-original-offset"] == 1
    (line,) = [line for line in limited.output.splitlines() if "without the value" in line]
    assert " ERROR " in line
    assert f"{stream.source}-0@1" in line


@both_modes
def test_oversized_letter_has_no_form(stream: Stream, mode: str) -> None:
    stream.create()
    create(stream, stream.dead_letters, max_message_bytes="200")
    stream.send(FIRST, Record(b"bad"), LAST)
    processor = stream.with_step(FAILING, RAISING, QUICK | MODES[mode]).start()
    assert processor.exit_code() == 1
    assert committed(stream) <= 1
    (line,) = [line for line in processor.output.splitlines() if "in its smallest form" in line]
    assert line in processor.tail(5)
    assert f"{stream.source}-0@1" in line
    assert f"{stream.dead_letters}: it is larger than max.message.bytes of the topic allows" in line
    assert "enable-dlq=false" in line
    assert "Traceback" not in processor.output


@both_modes
def test_letter_in_compacted_topic(stream: Stream, mode: str) -> None:
    """A compacted topic refuses a record without a key, so the letter gets one."""
    stream.create()
    create(stream, stream.dead_letters, cleanup_policy="compact")
    stream.send(FIRST, Record(b"bad"), LAST)
    processor = stream.with_step(FAILING, RAISING, QUICK | MODES[mode]).start()
    stream.drain()
    stop(processor)
    assert_all_arrived(stream, mode, FIRST, LAST)
    (letter,) = dead(stream)
    assert (letter.value, letter.key) == (b"bad", f"{stream.source}-0@1".encode())


@both_modes
def test_oversized_record_may_be_skipped(stream: Stream, mode: str) -> None:
    stream.create()
    stream.send(FIRST, Record(b"x" * int(LIMIT)), LAST)
    no_letters = {"spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq": "false"}
    processor = stream.processor(AS_IT_IS | CLIENT_LIMIT | no_letters | MODES[mode]).start()
    stream.drain()
    assert values(stream.arrived()) == [FIRST.value, LAST.value]
    (line,) = [line for line in processor.output.splitlines() if f"{stream.source}-0@1" in line]
    assert " ERROR " in line
    assert "larger than max.request.size of the producer allows" in line
    assert "skipped" in line


# ---- the dead letter is too large


@pytest.mark.parametrize(
    "limit", ["max.message.bytes of the topic", "max.request.size of the producer"]
)
@both_modes
def test_letter_without_trace(stream: Stream, mode: str, limit: str) -> None:
    """The record itself has room in both, the eight headers beside it have not."""
    stream.create()
    bad = Record(b"bad " + b"x" * 2500, None, [("h", b"1")])
    stream.send(FIRST, bad, LAST)
    settings = QUICK | MODES[mode]
    if limit.endswith("topic"):
        create(stream, stream.dead_letters, max_message_bytes="3500")
    else:
        settings |= {f"{PRODUCER}.max.request.size": "3500"}
    functions = RAISING.replace("attempt {attempts}", "{'long ' * 100}")
    processor = stream.with_step(FAILING, functions, settings).start()
    stream.drain()
    stop(processor)
    assert_all_arrived(stream, mode, FIRST, LAST)
    (letter,) = dead(stream)
    assert letter.value == bad.value
    assert omitted(letter) == "stacktrace"
    seen = java_view(letter.headers)
    assert list(seen) == [*EIGHT[:-1], "x-dead-letter-omitted"]
    assert seen["x-exception-message"] == "long " * 100
