"""Where a group begins to read."""

import signal
from collections.abc import Callable

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from runtime.exit_codes import Exit
from tests.support.load.records import Record
from tests.support.settings import EXACTLY_ONCE, MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.groups import (
    CLIENT,
    KAFKA_INPUT,
    RATE,
    leave,
    partitions,
    shared,
    until_one_arrives,
)
from tests.support.waiting import wait_for

OLD = 10  # records that are there before the processor


@pytest.mark.parametrize("committed", [None, 4])
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("start", [None, "earliest", "latest"])
def test_start_offset_decides_first_record(
    stream: Stream,
    start: str | None,
    reset: bool,  # noqa: FBT001 - one of the parameters
    committed: int | None,
) -> None:
    stream.create()
    stream.send(*(Record(b"old %d" % number) for number in range(OLD)))
    if committed is not None:
        stream.commit(committed)
    settings = {"reversestring": "false", f"{KAFKA_INPUT}.reset-offsets": str(reset).lower()}
    if start:
        settings[f"{KAFKA_INPUT}.start-offset"] = start
    processor = stream.processor(settings).start().running()
    until_one_arrives(stream, "and")
    stream.drain()
    expected = committed if committed is not None and not reset else OLD if start == "latest" else 0
    arrived = [record.value for record in stream.arrived()]
    assert [value for value in arrived if value and value.startswith(b"old")] == [
        b"old %d" % n for n in range(expected, OLD)
    ]
    assert len(arrived) == len(set(arrived))

    leave(processor)
    stream.send(Record(b"last"))
    processor.start()
    wait_for(
        lambda: (
            b"last" in {record.value for record in stream.arrived()}
            or (reset and start == "latest")
        ),
        30,
        "the last record",
    )
    again = [record.value for record in stream.arrived()].count(b"old 9")
    assert again == (2 if reset and start != "latest" else expected < OLD)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_partition_is_reset_once(stream: Stream, protocol: str) -> None:
    stream.create(2)
    stream.send(*(Record(b"%d of %d" % (n, p), partition=p) for n in range(OLD) for p in range(2)))
    settings = PROTOCOLS[protocol] | {
        f"{KAFKA_INPUT}.reset-offsets": "true",
        "reversestring": "false",
    }
    first = stream.processor(settings).start()
    stream.await_arrivals(2 * OLD)
    second = stream.processor(settings).start()
    shared(stream, first, second)
    stream.await_arrivals(3 * OLD)  # the second process has reset its partition
    leave(second)
    shared(stream, first)
    stream.send(Record(b"end", partition=0), Record(b"end", partition=1))
    stream.await_arrivals(3 * OLD + 2)
    assert len(stream.arrived()) == 3 * OLD + 2


def held_back(stream: Stream, partition: int) -> Producer:
    """Whose open transaction holds back the offset that the group has there."""
    holder = Producer(
        {"bootstrap.servers": stream.kafka.bootstrap, "transactional.id": f"{stream.group}-holder"}
    )
    holder.init_transactions(30)
    holder.begin_transaction()
    nobody = Consumer({"bootstrap.servers": stream.kafka.bootstrap, "group.id": stream.group})
    holder.send_offsets_to_transaction(
        [TopicPartition(stream.source, partition, 0)], nobody.consumer_group_metadata(), 30
    )
    nobody.close()
    return holder


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_record_after_start_at_end_is_read(stream: Stream, protocol: str, mode: str) -> None:
    stream.create(2)
    stream.send(Record(b"old"))
    at_the_end = (
        MODES[mode]
        | PROTOCOLS[protocol]
        | {"reversestring": "false", f"{KAFKA_INPUT}.start-offset": "latest"}
    )
    processor = stream.processor(at_the_end).start().running()
    wait_for(
        lambda: len(stream.topics.committed(stream.group, stream.source)) == 2,
        30,
        "the ends committed",
    )
    processor.kill()
    new = [Record(b"new %d" % number) for number in range(20)]
    stream.send(*new)
    stream.processor(at_the_end).start()
    arrived = [record.value for record in stream.await_arrivals(len(new))]
    assert set(arrived) == {record.value for record in new}


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_stalled_start_replaces_client(stream: Stream, settings: dict[str, str]) -> None:
    """As with a coordinator that is never asked again (librdkafka issue 5586).

    Here somebody's open transaction holds the offset back.
    """
    stream.create()
    holder = held_back(stream, 0)
    processor = stream.processor(settings | {"python-processor.client-call-timeout": "3s"}).start()
    reported = f"the consumer has not read {stream.source}-0 for 3 s"
    wait_for(lambda: processor.output.count(reported) >= 2, 30, "two consumers given up")
    holder.abort_transaction(30)
    stream.send(Record(b"once"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"ecno"]
    processor.assert_alive()
    assert processor.output.count("partitions assigned") >= 3


@pytest.mark.parametrize("mode", MODES)
def test_replaced_consumer_loses_nothing(
    stream: Stream, mode: str, report_figure: Callable[[str], None]
) -> None:
    stream.create(2)
    numbers = stream.numbers(RATE)
    settings = (
        PROTOCOLS["cooperative-sticky"]
        | {"python-processor.client-call-timeout": "8s"}
        | MODES[mode]
    )
    first, second = (
        stream.processor(settings | {"spring.cloud.stream.instanceIndex": f"{n}"}).start()
        for n in range(2)
    )
    shared(stream, first, second)
    numbers.advance(RATE)
    (unread,) = partitions(second)
    holder = held_back(stream, int(unread[-1]))
    second.signal(signal.SIGTERM)
    # Its last commit may meet a rebalance.
    assert second.exit_code() in ({Exit.OK, Exit.UNFINISHED} if MODES[mode] else {Exit.OK})
    assert "took longer than" not in second.output
    wait_for(lambda: f"has not read {unread} for 8 s" in first.output, 60, "the consumer given up")
    numbers.advance(RATE)
    holder.abort_transaction(30)
    sent = numbers.finish()
    stream.drain()
    delivery_count = stream.count(sent)
    report_figure(f"{mode}: {delivery_count}")
    first.assert_alive()
    assert delivery_count.nothing_lost, delivery_count
    if MODES[mode]:
        assert delivery_count.doubled == 0, delivery_count


def test_no_offset_and_no_rule_is_error(stream: Stream) -> None:
    stream.create()
    processor = stream.processor({f"{CLIENT}.auto.offset.reset": "none"}).start()
    assert processor.exit_code() == Exit.FAILED
    assert (
        f"no offset to read {stream.source}-0 from, and auto.offset.reset is none"
        in processor.tail(5)
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("start", ["earliest", "latest"])
def test_offset_held_back_by_transaction(stream: Stream, start: str, mode: str) -> None:
    """A dead instance has left offsets in an open transaction: the group's offset comes late, and
    reading begins there.
    """
    stream.create()
    processor = (
        stream.processor(MODES[mode] | {f"{KAFKA_INPUT}.start-offset": start}).start().running()
    )
    stream.send(Record(b"0 a"))
    stream.drain()
    leave(processor)
    member = Consumer({"bootstrap.servers": stream.kafka.bootstrap, "group.id": stream.group})
    dead = Producer(
        {
            "bootstrap.servers": stream.kafka.bootstrap,
            "transactional.id": stream.group,
            "transaction.timeout.ms": 600_000,
        }
    )
    dead.init_transactions(30)
    dead.begin_transaction()
    dead.send_offsets_to_transaction(
        [TopicPartition(stream.source, 0, 3)], member.consumer_group_metadata(), 30
    )
    stream.send(*(Record(b"%d a" % number) for number in range(1, OLD)))
    processor.start()
    wait_for(
        lambda: processor.output.count("partitions assigned: ") == 2, 60, "the second assignment"
    )
    dead.abort_transaction(30)
    stream.await_arrivals(OLD)
    stream.drain()
    assert [record.value for record in stream.arrived()] == [
        b"a %d" % number for number in range(OLD)
    ]
    member.close()


@pytest.mark.parametrize("start", ["earliest", "latest"])
@pytest.mark.parametrize("mode", MODES)
def test_own_offsets_replace_lost(stream: Stream, mode: str, start: str) -> None:
    """A single node of Kafka 4.4 was seen to come back without the offsets of a group."""
    stream.create()
    settings = MODES[mode] | {f"{KAFKA_INPUT}.start-offset": start}
    processor = stream.processor(settings).start().running()
    sent = [Record(b"%d" % number) for number in range(3 * OLD)]
    for first in (0, OLD):  # a first commit alone may have been undone under exactly once
        stream.send(*sent[first : first + OLD])
        stream.drain()
    with processor.frozen():
        wait_for(lambda: not stream.topics.group(stream.group).members, 30, "no member")
        stream.topics.delete_offsets(stream.group)
        stream.send(*sent[2 * OLD :])
    stream.await_arrivals(len(sent))
    stream.drain()
    delivery_count = stream.count(sent)
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0, delivery_count
