"""Who reads which partitions, and from where: groups of every protocol, static and anonymous members, fixed partitions, patterns."""

import re
import signal
from collections.abc import Callable
from itertools import count

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin._resource import ResourceType

from runtime.exits import Exit
from tests.support.processor import Processor
from tests.support.records import Record, send
from tests.support.settings import EXACTLY_ONCE, MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.waiting import wait_for

RATE = 1500
PARTITIONS = 6
INPUT = "spring.cloud.stream.bindings.input"
KAFKA_INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
CLIENT = "spring.cloud.stream.kafka.binder.consumer-properties"
SOON = {f"{CLIENT}.metadata.max.age.ms": "1000"}  # new topics are noticed within a second instead of five minutes


def rebalances(processor: Processor) -> list[tuple[str, set[str]]]:
    """What it has told so far: ("assigned" or "revoked" or "lost", partitions)."""
    told = re.findall(r"partitions (assigned|revoked|lost): (.*)", processor.output)
    return [(what, set(names.split(", ")) - {"none"}) for what, names in told]


def partitions(processor: Processor) -> set[str]:
    """The partitions it has now."""
    now: set[str] = set()
    for what, names in rebalances(processor):
        now = now | names if what == "assigned" else now - names
    return now


def shared(stream: Stream, *processors: Processor) -> None:
    """Wait until the processors have all partitions of the input among them, none without, none twice."""
    every = {f"{stream.source}-{number}" for number in range(stream.topics.partitions(stream.source))}

    def settled() -> bool:
        each = [partitions(processor) for processor in processors]
        return all(each) and set().union(*each) == every and sum(map(len, each)) == len(every)

    wait_for(settled, 40, f"{len(every)} partitions shared by {len(processors)} processors")


def leave(processor: Processor) -> None:
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_static_member_restarted_within_its_session_disturbs_nobody(
    stream: Stream, protocol: str, tell: Callable[[str], None]
) -> None:
    stream.create(PARTITIONS)
    numbers = stream.numbers(RATE)
    calm = PROTOCOLS[protocol] | {f"{CLIENT}.session.timeout.ms": "30000"}
    # from there the newer protocol has it
    stream.topics.configure(stream.group, ResourceType.GROUP, consumer_session_timeout_ms="30000")
    first, second = (stream.processor(calm | {f"{CLIENT}.group.instance.id": f"member-{n}"}).start() for n in range(2))
    shared(stream, first, second)
    numbers.advance(RATE)
    before, own = rebalances(first), partitions(second)
    for _ in range(2):
        leave(second)
        already = len(rebalances(second))
        second.start()
        wait_for(lambda already=already: rebalances(second)[already:], 30, "the member back")  # type: ignore[misc]  # bound per round
        assert rebalances(second)[already:] == [("assigned", own)]
        numbers.advance(RATE)
    sent = numbers.finish()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}; two restarts")
    assert rebalances(first) == before
    assert books.nothing_lost, books
    assert books.doubled == 0


def test_an_anonymous_group_reads_from_the_end_and_has_no_dead_letters(stream: Stream) -> None:
    stream.create()
    stream.send(Record(b"old 1"), Record(b"old 2"))
    settings = {f"{INPUT}.group": "", "reversestring": "false"}
    for start in range(2):
        processor = stream.processor(settings).start().running()
        until_one_arrives(stream, f"start {start}")
        group = processor.binding()["group"]
        assert group is None
        leave(processor)
        stream.send(Record(b"between"))
    values = {record.value for record in stream.arrived()}
    assert not values & {b"old 1", b"old 2", b"between"}
    assert not [topic for topic in stream.topics.names() if topic.startswith(f"error.{stream.source}")]


def until_one_arrives(stream: Stream, name: str) -> None:
    """Send records until one comes out: those before it were sent before reading began at the end."""
    numbers = count()

    def seen() -> bool:
        stream.send(Record(f"{name} new {next(numbers)}".encode()))
        return any((record.value or b"").startswith(f"{name} new".encode()) for record in stream.arrived())

    wait_for(seen, 30, "one of the new records")


OLD = 10  # records that are there before the processor


def commit(stream: Stream, offset: int) -> None:
    consumer = Consumer({"bootstrap.servers": stream.kafka.bootstrap, "group.id": stream.group})
    consumer.commit(offsets=[TopicPartition(stream.source, 0, offset)], asynchronous=False)
    consumer.close()


@pytest.mark.parametrize("committed", [None, 4])
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("start", [None, "earliest", "latest"])
def test_where_reading_begins(stream: Stream, start: str | None, reset: bool, committed: int | None) -> None:  # noqa: FBT001 - pytest gives it by name
    stream.create()
    stream.send(*(Record(b"old %d" % number) for number in range(OLD)))
    if committed is not None:
        commit(stream, committed)
    settings = {"reversestring": "false", f"{KAFKA_INPUT}.reset-offsets": str(reset).lower()}
    if start:
        settings[f"{KAFKA_INPUT}.start-offset"] = start
    processor = stream.processor(settings).start().running()
    until_one_arrives(stream, "and")
    stream.drain()
    expected = committed if committed is not None and not reset else OLD if start == "latest" else 0
    arrived = [record.value for record in stream.arrived()]
    assert [value for value in arrived if value and value.startswith(b"old")] == [b"old %d" % n for n in range(expected, OLD)]
    assert len(arrived) == len(set(arrived))

    leave(processor)
    stream.send(Record(b"last"))
    processor.start()
    wait_for(
        lambda: b"last" in {record.value for record in stream.arrived()} or (reset and start == "latest"), 30, "the last record"
    )
    again = [record.value for record in stream.arrived()].count(b"old 9")
    assert again == (2 if reset and start != "latest" else expected < OLD)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_partition_is_reset_the_first_time_a_process_gets_it_and_not_again(stream: Stream, protocol: str) -> None:
    stream.create(2)
    stream.send(*(Record(b"%d of %d" % (n, p), partition=p) for n in range(OLD) for p in range(2)))
    settings = PROTOCOLS[protocol] | {f"{KAFKA_INPUT}.reset-offsets": "true", "reversestring": "false"}
    first = stream.processor(settings).start()
    stream.await_arrivals(2 * OLD)
    second = stream.processor(settings).start()
    shared(stream, first, second)
    stream.await_arrivals(3 * OLD)  # the second process has begun its partition anew
    leave(second)
    shared(stream, first)
    stream.send(Record(b"end", partition=0), Record(b"end", partition=1))
    stream.await_arrivals(3 * OLD + 2)
    assert len(stream.arrived()) == 3 * OLD + 2


@pytest.mark.parametrize("multiplex", ["true", "false"])
def test_several_destinations(stream: Stream, multiplex: str) -> None:
    sources = [f"{stream.source}-{letter}" for letter in "abc"]
    settings = {f"{INPUT}.destination": ", ".join(sources), f"{INPUT}.consumer.multiplex": multiplex}
    processor = stream.processor(settings).start().first_answer()
    wait_for(lambda: partitions(processor) == {f"{source}-0" for source in sources}, 30, "all destinations assigned")
    sent = [Record(f"{number:04d} of {source}".encode(), None) for source in sources for number in range(300)]
    for source, records in zip(sources, (sent[:300], sent[300:600], sent[600:]), strict=True):
        assert stream.topics.partitions(source) == 1
        assert stream.topics.partitions(f"error.{source}.{stream.group}") == 1
        send(stream.kafka.bootstrap, source, records)
    arrived = stream.await_arrivals(len(sent))
    assert sorted(record.value or b"" for record in arrived) == sorted((record.value or b"")[::-1] for record in sent)
    wait_for(lambda: sum(stream.topics.behind(stream.group, source) for source in sources) == 0, 10, "all committed")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pattern_finds_topics_created_later_and_creates_none(stream: Stream, protocol: str) -> None:
    settings = {f"{INPUT}.destination": f"{stream.group}-in-[0-9]+", f"{KAFKA_INPUT}.destination-is-pattern": "true"}
    early, late, other = (f"{stream.group}-in-{end}" for end in ("1", "22", "3-and-more"))
    stream.topics.create(early)
    stream.topics.create(other)
    processor = stream.processor(settings | SOON | PROTOCOLS[protocol]).start().running()
    wait_for(lambda: partitions(processor) == {f"{early}-0"}, 30, "the early topic assigned")
    for topic in (early, other):
        send(stream.kafka.bootstrap, topic, [Record(f"{number} of {topic}".encode()) for number in range(50)])
    assert len(stream.await_arrivals(50)) == 50
    stream.topics.create(late, 2)
    send(stream.kafka.bootstrap, late, [Record(f"{n} of {late}".encode(), partition=n % 2) for n in range(50)])
    arrived = stream.await_arrivals(100)
    expected = [f"{number} of {topic}".encode()[::-1] for topic in (early, late) for number in range(50)]
    assert sorted(record.value or b"" for record in arrived) == sorted(expected)
    assert partitions(processor) == {f"{early}-0", f"{late}-0", f"{late}-1"}
    assert {topic for topic in stream.topics.names() if stream.group in topic} == {early, late, other, stream.target}


@pytest.mark.parametrize("guarantee", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_without_rebalancing_each_instance_has_the_partitions_of_its_index(
    stream: Stream, guarantee: dict[str, str], tell: Callable[[str], None]
) -> None:
    stream.create(5)
    fixed = guarantee | {f"{KAFKA_INPUT}.auto-rebalance-enabled": "false", "spring.cloud.stream.instance-count": "2"}
    index = "spring.cloud.stream.instanceIndex"
    even, odd = (stream.processor(fixed | {index: str(number)}).start().running() for number in range(2))
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    leave(odd)
    odd.start().running()
    for state, then in (("STOPPED", "stopped"), ("STARTED", "running"), ("PAUSED", "paused"), ("RESUMED", "running")):
        even.request("POST", "/actuator/bindings/input", {"state": state})
        wait_for(lambda then=then: even.binding()["state"] == then, 10, f"the input {then}")  # type: ignore[misc]  # bound per round
        numbers.advance(RATE // 2)
    sent = numbers.finish()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}")
    assert books.nothing_lost, books
    assert books.doubled == 0
    assert partitions(even) == {f"{stream.source}-{number}" for number in (0, 2, 4)}
    assert partitions(odd) == {f"{stream.source}-{number}" for number in (1, 3)}


PARTITIONED = {f"{INPUT}.consumer.partitioned": "true", f"{INPUT}.group": ""}
PATTERN = f"{KAFKA_INPUT}.destination-is-pattern"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (PARTITIONED, "a consumer group is required for a partitioned input"),
        ({f"{KAFKA_INPUT}.enable-dlq": "true", f"{INPUT}.group": ""}, "there are no dead letters for an anonymous group"),
        ({PATTERN: "true", f"{KAFKA_INPUT}.enable-dlq": "true"}, "a pattern does not go with"),
        ({PATTERN: "true", f"{INPUT}.consumer.multiplex": "true"}, "a pattern does not go with"),
        ({PATTERN: "true", f"{INPUT}.destination": "in["}, "'in[' is no regular expression"),
        ({PATTERN: "true", f"{INPUT}.destination": r"in-\d"}, r"'\\d' in 'in-\\d' is not understood"),
        (
            {f"{KAFKA_INPUT}.auto-rebalance-enabled": "false", "spring.cloud.stream.instanceIndex": "1"},
            "spring.cloud.stream.instance-index (1) must be below spring.cloud.stream.instance-count (1)",
        ),
        ({"spring.cloud.stream.instance-count": "0"}, "spring.cloud.stream.instance-count"),
        ({f"{KAFKA_INPUT}.start-offset": "middle"}, "one of earliest, latest"),
    ],
)
def test_what_does_not_go_together_is_one_line_and_exit_code_1(stream: Stream, settings: dict[str, str], told: str) -> None:
    processor = stream.processor(settings).start()
    assert processor.exit_code() == 1
    [line] = processor.output.splitlines()
    assert told in line


def held_back(stream: Stream, partition: int) -> Producer:
    """Whose open transaction holds back the offset that the group has there."""
    holder = Producer({"bootstrap.servers": stream.kafka.bootstrap, "transactional.id": f"{stream.group}-holder"})
    holder.init_transactions(30)
    holder.begin_transaction()
    nobody = Consumer({"bootstrap.servers": stream.kafka.bootstrap, "group.id": stream.group})
    holder.send_offsets_to_transaction([TopicPartition(stream.source, partition, 0)], nobody.consumer_group_metadata(), 30)
    nobody.close()
    return holder


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_comes_before_the_first_record_after_a_start_at_the_end_is_not_skipped(
    stream: Stream, protocol: str, mode: str
) -> None:
    stream.create(2)
    stream.send(Record(b"old"))
    at_the_end = MODES[mode] | PROTOCOLS[protocol] | {"reversestring": "false", f"{KAFKA_INPUT}.start-offset": "latest"}
    processor = stream.processor(at_the_end).start().running()
    wait_for(lambda: len(stream.topics.committed(stream.group, stream.source)) == 2, 30, "the ends committed")
    processor.kill()
    new = [Record(b"new %d" % number) for number in range(20)]
    stream.send(*new)
    stream.processor(at_the_end).start()
    arrived = [record.value for record in stream.await_arrivals(len(new))]
    assert set(arrived) == {record.value for record in new}


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_a_partition_that_the_client_does_not_begin_with_is_not_kept_for_ever(stream: Stream, settings: dict[str, str]) -> None:
    """As with a coordinator that is never asked again (librdkafka issue 5586); here somebody's open transaction holds the offset back."""
    stream.create()
    holder = held_back(stream, 0)
    processor = stream.processor(settings | {"python-processor.client-call-timeout": "3s"}).start()
    told = f"the consumer has not read {stream.source}-0 for 3 s"
    wait_for(lambda: processor.output.count(told) >= 2, 30, "two consumers given up")
    holder.abort_transaction(30)
    stream.send(Record(b"once"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"ecno"]
    processor.assert_alive()
    assert processor.output.count("partitions assigned") >= 3


@pytest.mark.parametrize("mode", MODES)
def test_a_consumer_that_is_replaced_under_load_for_a_partition_it_does_not_read_loses_nothing(
    stream: Stream, mode: str, tell: Callable[[str], None]
) -> None:
    stream.create(2)
    numbers = stream.numbers(RATE)
    settings = PROTOCOLS["cooperative-sticky"] | {"python-processor.client-call-timeout": "8s"} | MODES[mode]
    first, second = (stream.processor(settings | {"spring.cloud.stream.instanceIndex": f"{n}"}).start() for n in range(2))
    shared(stream, first, second)
    numbers.advance(RATE)
    (unread,) = partitions(second)
    holder = held_back(stream, int(unread[-1]))
    second.signal(signal.SIGTERM)
    assert second.exit_code() in ({Exit.OK, Exit.UNFINISHED} if MODES[mode] else {Exit.OK})  # its last commit may meet a rebalance
    assert "took longer than" not in second.output
    wait_for(lambda: f"has not read {unread} for 8 s" in first.output, 60, "the consumer given up")
    numbers.advance(RATE)
    holder.abort_transaction(30)
    sent = numbers.finish()
    stream.drain()
    books = stream.count(sent)
    tell(f"{mode}: {books}")
    first.assert_alive()
    assert books.nothing_lost, books
    if MODES[mode]:
        assert books.doubled == 0, books


def test_without_an_offset_and_a_rule_where_to_begin_it_ends(stream: Stream) -> None:
    stream.create()
    processor = stream.processor({f"{CLIENT}.auto.offset.reset": "none"}).start()
    assert processor.exit_code() == Exit.FAILED
    assert f"no offset to read {stream.source}-0 from, and auto.offset.reset is none" in processor.tail(5)
