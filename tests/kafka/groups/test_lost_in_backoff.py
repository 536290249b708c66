"""A partition is lost and returns while a record waits in backoff and a transaction is open."""

from pathlib import Path

import pytest

from tests.support.load.records import Record
from tests.support.settings import EXACTLY_ONCE, PROTOCOLS
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

RETRIES = {
    "python-processor.commit-interval": "60s",
    "spring.cloud.stream.bindings.input.consumer.max-attempts": "1000",
    "spring.cloud.stream.bindings.input.consumer.back-off-initial-interval": "500",
    "spring.cloud.stream.bindings.input.consumer.back-off-max-interval": "500",
}
SESSION_S = 6  # group.consumer.session.timeout.ms of the tests' broker; of the other protocols 2
STEP = 'records = map_value("waiting", records, waiting)'


def waiting(cured: Path) -> str:
    """A function that prevents commits, and then fails until the file `cured` exists."""
    return f"""
import os
import time


def waiting(value):
    if value.startswith(b"slow"):
        time.sleep(3)
    if value == b"wait" and not os.path.exists({str(cured)!r}):
        print("attempt", flush=True)
        raise ValueError
    return value
"""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_frozen_in_backoff(stream: Stream, tmp_path: Path, protocol: str) -> None:
    """One partition is committed; the open transaction holds a batch of the other.

    Partition 1 has no committed offset: a processor that seeks back only to the record in flight
    loses the batch before.
    """
    stream.create(2)
    cured = tmp_path / "cured"
    processor = (
        stream.with_step(STEP, waiting(cured), PROTOCOLS[protocol] | EXACTLY_ONCE | RETRIES)
        .start()
        .running()
    )
    first = [Record(b"first", partition=0)]
    stream.send(*first)
    stream.drain()
    then = [
        Record(b"slow", partition=1),
        *(Record(b"%d" % number, partition=1) for number in range(3)),
    ]
    then += [Record(b"wait", partition=1), Record(b"last", partition=1)]
    stream.send(then[0])
    stream.send(*then[1:])
    wait_for(lambda: "attempt" in processor.output, 30, "the record being tried")
    with processor.frozen():
        let_pass(SESSION_S + 3)
    wait_for(lambda: processor.output.count("partitions assigned: ") > 1, 30, "the partition back")
    cured.touch()
    stream.drain()
    assert sorted(record.value or b"" for record in stream.arrived()) == sorted(
        record.value or b"" for record in first + then
    )
