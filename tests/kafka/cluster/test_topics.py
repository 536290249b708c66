"""Missing topics are created, or waited for."""

import pytest

from tests.support.load.records import Record, read
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import wait_for

BINDER = "spring.cloud.stream.kafka.binder"


def test_missing_topic_is_created(stream: Stream) -> None:
    stream.processor().start().running()
    assert stream.topics.partitions(stream.source) == 1
    assert stream.topics.partitions(stream.target) == 1
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_created_topics_have_their_partitions(
    stream: Stream,
) -> None:
    settings = {
        "spring.cloud.stream.instance-count": "3",
        "spring.cloud.stream.bindings.output.producer.partition-count": "5",
    }
    stream.processor(settings).start().running()
    assert stream.topics.partitions(stream.source) == 3
    assert stream.topics.partitions(stream.target) == 5


def test_topics_get_min_partitions(stream: Stream) -> None:
    stream.processor({f"{BINDER}.min-partition-count": "4"}).start().running()
    assert stream.topics.partitions(stream.source) == 4
    assert stream.topics.partitions(stream.target) == 4


def test_existing_topics_are_kept(stream: Stream) -> None:
    stream.create(2)
    stream.processor(
        {"spring.cloud.stream.instance-count": "3", f"{BINDER}.min-partition-count": "4"}
    ).start().running()
    assert stream.topics.partitions(stream.source) == 2
    assert stream.topics.partitions(stream.target) == 2


def test_simultaneous_creation_succeeds(stream: Stream) -> None:
    settings = {f"{BINDER}.min-partition-count": "2"}
    both = [stream.processor(settings).start(), stream.processor(settings).start()]
    for one in both:
        one.running()
    stream.members(2)


def test_uncreatable_topics_are_awaited(stream: Stream) -> None:
    settings = {
        f"{BINDER}.auto-create-topics": "false",
        "spring.cloud.stream.binding-retry-interval": "1",
    }
    processor = stream.processor(settings).start().first_answer()
    reported = wait_for(
        lambda: processor.binding().get("error"), 10, "a binding that says what is missing"
    )
    assert stream.source in reported
    assert processor.binding()["state"] == "stopped"
    assert stream.topics.partitions(stream.source) == 0
    stream.topics.create(stream.source)
    wait_for(lambda: stream.target in processor.binding()["error"], 10, "only the output missing")
    stream.topics.create(stream.target)
    processor.running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_partitions_added_later_are_read(stream: Stream) -> None:
    settings = {f"{BINDER}.consumer-properties.metadata.max.age.ms": "1000"}
    stream.create(1)
    stream.processor(settings).start().running()
    stream.topics.grow(stream.source, 2)
    stream.send(Record(b"old", partition=0), Record(b"new", partition=1))
    assert {record.value for record in stream.await_arrivals(2)} == {b"dlo", b"wen"}


@pytest.mark.parametrize("creates", ["true", "false"])
@pytest.mark.parametrize("mode", MODES)
def test_deleted_output_topic_loses_nothing(stream: Stream, mode: str, creates: str) -> None:
    stream.create(2)
    processor = (
        stream.processor(
            MODES[mode] | {f"{BINDER}.auto-create-topics": creates, "reversestring": "false"}
        )
        .start()
        .running()
    )
    stream.members(1)
    numbers = stream.numbers(500)
    numbers.advance(500)
    stream.topics.delete(stream.target)
    assert processor.exit_code(60) == 1
    assert f"the topic {stream.target} does not exist any more: nothing is lost" in processor.output
    numbers.finish()
    committed = stream.topics.committed(stream.group, stream.source)
    sent = read(stream.kafka.bootstrap, stream.source)
    left = {record.value for record in sent if record.offset >= committed.get(record.partition, 0)}
    assert left, "the topic went under load"
    if creates == "false":
        stream.topics.create(stream.target, 2)
    processor.start()
    stream.drain()
    arrived = [record.value for record in stream.arrived()]
    assert left <= set(arrived)
    assert len(arrived) == len(set(arrived)) or mode == "at-least-once"
