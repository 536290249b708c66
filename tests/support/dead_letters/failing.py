"""Dead letters, as they are and as a Java program reads them."""

import signal
import struct

import pytest
from confluent_kafka.cimpl import NewTopic

from tests.support.brokers.admin import quick_admin
from tests.support.load.records import Headers, Record, read
from tests.support.processor import Processor
from tests.support.settings import MODES
from tests.support.stream import Stream

LIMIT = "4000"  # bytes of a record batch

INPUT = "spring.cloud.stream.bindings.input"
CONSUMER = f"{INPUT}.consumer"
KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
BINDER = "spring.cloud.stream.kafka.binder"

NO_NEW_TOPICS = {f"{BINDER}.auto-create-topics": "false"}
# milliseconds.
QUICK = {f"{CONSUMER}.back-off-initial-interval": "1", f"{CONSUMER}.back-off-max-interval": "2"}
ENDLESS = {
    f"{CONSUMER}.back-off-initial-interval": "3600000",
    f"{CONSUMER}.back-off-max-interval": "3600000",
}
ONCE = {f"{CONSUMER}.max-attempts": "1"}
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

# What Spring Cloud Stream 4.3 wrote when maxAttempts were used up, on a real broker: the record is
# din-0@1.
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
    (
        "x-exception-message",
        b"Expression evaluation failed: payload.substring(5); begin 5, end 3, length 3",
    ),
    (
        "x-exception-stacktrace",
        b"org.springframework.messaging.MessageHandlingException: Expression evaluation failed: ...",  # noqa: E501 - one text
    ),
]
JAVA_TIMESTAMP = 1795469567118  # milliseconds
EIGHT = [name for name, _ in JAVA[3:]]


def java_view(headers: Headers) -> dict[str, str | int]:
    """The eight as a Java program reads them.

    An int, two longs (ByteBuffer), the others as strings.
    """
    forms = {"x-original-partition": ">i", "x-original-offset": ">q", "x-original-timestamp": ">q"}
    return {
        name: struct.unpack(forms[name], value or b"")[0]
        if name in forms
        else (value or b"").decode()
        for name, value in headers
        if name.startswith("x-")
    }


def dead(stream: Stream) -> list[Record]:
    return read(stream.kafka.bootstrap, stream.dead_letters)


def create(stream: Stream, topic: str, partitions: int = 1, **settings: str) -> None:
    """A topic with settings of its own."""
    new = NewTopic(
        topic,
        partitions,
        config={name.replace("_", "."): value for name, value in settings.items()},
    )
    admin = quick_admin(stream.kafka.bootstrap)  # drops its requests when it is garbage-collected
    admin.create_topics([new])[topic].result(30)


def committed(stream: Stream) -> int:
    return stream.topics.committed(stream.group, stream.source).get(0, 0)


def stop(processor: Processor) -> None:
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0, processor.tail()
