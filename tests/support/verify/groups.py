"""Which partitions the members of a group have."""

import re
import signal
from itertools import count

from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for

RATE = 1500
PARTITIONS = 6
INPUT = "spring.cloud.stream.bindings.input"
KAFKA_INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
CLIENT = "spring.cloud.stream.kafka.binder.consumer-properties"
# New topics are noticed within a second instead of five minutes.
SOON = {f"{CLIENT}.metadata.max.age.ms": "1000"}


def rebalances(processor: Processor) -> list[tuple[str, set[str]]]:
    """What it has reported since its start: ("assigned" or "revoked" or "lost", partitions)."""
    reported = re.findall(r"partitions (assigned|revoked|lost): (.*)", processor.output_of_this_run)
    return [(what, set(names.split(", ")) - {"none"}) for what, names in reported]


def partitions(processor: Processor) -> set[str]:
    """The partitions it has now, of those assigned since its last start."""
    now: set[str] = set()
    for what, names in rebalances(processor):
        now = now | names if what == "assigned" else now - names
    return now


def shared(stream: Stream, *processors: Processor) -> None:
    """Wait until the processors share all partitions of the input, none without, none twice."""
    every = {
        f"{stream.source}-{number}" for number in range(stream.topics.partitions(stream.source))
    }

    def settled() -> bool:
        each = [partitions(processor) for processor in processors]
        return all(each) and set().union(*each) == every and sum(map(len, each)) == len(every)

    wait_for(settled, 40, f"{len(every)} partitions shared by {len(processors)} processors")


def leave(processor: Processor) -> None:
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0


def until_one_arrives(stream: Stream, name: str) -> None:
    """Send records until one comes out.

    Those before it were sent before reading began at the end.
    """
    numbers = count()

    def seen() -> bool:
        stream.send(Record(f"{name} new {next(numbers)}".encode()))
        return any(
            (record.value or b"").startswith(f"{name} new".encode()) for record in stream.arrived()
        )

    wait_for(seen, 30, "one of the new records")
