"""A topic is deleted and created again under a running processor, and what is there then is another
topic of the same name.
"""

from collections.abc import Callable

import pytest

from tests.support.load.records import Record, read
from tests.support.settings import MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.lag import lag
from tests.support.waiting import let_pass, wait_for


def records(name: str, number: int, partitions: int = 1) -> list[Record]:
    return [
        Record(f"{name} {each}".encode(), partition=each % partitions) for each in range(number)
    ]


def replace(stream: Stream, partitions: int, after: float) -> None:
    """Delete the input topic and create it again after some seconds."""
    stream.topics.delete(stream.source)
    let_pass(after)
    wait_for(lambda: stream.source not in stream.topics.names(), 30, "the topic is deleted")
    stream.topics.create(stream.source, partitions)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("replaced", [(20, 0), (50, 0), (200, 0), (200, 1), (200, 10)], ids=str)
def test_new_topic_from_beginning(
    stream: Stream,
    tell: Callable[[str], None],
    replaced: tuple[int, float],
    protocol: str,
    mode: str,
) -> None:
    """`replaced`: how many records the new topic has, and how many seconds there was none."""
    number, after = replaced
    stream.create()
    processor = stream.processor(PROTOCOLS[protocol] | MODES[mode]).start().running()
    old, new = records("old", 50), records("new", number)
    stream.send(*old)
    stream.drain()
    replace(stream, 1, after)
    stream.send(*new)
    stream.await_arrivals(len(old) + len(new))
    stream.drain()
    books = stream.count(old + new)
    tell(f"{books}")
    assert books.nothing_lost, books
    assert books.doubled == 0, books
    assert (
        f"the topic {stream.source} was deleted and created again: it is read from its beginning"
        in processor.output
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_partitions_gone_in_new_topic(stream: Stream, protocol: str, mode: str) -> None:
    """The client does not see that there was no topic, and may keep partitions that the new one
    lacks until they are added.
    """
    stream.create(3)
    metadata = {"spring.cloud.stream.kafka.binder.consumer-properties.metadata.max.age.ms": "4000"}
    metrics = {"management.endpoints.web.exposure.include": "*"}
    processor = (
        stream.processor(PROTOCOLS[protocol] | MODES[mode] | metadata | metrics).start().running()
    )
    old, new, later = records("old", 60, 3), records("new", 20), records("later", 60, 3)
    stream.send(*old)
    stream.drain()
    replace(stream, 1, 0)
    stream.send(*new)
    stream.await_arrivals(len(old + new))
    wait_for(lambda: lag(processor) == 0, 30, "the lag gauge at 0")
    stream.topics.grow(stream.source, 3)
    wait_for(
        lambda: len(stream.topics.ends(stream.source)) == 3, 30, "leaders of the new partitions"
    )
    stream.send(*later)
    stream.await_arrivals(len(old + new + later))
    stream.drain()
    books = stream.count(old + new + later)
    assert books.nothing_lost, books
    assert books.doubled == 0, books


@pytest.mark.parametrize("mode", MODES)
def test_refused_offset_in_new_topic(stream: Stream, mode: str) -> None:
    """The topic is replaced while a refused record is looked for: the new record at its offset is
    no dead letter.
    """
    stream.create()
    stream.topics.configure(stream.target, max_message_bytes="4000")
    processor = stream.processor(MODES[mode]).start().running()
    old = records("old", 1000)
    old[9] = Record(b"large" * 1000)
    stream.send(*old)
    wait_for(
        lambda: f"it goes to {stream.dead_letters}" in processor.output,
        30,
        "the refused record found",
    )
    replace(stream, 1, 0)
    new = records("new", 60)
    stream.send(*new)
    stream.drain()
    assert {record.value[::-1] for record in new if record.value} <= {
        record.value for record in stream.arrived()
    }
    letters = [record.value for record in read(stream.kafka.bootstrap, stream.dead_letters)]
    assert letters in ([old[9].value], [])  # a transaction that was open is gone with the topic
