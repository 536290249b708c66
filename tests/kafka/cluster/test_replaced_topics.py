"""A topic deleted and created again under a running processor is another topic."""

from collections.abc import Callable

import pytest

from tests.support.load.records import Record, read
from tests.support.settings import MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.verify.groups import leave
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
    report_figure: Callable[[str], None],
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
    delivery_count = assert_delivered(stream, old + new, once=True)
    report_figure(f"{delivery_count}")
    assert (
        f"the topic {stream.source} was deleted and created again: it is read from its beginning"
        in processor.output
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_stop_before_first_new_record(stream: Stream, protocol: str, mode: str) -> None:
    """The broker has deleted the group's offsets with the topic: a group that reads from the end
    would start at a later end.
    """
    stream.create()
    latest = {"spring.cloud.stream.kafka.bindings.input.consumer.start-offset": "latest"}
    processor = stream.processor(PROTOCOLS[protocol] | MODES[mode] | latest).start().running()
    wait_for(lambda: stream.topics.committed(stream.group, stream.source), 30, "the end committed")
    old, new = records("old", 10), records("new", 10)
    stream.send(*old)
    stream.drain()
    replace(stream, 1, 0)
    wait_for(lambda: "was deleted and created again" in processor.output, 30, "the new topic seen")
    leave(processor)
    stream.send(*new)
    processor.start()
    stream.await_arrivals(len(old) + len(new))
    assert_delivered(stream, old + new, once=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_partitions_gone_in_new_topic(stream: Stream, protocol: str, mode: str) -> None:
    """The client does not notice the deletion; it may keep partitions that the new topic lacks."""
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
    assert_delivered(stream, old + new + later, once=True)


@pytest.mark.parametrize("mode", MODES)
def test_refused_offset_in_new_topic(stream: Stream, mode: str) -> None:
    """The topic is replaced while a refused record is looked for.

    The new record at its offset is no dead letter.
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
