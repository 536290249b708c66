"""Whether the output is right: every record there, once, its text reversed and its headers kept."""

import time

from confluent_kafka import Consumer, Message, TopicPartition

from benchmarks.records import Shape
from benchmarks.rig.broker import Backlog
from tests.support.brokers.admin import quick

IDLE_TIMEOUT_S = 30  # without a record
HEADERS_LOOKED_AT = 1000  # records; their headers cost as much as all else


class WrongOutputError(Exception):
    """A system has lost, doubled or garbled records."""


def reader(bootstrap: str, topic: str, partitions: int) -> Consumer:
    """Reads what is committed, from the beginning, as no member of a group."""
    fast = {
        "group.id": "bench-reader",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    consumer = Consumer(
        quick(bootstrap) | fast | {"fetch.queue.backoff.ms": 20, "fetch.wait.max.ms": 20}
    )
    consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
    return consumer


def check(bootstrap: str, topic: str, backlog: Backlog, expected: int) -> None:
    """Read `expected` records: each a reversal from the backlog, none twice.

    Raises WrongOutputError.
    """
    shape = backlog.shape
    consumer, seen, got = reader(bootstrap, topic, backlog.partitions), bytearray(backlog.count), 0
    deadline = time.monotonic() + IDLE_TIMEOUT_S
    while got < expected:
        messages = consumer.consume(min(10_000, expected - got), 0.1)
        if not messages and time.monotonic() > deadline:
            raise WrongOutputError(f"{expected - got:,} of {expected:,} records have not arrived")
        if messages:
            deadline = time.monotonic() + IDLE_TIMEOUT_S
        if shape.headers and got < HEADERS_LOOKED_AT:
            _check_headers(messages, shape)
        for message in messages:
            value = message.value() or b""
            number = shape.number(value)
            if value != shape.output(number) or number >= backlog.count:
                raise WrongOutputError(f"a record is garbled: {value[:80]!r}")
            if seen[number]:
                raise WrongOutputError(f"record {number} is there twice")
            seen[number] = 1
        got += len(messages)
    consumer.close()


def _check_headers(messages: list[Message], shape: Shape) -> None:
    for message in messages:
        found = dict(message.headers() or [])
        # Spring writes some values in another way.
        if lost := [name for name, _ in shape.headers if name not in found]:
            raise WrongOutputError(f"headers are lost: {', '.join(lost)}")
