"""`make bench-functions`: what each kind of function costs beside a loop written by hand.

Without a broker. A cost is the CPU time of a step for a batch of 1,000 records; of async functions,
records per second of wall time.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from time import thread_time_ns
from typing import Any

import pydantic
from confluent_kafka import Message

from benchmarks.peers.waiting.waiting import CALL_S
from benchmarks.reporting import report
from connectors.functions.calls import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.overlapping import Overlapping
from connectors.named_functions.steps import work_for
from connectors.records.batch import RecordBatch
from connectors.records.forwarding import with_content_type
from connectors.records.messages import Headers
from python_processor import Record

RECORDS = 1000  # a batch
LIMITS = (1, 10, 100, 1000)
ASYNC_RECORDS = 2000
JSON = b"application/json"
HEADERS: Headers = [
    ("contentType", JSON),
    ("spring_json_header_types", b'{"contentType":"java.lang.String"}'),
]


class Order(pydantic.BaseModel):
    total: int
    item: str


def as_bytes(value: bytes) -> bytes:
    return value


def as_str(value: str) -> str:
    return value


def as_dict(value: dict[str, Any]) -> dict[str, Any]:
    return value


def as_model(value: Order) -> Order:
    return value


def as_record(_value: bytes, record: Record) -> Record:
    return record.replace(key=b"%d" % record.offset)


def by_hand_bytes(messages: list[Message]) -> list[Any]:
    return [as_bytes(message.value()) for message in messages]  # type: ignore[arg-type]  # each has a value


def by_hand_str(messages: list[Message]) -> list[Any]:
    return [as_str(message.value().decode()).encode() for message in messages]  # type: ignore[union-attr]


def by_hand_dict(messages: list[Message]) -> list[Any]:
    return [json.dumps(as_dict(json.loads(message.value()))).encode() for message in messages]  # type: ignore[arg-type]


def by_hand_model(messages: list[Message]) -> list[Any]:
    return [
        as_model(Order.model_validate_json(message.value())).model_dump_json().encode()  # type: ignore[arg-type]
        for message in messages
    ]


def by_hand_record(messages: list[Message]) -> list[Any]:
    return [
        (
            message.value(),
            b"%d" % message.offset(),  # type: ignore[str-format]
            with_content_type(message.headers() or [], JSON),  # type: ignore[arg-type]
        )
        for message in messages
    ]


KINDS: dict[str, tuple[Callable[..., Any], Callable[[list[Message]], list[Any]]]] = {
    "bytes": (as_bytes, by_hand_bytes),
    "str": (as_str, by_hand_str),
    "dict": (as_dict, by_hand_dict),
    "pydantic model": (as_model, by_hand_model),
    "Record, sets the key": (as_record, by_hand_record),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.functions")
    parser.add_argument("--batches", type=int, default=200)
    options = parser.parse_args(arguments)
    lines = report.table(
        ["function", "step, ns", "by hand, ns"], [costs(name, options.batches) for name in KINDS]
    )
    rows = [
        ["plain", "", f"{plain_rate():,.0f}"],
        *(["async", f"{limit}", f"{async_rate(limit):,.0f}"] for limit in LIMITS),
    ]
    lines += [
        "",
        *report.table([f"function of {CALL_S * 1000:.0f} ms", "async-limit", "records/s"], rows),
    ]
    print("\n".join(lines))
    return 0


def costs(name: str, batches: int) -> list[str]:
    """Medians of a step and of a bare loop, interleaved."""
    function, loop = KINDS[name]
    work = work_for("f.s", function)
    steps, loops = list[int](), list[int]()
    for _ in range(batches):
        messages = [_message(number) for number in range(RECORDS)]
        batch = RecordBatch(messages, {}, _refuse, StepTimer())
        steps.append(_nanoseconds(lambda batch=batch: work(batch)))  # type: ignore[misc]
        if batch.error:
            raise batch.error
        loops.append(_nanoseconds(lambda messages=messages: loop(messages)))  # type: ignore[misc]
    return [name, *(f"{statistics.median(found) / RECORDS:,.0f}" for found in (steps, loops))]


def plain_rate() -> float:
    """Records per second of a plain function that sleeps."""

    def slow(value: bytes) -> bytes:
        time.sleep(CALL_S)
        return value

    return _rate(slow, 1, 50)


def async_rate(limit: int) -> float:
    """Records per second of an async function that sleeps as long."""

    async def slow(value: bytes) -> bytes:
        await asyncio.sleep(CALL_S)
        return value

    return _rate(slow, limit, min(ASYNC_RECORDS, 50 * limit))


def _rate(function: Callable[..., Any], limit: int, records: int) -> float:
    """By batches of RECORDS, cut as their time ends."""
    calls = AsyncCalls(limit, _wait)
    work, left = work_for("f.s", function), [_message(number) for number in range(records)]
    began = time.monotonic()
    while left:
        taken = left[:RECORDS]
        batch = work(
            RecordBatch(
                list(taken), {}, _refuse, StepTimer(), overlapping=Overlapping(calls, _refuse)
            )
        )
        if batch.error:
            raise batch.error
        left = left[len(taken) - len(batch.deferred) :]
    seconds = time.monotonic() - began
    calls.close()
    return records / seconds


def _wait(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.001)


def _nanoseconds(work: Callable[[], object]) -> int:
    began = thread_time_ns()
    work()
    return thread_time_ns() - began


def _refuse(*arguments: object) -> None:
    """No function raises here."""
    raise RuntimeError(arguments)


def _message(number: int) -> Message:
    value = b'{"total":%d,"item":"book"}' % number
    return Message(topic="input", partition=0, offset=number, value=value, headers=list(HEADERS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
