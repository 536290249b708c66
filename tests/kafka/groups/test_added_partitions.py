"""Reading from the end is reading from where the topics ended when the group began.

What is created later is read from its beginning.
"""

import signal

import pytest
from confluent_kafka import TopicPartition

from tests.support.brokers.admin import quick_admin
from tests.support.load.records import Record, send
from tests.support.settings import MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.groups import (
    INPUT,
    KAFKA_INPUT,
    SOON,
    leave,
    partitions,
    until_one_arrives,
)
from tests.support.waiting import wait_for

LATEST = SOON | {"reversestring": "false", f"{KAFKA_INPUT}.start-offset": "latest"}
ANONYMOUS = SOON | {"reversestring": "false", f"{INPUT}.group": ""}
NEW = {b"new %d" % number for number in range(20)}


def arrived(stream: Stream) -> set[bytes | None]:
    return {record.value for record in stream.arrived()}


def await_new(stream: Stream) -> None:
    """Wait for what the partition had before the client knew of it; nothing old, nothing twice."""
    wait_for(lambda: arrived(stream) >= NEW, 30, "the records of the new partition")
    values = [record.value for record in stream.arrived()]
    assert len(values) == len(set(values))
    assert b"old" not in values


def grow(stream: Stream, number: int) -> None:
    """Add a partition that has records before any client knows of it."""
    stream.topics.grow(stream.source, number + 1)
    stream.send(*(Record(value, partition=number) for value in sorted(NEW)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("group", [LATEST, ANONYMOUS], ids=["named", "anonymous"])
def test_added_partition_from_beginning(
    stream: Stream, group: dict[str, str], protocol: str, mode: str
) -> None:
    stream.create()
    stream.send(Record(b"old"))
    stream.processor(group | PROTOCOLS[protocol] | MODES[mode]).start().running()
    until_one_arrives(stream, "first")
    grow(stream, 1)
    await_new(stream)


def test_partition_added_while_stopped(stream: Stream) -> None:
    """The group knows from its commits how many partitions there were when it began."""
    stream.create(2)
    stream.send(Record(b"old"), Record(b"old", partition=1))
    processor = stream.processor(LATEST).start().running()
    wait_for(
        lambda: len(stream.topics.committed(stream.group, stream.source)) == 2,
        30,
        "the ends committed",
    )
    leave(processor)
    grow(stream, 2)
    processor.start()
    await_new(stream)


def test_instances_start_together(stream: Stream) -> None:
    """A partition that another member has not committed yet existed all the same."""
    stream.create(4)
    stream.send(*(Record(b"old", partition=number) for number in range(4)))
    members = [
        stream.processor(LATEST | {"spring.cloud.stream.instanceIndex": str(number)}).start()
        for number in range(2)
    ]
    stream.members(2)
    wait_for(
        lambda: len(stream.topics.committed(stream.group, stream.source)) == 4,
        30,
        "the ends committed",
    )
    grow(stream, 4)
    await_new(stream)
    for member in members:
        member.assert_alive()


@pytest.mark.parametrize("group", [LATEST, ANONYMOUS], ids=["named", "anonymous"])
def test_pattern_topic_added_later(stream: Stream, group: dict[str, str]) -> None:
    pattern = {
        f"{INPUT}.destination": f"{stream.group}-in-[0-9]+",
        f"{KAFKA_INPUT}.destination-is-pattern": "true",
    }
    early, late = (f"{stream.group}-in-{end}" for end in (1, 2))
    stream.topics.create(early)
    send(stream.kafka.bootstrap, early, [Record(b"old")])
    processor = stream.processor(group | pattern).start().running()
    wait_for(lambda: partitions(processor) == {f"{early}-0"}, 30, "the early topic assigned")
    stream.topics.create(late, 2)
    send(
        stream.kafka.bootstrap,
        late,
        [Record(value, partition=number % 2) for number, value in enumerate(sorted(NEW))],
    )
    await_new(stream)


@pytest.mark.parametrize("mode", MODES)
def test_recreated_topic_read_from_start(stream: Stream, mode: str) -> None:
    stream.create()
    stream.send(Record(b"old"))
    stream.processor(LATEST | MODES[mode]).start().running()
    until_one_arrives(stream, "first")
    stream.topics.delete(stream.source)
    wait_for(lambda: stream.source not in stream.topics.names(), 30, "the topic is deleted")
    stream.topics.create(stream.source, 2)
    stream.send(*(Record(value, partition=number % 2) for number, value in enumerate(sorted(NEW))))
    await_new(stream)


def test_kill_before_first_record(stream: Stream) -> None:
    """Nothing is committed of the new partition yet when its reader is killed."""
    stream.create()
    processor = stream.processor(LATEST).start().running()
    wait_for(lambda: stream.topics.committed(stream.group, stream.source), 30, "the end committed")
    with processor.frozen():
        grow(stream, 1)
        processor.signal(signal.SIGKILL)
    assert processor.exit_code() == 128 + signal.SIGKILL
    processor.start()
    await_new(stream)


def test_deletion_is_no_jump_to_end(stream: Stream) -> None:
    """Records that the group has not read are deleted.

    The others of the partition are read all the same.
    """
    stream.create()
    processor = stream.processor(LATEST).start().running()
    until_one_arrives(stream, "first")
    processor.request("POST", "/actuator/bindings/input", {"state": "PAUSED"})
    wait_for(lambda: processor.binding()["state"] == "paused", 10, "the input paused")
    end = stream.topics.ends(stream.source)[0]
    stream.send(
        *(Record(b"gone %d" % number) for number in range(10)),
        *(Record(value) for value in sorted(NEW)),
    )
    admin = quick_admin(stream.kafka.bootstrap)
    for future in admin.delete_records([TopicPartition(stream.source, 0, end + 10)]).values():
        future.result(30)
    processor.request("POST", "/actuator/bindings/input", {"state": "RESUMED"})
    await_new(stream)
