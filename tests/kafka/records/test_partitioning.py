"""Records land on the partition that a Java producer would choose: the answers are those of Java
itself.
"""

import json
import random
from collections.abc import Callable, Sequence

import pytest

from tests.compatibility.partitioning.java import Java, Key
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for

PRODUCER = "spring.cloud.stream.bindings.output.producer"
BINDER = "spring.cloud.stream.kafka.binder"
TYPES = "spring_json_header_types"
EACH = 10_000  # keys of each type
PARTITIONS = 7
FEW, MANY = 3, 11  # partition-count below and above the partitions that the topic has
# Of one to four bytes in UTF-8, of one or two units in Java.
LETTERS = "abcXYZ019_-éßΩж한글\N{GRINNING FACE}\U00010000\U0010fffd"


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Java:
    return Java(tmp_path_factory.mktemp("java"))


def text(chance: random.Random) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randrange(1, 30)))


def whole(chance: random.Random, bits: int) -> int:
    """Any number of so many bits, the smallest and the largest and those near zero more often."""
    edge = 1 << bits - 1
    return chance.choice(
        [
            chance.randrange(-edge, edge),
            chance.randrange(-edge, edge),
            chance.randrange(-20, 20),
            -edge,
            edge - 1,
        ]
    )


def real(chance: random.Random) -> float:
    return chance.choice(
        [
            chance.uniform(-1e12, 1e12),
            chance.random(),
            -0.0,
            5e-324,
            1.7976931348623157e308,
            float(chance.randrange(99)),
        ]
    )


KINDS: dict[str, Callable[[random.Random], object]] = {
    "String": text,
    "Integer": lambda chance: whole(chance, 32),
    "Long": lambda chance: whole(chance, 64),
    "Boolean": lambda chance: chance.random() < 0.5,
    "Double": real,
}


def headed(number: int, kind: str, value: object) -> Record:
    """A record whose header `key` is a value of a Java class, written as a Java application writes
    it.
    """
    raw = value if isinstance(value, str) else json.dumps(value)
    types = json.dumps({"key": f"java.lang.{kind}"}).encode()
    return Record(f"{number}".encode(), None, [("key", raw.encode()), (TYPES, types)])


def start(stream: Stream, settings: dict[str, str]) -> Processor:
    return stream.processor(
        {
            "reversestring": "false",
            **{f"{PRODUCER}.{name}": value for name, value in settings.items()},
        }
    ).start()


def misplaced(stream: Stream, keys: Sequence[Key], java: Java, partitions: int) -> list[str]:
    """Records of `keys` (their place in it is in the header or value) that are not where Java puts
    them, or do not say where they are.
    """
    arrived = stream.await_arrivals(len(keys), timeout=120)
    assert len(arrived) == len(keys)
    expected = java.places(keys, partitions)
    wrong = []
    for record in arrived:
        headers = {name: value or b"" for name, value in record.headers}
        number = int(headers["number"]) if "number" in headers else int(record.value or b"")
        told = headers["scst_partition"].decode(), json.loads(headers[TYPES])["scst_partition"]
        if record.partition != expected[number].partition or told != (
            str(record.partition),
            "java.lang.Integer",
        ):
            wrong.append(
                f"{keys[number]} is in {record.partition}, Java: {expected[number].partition}; "
                f"{told}"
            )
    return wrong


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_of_each_type(
    stream: Stream, java: Java, chance: random.Random, tell: Callable[[str], None], kind: str
) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    keys = [(kind, KINDS[kind](chance)) for _ in range(EACH)]
    start(stream, {"partition-key-expression": "headers['key']", "partition-count": str(FEW)})
    stream.send(*(headed(number, *key) for number, key in enumerate(keys)))
    assert misplaced(stream, keys, java, PARTITIONS) == []
    tell(
        f"{EACH} records with a key of type {kind} are where Java puts them, in {PARTITIONS} "
        f"partitions"
    )


def test_the_payload_itself_with_a_partition_count_above_the_topic_s_partitions(
    stream: Stream, java: Java, chance: random.Random, tell: Callable[[str], None]
) -> None:
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    keys: list[Key] = [("String", text(chance)) for _ in range(EACH)]
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
    tell(f"{EACH} texts are where Java puts them, in {MANY} partitions")


def test_fields_inside_json(
    stream: Stream, java: Java, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """Whole numbers are Integer, Long or BigInteger by their size, as Jackson has them."""
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, PARTITIONS)
    bits = {"Integer": 32, "Long": 64, "BigInteger": 80}
    keys: list[Key] = []
    while len(keys) < EACH:
        value = chance.choice(
            [
                text(chance),
                whole(chance, chance.choice([8, 32, 64, 80])),
                real(chance),
                chance.random() < 0.5,
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
    tell(
        f"{EACH} fields of JSON are where Java puts them: "
        f"{', '.join(sorted({kind for kind, _ in keys}))}"
    )


def test_the_value_is_what_the_function_returned_and_the_key_stays(
    stream: Stream, java: Java
) -> None:
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


def test_a_selector_and_the_record_key(stream: Stream) -> None:
    stream.create(PARTITIONS)
    start(
        stream, {"partition-key-expression": "key", "partition-selector-expression": "length() % 4"}
    )
    keys = [b"k" * length for length in range(1, 30)]
    stream.send(*(Record(b"%d" % len(key), key) for key in keys))
    assert {record.key: record.partition for record in stream.await_arrivals(len(keys))} == {
        key: len(key) % 4 for key in keys
    }


def test_an_override_is_obeyed_and_taken_off(stream: Stream) -> None:
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


def test_a_record_without_a_partition_key_is_a_dead_letter(stream: Stream) -> None:
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
    told = [
        line
        for line in processor.output.splitlines()
        if f"it goes to {stream.dead_letters}" in line
    ]
    assert len(told) == 2
    assert "the payload is not JSON" in told[0] + told[1]
    assert "the partition key (payload.id) is null" in told[0] + told[1]


def test_partitioned_twice_the_second_number_counts(stream: Stream) -> None:
    """The number of an earlier partitioned output travels with the record; it decides nothing
    here.
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


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {f"{PRODUCER}.partition-key-expression": "payload.substring(2)"},
            "payload, headers['name'] or key",
        ),
        (
            {f"{PRODUCER}.partition-key-expression": "@keys.of(payload)"},
            "payload, headers['name'] or key",
        ),
        ({f"{PRODUCER}.partition-selector-expression": "size()"}, "#root for the partition key"),
        (
            {f"{PRODUCER}.partition-key-extractor-name": "myExtractor"},
            "set partition-key-expression",
        ),
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_1(
    stream: Stream, settings: dict[str, str], told: str
) -> None:
    processor = stream.processor(settings).start()
    assert processor.exit_code() == 1
    [line] = processor.output.splitlines()
    ((name, value),) = settings.items()
    assert name in line
    assert value in line
    assert told in line


def test_a_partitioned_output_with_too_few_partitions_is_waited_for(stream: Stream) -> None:
    stream.create(2)
    settings = {
        f"{PRODUCER}.partition-key-expression": "payload",
        f"{PRODUCER}.partition-count": "3",
    }
    processor = (
        stream.processor(settings | {"spring.cloud.stream.binding-retry-interval": "1"})
        .start()
        .first_answer()
    )
    told = wait_for(
        lambda: processor.binding().get("error"), 10, "a binding that says what is missing"
    )
    assert told == (
        f"The number of expected partitions for topic {stream.target} was: 3, but 2 have been "
        f"found instead. "
        "Consider either increasing the partition count of the topic or enabling "
        "`autoAddPartitions`"
    )
    stream.topics.grow(stream.target, 3)
    processor.running()
