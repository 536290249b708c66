"""`make bench-hotpath`: the Python time of a record, step by step, without a broker.

Leaves JSON and Markdown.

What is missing is the client's: making the message objects in consume(), and all that librdkafka's
own threads do.
"""

import logging
import statistics
import sys
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat, starmap
from time import thread_time_ns
from typing import Any

from confluent_kafka import Message, Producer

from benchmarks.records import SHAPES, Shape
from benchmarks.reporting import report
from benchmarks.reporting.results import FOLDER, Head, keep
from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.functions.calls import StepTimer
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from connectors.records.forwarding import Forwarding
from connectors.records.messages import charset, common_codec, common_names
from text import reverse, reverse_each

RECORDS = 1000  # a batch
BATCHES = 300
NOWHERE = {
    "bootstrap.servers": "127.0.0.1:1",
    "log_level": 0,
    "delivery.report.only.error": True,
    "queue.buffering.max.messages": 2 * RECORDS,  # purged after each batch
}


def main() -> int:
    logging.getLogger("librdkafka").disabled = True  # it finds no broker
    head = Head.now()
    found = {shape.name: measured(shape) for shape in SHAPES}
    whole = {shape.name: measured_path(shape) for shape in SHAPES}
    said = (
        f"Nanoseconds per record, medians of {BATCHES} batches: single steps, then the whole "
        f"path of a batch."
    )
    keep(
        FOLDER / f"{head.stem}-hotpath",
        head,
        {"steps": found, "path": whole},
        said,
        [*table(found), "", *table(whole)],
    )
    return 0


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """Rows are steps, columns kinds of records."""
    steps = list(next(iter(found.values())))
    rows = [[step, *(f"{found[name][step]:,.0f}" for name in found)] for step in steps]
    return report.table(
        ["step", *found], [*rows, ["all", *(f"{sum(found[name].values()):,.0f}" for name in found)]]
    )


def measured(shape: Shape) -> dict[str, float]:
    """Nanoseconds per record of each step."""
    times: dict[str, list[int]] = {}
    producer, forwarding = Producer(NOWHERE), Forwarding()
    for number in range(BATCHES):
        messages = [make_message(shape, number * RECORDS + place) for place in range(RECORDS)]
        for step, work in _steps(messages, producer, forwarding).items():
            began = thread_time_ns()
            work()
            times.setdefault(step, []).append(thread_time_ns() - began)
        producer.purge()
        producer.poll(0)
    return {step: statistics.median(each) / RECORDS for step, each in times.items()}


def measured_path(shape: Shape) -> dict[str, float]:
    """Return nanoseconds per record: the batch is made, passes the steps and is produced."""
    times: dict[str, list[int]] = {}
    output, step_timer = (
        RecordProducer(
            Settings(binder_brokers=("127.0.0.1:1",), output_destination="output"), BrokerStatus([])
        ),
        StepTimer(),
    )
    for number in range(BATCHES):
        messages = [make_message(shape, number * RECORDS + place) for place in range(RECORDS)]
        made = list[RecordBatch]()
        for step, work in _path(messages, made, output, step_timer).items():
            began = thread_time_ns()
            work()
            times.setdefault(step, []).append(thread_time_ns() - began)
        output.producer.purge()
        output.producer.poll(0)
    return {step: statistics.median(each) / RECORDS for step, each in times.items()}


def _path(
    messages: list[Message], made: list[RecordBatch], output: RecordProducer, step_timer: StepTimer
) -> dict[str, Callable[[], object]]:
    return {
        "make a batch": lambda: made.append(RecordBatch(messages, {}, _refuse, step_timer)),
        "map": lambda: made[0].map("map", reverse, wants_charset=True),
        "filter": lambda: made[0].filter("filter", bool),
        "flat_map": lambda: made[0].flat_map("flat_map", lambda value: (value,)),
        "write": lambda: output.produce_batch(made[0], _refuse, _refuse),
    }


def _refuse(*arguments: object) -> None:
    """No function raises here, no queue is full, no record is refused."""
    raise RuntimeError(arguments)


def make_message(shape: Shape, number: int) -> Message:
    """Return a message of new objects, as from the wire."""
    named: list[tuple[str, str | bytes | None]] = [
        (name.encode().decode(), bytes(bytearray(value))) for name, value in shape.headers
    ]
    return Message(
        topic="input",
        partition=number % 4,
        offset=number,
        value=shape.value(number),
        headers=named or None,
    )


def _steps(
    messages: list[Message], producer: Producer, forwarding: Forwarding
) -> dict[str, Callable[[], object]]:
    """What input, batch and output do with each batch, one after the other."""
    values = list(map(Message.value, messages))
    read = list(map(Message.headers, messages))
    charsets = [charset(own) for own in read]  # type: ignore[arg-type]  # a list, as it was made
    each: list[Any] = read
    names = common_names(each)
    rest = [repeat(-1), repeat(None), repeat(None), repeat(0), each] if names else []
    arguments: Iterator[Any] = zip(repeat("output"), values, repeat(None), *rest, strict=False)
    return {
        "look for errors": lambda: any(map(Message.error, messages)),
        "find the last of each partition": lambda: dict(
            zip(map(Message.partition, messages), messages, strict=True)
        ),
        "read values": lambda: list(map(Message.value, messages)),
        "read headers": lambda: list(map(Message.headers, messages)),
        "compare header names": lambda: common_names(each),
        "find the charset": lambda: names and common_codec(names, each, "utf-8"),
        "reverse": lambda: reverse_each(values) or list(map(reverse, values, charsets)),  # type: ignore[arg-type]  # all have a value
        "find what headers need": lambda: names and forwarding.keeps_all(names, each),
        "read keys": lambda: list(map(Message.key, messages)),
        "produce": lambda: deque(starmap(producer.produce, arguments), maxlen=0),
    }


if __name__ == "__main__":
    sys.exit(main())
