"""Records land on the partition that a Java producer would choose.

The answers are those of Java itself.
"""

import json
import random
from collections.abc import Callable

import pytest

from tests.support.java.partitioning import Java, Key
from tests.support.load.partition_keys import (
    KINDS,
    PARTITIONS,
    PRODUCER,
    TYPES,
    headed,
    misplaced,
    real,
    start,
    text,
    whole,
)
from tests.support.load.records import Record
from tests.support.stream import Stream

BINDER = "spring.cloud.stream.kafka.binder"
EACH = 10_000  # keys of each type
FEW, MANY = 3, 11  # partition-count below and above the partitions that the topic has


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Java:
    return Java(tmp_path_factory.mktemp("java"))


@pytest.mark.parametrize("kind", KINDS)
def test_header_of_each_type(
    stream: Stream, java: Java, rng: random.Random, report_figure: Callable[[str], None], kind: str
) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    keys = [(kind, KINDS[kind](rng)) for _ in range(EACH)]
    start(stream, {"partition-key-expression": "headers['key']", "partition-count": str(FEW)})
    stream.send(*(headed(number, *key) for number, key in enumerate(keys)))
    assert misplaced(stream, keys, java, PARTITIONS) == []
    report_figure(
        f"{EACH} records with a key of type {kind} are where Java puts them, in {PARTITIONS} "
        f"partitions"
    )


def test_partition_count_exceeds_topic(
    stream: Stream, java: Java, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    keys: list[Key] = [("String", text(rng)) for _ in range(EACH)]
    settings = {"partition-key-expression": "payload", "partition-count": str(MANY)}
    processor = stream.processor(
        {
            "reversestring": "false",
            f"{BINDER}.auto-add-partitions": "true",
            **{f"{PRODUCER}.{k}": v for k, v in settings.items()},
        }
    ).start()
    stream.send(
        *(
            Record(str(value).encode(), None, [("number", b"%d" % number)])
            for number, (_, value) in enumerate(keys)
        )
    )
    assert misplaced(stream, keys, java, MANY) == []
    assert stream.topics.partitions(stream.target) == MANY
    assert "now has 11 partitions instead of 7" in processor.output
    report_figure(f"{EACH} texts are where Java puts them, in {MANY} partitions")


def test_fields_inside_json(
    stream: Stream, java: Java, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """Whole numbers are Integer, Long or BigInteger by their size, as Jackson has them."""
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    bits = {"Integer": 32, "Long": 64, "BigInteger": 80}
    keys: list[Key] = []
    while len(keys) < EACH:
        value = rng.choice(
            [
                text(rng),
                whole(rng, rng.choice([8, 32, 64, 80])),
                real(rng),
                rng.random() < 0.5,
            ]
        )
        kind = {str: "String", bool: "Boolean", float: "Double"}.get(type(value)) or next(
            kind
            for kind, size in bits.items()
            if -(1 << size - 1) <= int(value) < 1 << size - 1  # type: ignore[call-overload]  # the rest are whole numbers
        )
        keys.append((kind, value))
    start(
        stream, {"partition-key-expression": "payload.order.id", "partition-count": str(PARTITIONS)}
    )
    stream.send(
        *(
            Record(
                json.dumps({"order": {"id": value}}).encode(), None, [("number", b"%d" % number)]
            )
            for number, (_, value) in enumerate(keys)
        )
    )
    assert misplaced(stream, keys, java, PARTITIONS) == []
    report_figure(
        f"{EACH} fields of JSON are where Java puts them: "
        f"{', '.join(sorted({kind for kind, _ in keys}))}"
    )


def test_result_decides_partition(stream: Stream, java: Java) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    stream.processor({f"{PRODUCER}.partition-key-expression": "payload"}).start()
    words = ["alpha", "beta", "gamma", "delta", "smile \N{GRINNING FACE}"]
    stream.send(*(Record(word.encode(), word[:1].encode()) for word in words))
    places = java.places([("String", word[::-1]) for word in words], PARTITIONS)
    arrived = {record.value: record for record in stream.await_arrivals(len(words))}
    for word, place in zip(words, places, strict=True):
        record = arrived[word[::-1].encode()]
        assert (record.partition, record.key) == (place.partition, word[:1].encode())


def test_selector_and_record_key(stream: Stream) -> None:
    stream.create(PARTITIONS)
    start(
        stream, {"partition-key-expression": "key", "partition-selector-expression": "length() % 4"}
    )
    keys = [b"k" * length for length in range(1, 30)]
    stream.send(*(Record(b"%d" % len(key), key) for key in keys))
    assert {record.key: record.partition for record in stream.await_arrivals(len(keys))} == {
        key: len(key) % 4 for key in keys
    }


def test_override_is_removed(stream: Stream) -> None:
    stream.create(PARTITIONS)
    start(stream, {"partition-key-expression": "payload"})
    types = b'{"scst_partitionOverride":"java.lang.Integer"}'
    stream.send(
        *(
            Record(b"same", None, [("scst_partitionOverride", b"%d" % n), (TYPES, types)])
            for n in range(PARTITIONS)
        )
    )
    arrived = stream.await_arrivals(PARTITIONS)
    assert [record.partition for record in arrived] == list(range(PARTITIONS))
    assert [dict(record.headers)["scst_partition"] for record in arrived] == [
        b"%d" % n for n in range(PARTITIONS)
    ]
    assert not any("scst_partitionOverride" in dict(record.headers) for record in arrived)


def test_no_key_is_dead_letter(stream: Stream) -> None:
    stream.create(PARTITIONS)
    processor = start(stream, {"partition-key-expression": "payload.id"})
    stream.send(
        Record(b'{"id": 1}'),
        Record(b"no json"),
        Record(b'{"no": "id"}'),
        Record(None, b"k"),
        Record(b'{"id": 2}'),
    )
    arrived = stream.await_arrivals(3)
    stream.drain()
    assert {record.value for record in arrived} == {b'{"id": 1}', b'{"id": 2}', None}
    reported = [
        line
        for line in processor.output.splitlines()
        if f"it goes to {stream.dead_letters}" in line
    ]
    assert len(reported) == 2
    assert "the payload is not JSON" in reported[0] + reported[1]
    assert "the partition key (payload.id) is null" in reported[0] + reported[1]


def test_earlier_partition_header_is_ignored(stream: Stream) -> None:
    """The number of an earlier partitioned output travels with the record.

    It decides nothing here.
    """
    stream.create(PARTITIONS)
    start(stream, {"partition-key-expression": "payload"})
    stream.send(
        Record(
            b"hello world",
            None,
            [("scst_partition", b"6"), (TYPES, b'{"scst_partition":"java.lang.Integer"}')],
        )
    )
    [record] = stream.await_arrivals(1)
    assert record.partition == 1794106052 % PARTITIONS
    assert [value for name, value in record.headers if name == "scst_partition"] == [
        b"%d" % record.partition
    ]
