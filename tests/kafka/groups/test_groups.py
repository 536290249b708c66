"""Who reads which partitions, and from where.

Groups of every protocol, static and anonymous members, fixed partitions, patterns.
"""

from collections.abc import Callable

import pytest
from confluent_kafka.admin._resource import ResourceType

from tests.support.load.records import Record, send
from tests.support.settings import EXACTLY_ONCE, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.verify.groups import (
    CLIENT,
    INPUT,
    KAFKA_INPUT,
    PARTITIONS,
    RATE,
    SOON,
    leave,
    partitions,
    rebalances,
    shared,
    until_one_arrives,
)
from tests.support.waiting import wait_for


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_static_restart_is_no_rebalance(
    stream: Stream, protocol: str, report_figure: Callable[[str], None]
) -> None:
    stream.create(PARTITIONS)
    numbers = stream.numbers(RATE)
    calm = {f"{CLIENT}.session.timeout.ms": "30000"} | PROTOCOLS[protocol]
    # from there the newer protocol has it
    stream.topics.configure(stream.group, ResourceType.GROUP, consumer_session_timeout_ms="30000")
    first, second = (
        stream.processor(calm | {f"{CLIENT}.group.instance.id": f"member-{n}"}).start()
        for n in range(2)
    )
    shared(stream, first, second)
    numbers.advance(RATE)
    before, own = rebalances(first), partitions(second)
    for _ in range(2):
        leave(second)
        second.start()
        wait_for(lambda: rebalances(second), 30, "the member back")
        assert rebalances(second) == [("assigned", own)]
        numbers.advance(RATE)
    sent = numbers.finish()
    stream.drain()
    delivery_count = stream.count(sent)
    report_figure(f"{delivery_count}; two restarts")
    assert rebalances(first) == before
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0


def test_anonymous_group_reads_from_end(stream: Stream) -> None:
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
    assert not [
        topic for topic in stream.topics.names() if topic.startswith(f"error.{stream.source}")
    ]


@pytest.mark.parametrize("multiplex", ["true", "false"])
def test_several_destinations(stream: Stream, multiplex: str) -> None:
    sources = [f"{stream.source}-{letter}" for letter in "abc"]
    settings = {
        f"{INPUT}.destination": ", ".join(sources),
        f"{INPUT}.consumer.multiplex": multiplex,
    }
    processor = stream.processor(settings).start().first_answer()
    wait_for(
        lambda: partitions(processor) == {f"{source}-0" for source in sources},
        30,
        "all destinations assigned",
    )
    sent = [
        Record(f"{number:04d} of {source}".encode(), None)
        for source in sources
        for number in range(300)
    ]
    for source, records in zip(sources, (sent[:300], sent[300:600], sent[600:]), strict=True):
        assert stream.topics.partitions(source) == 1
        assert stream.topics.partitions(f"error.{source}.{stream.group}") == 1
        send(stream.kafka.bootstrap, source, records)
    arrived = stream.await_arrivals(len(sent))
    assert sorted(record.value or b"" for record in arrived) == sorted(
        (record.value or b"")[::-1] for record in sent
    )
    wait_for(
        lambda: sum(stream.topics.behind(stream.group, source) for source in sources) == 0,
        10,
        "all committed",
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pattern_finds_new_topics(stream: Stream, protocol: str) -> None:
    settings = {
        f"{INPUT}.destination": f"{stream.group}-in-[0-9]+",
        f"{KAFKA_INPUT}.destination-is-pattern": "true",
    }
    early, late, other = (f"{stream.group}-in-{end}" for end in ("1", "22", "3-and-more"))
    stream.topics.create(early)
    stream.topics.create(other)
    processor = stream.processor(settings | SOON | PROTOCOLS[protocol]).start().running()
    wait_for(lambda: partitions(processor) == {f"{early}-0"}, 30, "the early topic assigned")
    for topic in (early, other):
        send(
            stream.kafka.bootstrap,
            topic,
            [Record(f"{number} of {topic}".encode()) for number in range(50)],
        )
    assert len(stream.await_arrivals(50)) == 50
    stream.topics.create(late, 2)
    send(
        stream.kafka.bootstrap,
        late,
        [Record(f"{n} of {late}".encode(), partition=n % 2) for n in range(50)],
    )
    arrived = stream.await_arrivals(100)
    expected = [
        f"{number} of {topic}".encode()[::-1] for topic in (early, late) for number in range(50)
    ]
    assert sorted(record.value or b"" for record in arrived) == sorted(expected)
    assert partitions(processor) == {f"{early}-0", f"{late}-0", f"{late}-1"}
    assert {topic for topic in stream.topics.names() if stream.group in topic} == {
        early,
        late,
        other,
        stream.target,
    }


@pytest.mark.parametrize("guarantee", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_instance_index_fixes_partitions(
    stream: Stream, guarantee: dict[str, str], report_figure: Callable[[str], None]
) -> None:
    stream.create(5)
    fixed = guarantee | {
        f"{KAFKA_INPUT}.auto-rebalance-enabled": "false",
        "spring.cloud.stream.instance-count": "2",
    }
    index = "spring.cloud.stream.instanceIndex"
    even, odd = (
        stream.processor(fixed | {index: str(number)}).start().running() for number in range(2)
    )
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    leave(odd)
    odd.start().running()
    for state, then in (
        ("STOPPED", "stopped"),
        ("STARTED", "running"),
        ("PAUSED", "paused"),
        ("RESUMED", "running"),
    ):
        even.request("POST", "/actuator/bindings/input", {"state": state})
        wait_for(lambda then=then: even.binding()["state"] == then, 10, f"the input {then}")  # type: ignore[misc]  # bound per round
        numbers.advance(RATE // 2)
    sent = numbers.finish()
    delivery_count = assert_delivered(stream, sent, once=True)
    report_figure(f"{delivery_count}")
    assert partitions(even) == {f"{stream.source}-{number}" for number in (0, 2, 4)}
    assert partitions(odd) == {f"{stream.source}-{number}" for number in (1, 3)}


PARTITIONED = {f"{INPUT}.consumer.partitioned": "true", f"{INPUT}.group": ""}
PATTERN = f"{KAFKA_INPUT}.destination-is-pattern"


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        (PARTITIONED, "a consumer group is required for a partitioned input"),
        (
            {f"{KAFKA_INPUT}.enable-dlq": "true", f"{INPUT}.group": ""},
            "there are no dead letters for an anonymous group",
        ),
        ({PATTERN: "true", f"{KAFKA_INPUT}.enable-dlq": "true"}, "a pattern does not go with"),
        ({PATTERN: "true", f"{INPUT}.consumer.multiplex": "true"}, "a pattern does not go with"),
        ({PATTERN: "true", f"{INPUT}.destination": "in["}, '"in[" is no regular expression'),
        (
            {PATTERN: "true", f"{INPUT}.destination": r"in-\d"},
            r"'\\d' in 'in-\\d' is not understood",
        ),
        (
            {
                f"{KAFKA_INPUT}.auto-rebalance-enabled": "false",
                "spring.cloud.stream.instanceIndex": "1",
            },
            (
                "spring.cloud.stream.instance-index (1) must be below "
                "spring.cloud.stream.instance-count (1)"
            ),
        ),
        ({"spring.cloud.stream.instance-count": "0"}, "spring.cloud.stream.instance-count"),
        ({f"{KAFKA_INPUT}.start-offset": "middle"}, "one of earliest, latest"),
    ],
)
def test_conflicting_settings_are_one_line(
    stream: Stream, settings: dict[str, str], reported: str
) -> None:
    processor = stream.processor(settings).start()
    assert processor.exit_code() == 1
    [line] = processor.output.splitlines()
    assert reported in line
