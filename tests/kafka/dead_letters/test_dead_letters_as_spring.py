"""A Java program reads our dead letters as it reads those of Spring's Kafka binder.

The same headers, of the same classes and sizes.
"""

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.support.brokers.admin import quick
from tests.support.brokers.topics import SECONDS
from tests.support.dead_letters.failing import (
    EIGHT,
    FAILING,
    JAVA_TIMESTAMP,
    ONCE,
    RAISING,
    both_modes,
    create,
)
from tests.support.java.dead_letters import Header, Letter, captured, letters
from tests.support.load.records import Record, send
from tests.support.settings import MODES
from tests.support.stream import Stream


def shape(letter: Letter) -> list[tuple[str, str, int]]:
    """Name and class of each header, in order; of numbers, the bytes too."""
    return [
        (name, header.kind, 0 if isinstance(header.value, str) else header.length)
        for name, header in letter.items()
    ]


def stamp(stream: Stream, partition: int, offset: int) -> int:
    """When a record of the input was made or appended, milliseconds."""
    consumer = Consumer(quick(stream.kafka.bootstrap) | {"group.id": "reader"})
    try:
        consumer.assign([TopicPartition(stream.source, partition, offset)])
        message = consumer.poll(SECONDS)
        assert message is not None
        return message.timestamp()[1]
    finally:
        consumer.close()


@pytest.fixture
def springs(stream: Stream) -> list[Letter]:
    """The captured ones, put into a topic of this broker."""
    topic = f"{stream.group}.captured"
    stream.topics.create(topic)
    send(stream.kafka.bootstrap, topic, captured())
    return letters(stream.kafka.bootstrap, topic)


def test_program_reads_what_spring_wrote(springs: list[Letter]) -> None:
    first = springs[0]
    assert len(springs) == len(captured()) == 4
    assert list(first) == EIGHT
    assert first["x-original-topic"] == Header("String", 3, "din")
    assert first["x-original-partition"] == Header("Integer", 4, 0)
    assert first["x-original-offset"] == Header("Long", 8, 1)
    assert first["x-original-timestamp"] == Header("Long", 8, JAVA_TIMESTAMP)
    assert first["x-original-timestamp-type"] == Header("TimestampType", 10, "CREATE_TIME")
    assert len({tuple(shape(letter)) for letter in springs}) == 1, (
        "plain and transactional ones are alike"
    )


@pytest.mark.parametrize(
    ("stamped", "kind"), [("CreateTime", "CREATE_TIME"), ("LogAppendTime", "LOG_APPEND_TIME")]
)
@both_modes
def test_dead_letters_are_read_by_spring(
    stream: Stream, springs: list[Letter], mode: str, stamped: str, kind: str
) -> None:
    create(stream, stream.source, 2, message_timestamp_type=stamped)
    stream.topics.create(stream.target)
    problem = "schlecht 한글 \N{GRINNING FACE}"
    raising = RAISING.replace('f"attempt {attempts}"', repr(problem))
    stream.with_step(FAILING, raising, ONCE | MODES[mode]).start()
    stream.send(Record(b"good", partition=1), captured()[0]._replace(value=b"bad", partition=1))
    stream.drain()
    (letter,) = letters(stream.kafka.bootstrap, stream.dead_letters)
    assert shape(letter) == shape(springs[0])
    trace = letter.pop("x-exception-stacktrace").value
    assert {name: header.value for name, header in letter.items()} == {
        "x-original-topic": stream.source,
        "x-original-partition": 1,
        "x-original-offset": 1,
        "x-original-timestamp": stamp(stream, 1, 1),
        "x-original-timestamp-type": kind,
        "x-exception-fqcn": "ValueError",
        "x-exception-message": problem,
    }
    assert str(trace).rstrip().endswith(f"ValueError: {problem}")
