"""A record that the broker refuses during the last commit before a stop."""

import signal

import pytest

from tests.support.dead_letters.failing import dead
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import wait_for

# the stop comes while this function is busy: so it is the last commit that meets the refusal
SLOW = """
import time


def slow(value):
    if value == b"slow":
        print("is slow", flush=True)
        time.sleep(2)
    return value
"""


@pytest.mark.parametrize("mode", MODES)
def test_refused_record_at_last_commit(stream: Stream, mode: str) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target)
    stream.topics.configure(stream.target, cleanup_policy="compact")
    ready = [Record(b"%d" % number, b"key %d" % number) for number in range(10)]
    stream.send(*ready, Record(b"slow"))  # without a key
    processor = stream.with_step(
        'records = map_value("slow", records, slow)', SLOW, MODES[mode]
    ).start()
    wait_for(lambda: "is slow" in processor.output, 30, "the function busy")
    processor.signal(signal.SIGTERM)
    assert processor.exit_code(60) == 0
    assert "stopped: all records read are delivered and committed" in processor.output
    assert [letter.value for letter in dead(stream)] == [b"slow"]
    values = [record.value for record in stream.arrived()]
    assert set(values) == {record.value for record in ready}
    assert mode == "at-least-once" or len(values) == len(set(values))
    assert stream.behind() == 0
