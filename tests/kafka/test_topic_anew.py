"""The input topic is deleted and made again while a processor reads it: the same name, other records, and no offsets of the group."""

from collections.abc import Callable

import pytest

from tests.support.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import wait_for

PARTITIONS = 4


def records(name: str, number: int) -> list[Record]:
    return [Record(f"{name} {each}".encode(), partition=each % PARTITIONS) for each in range(number)]


@pytest.mark.parametrize("mode", MODES)
def test_a_topic_that_is_made_anew_is_read_from_its_beginning(stream: Stream, tell: Callable[[str], None], mode: str) -> None:
    stream.create(PARTITIONS)
    processor = stream.processor(MODES[mode] | {"logging.level.connectors.exactly_once": "debug"}).start().running()
    stream.members(1)
    old, new = records("old", 400), records("new", 100)
    stream.send(*old)
    stream.drain()
    stream.topics.delete(stream.source)
    wait_for(
        lambda: processor.output.count("partitions revoked") or processor.output.count("partitions lost"), 60, "its partitions gone"
    )
    stream.topics.create(stream.source, PARTITIONS)
    stream.send(*new)
    stream.drain(120)
    books = stream.count(old + new)
    tell(
        f"{books}; {processor.output.count('has to take a write first')} proof(s), {processor.output.count('has no offset')} line(s)"
    )
    assert books.nothing_lost, books
    assert books.doubled == 0 or mode != "exactly-once", books
