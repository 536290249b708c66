"""Partition keys of every type, and the records that are not where Java puts them."""

import json
import random
from collections.abc import Callable, Sequence

from tests.support.java.partitioning import Java, Key
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.stream import Stream

PRODUCER = "spring.cloud.stream.bindings.output.producer"
TYPES = "spring_json_header_types"
PARTITIONS = 7
# Of one to four bytes in UTF-8, of one or two units in Java.
LETTERS = "abcXYZ019_-éßΩж한글\N{GRINNING FACE}\U00010000\U0010fffd"


def text(rng: random.Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, 30)))


def whole(rng: random.Random, bits: int) -> int:
    """Any number of so many bits, the smallest and the largest and those near zero more often."""
    edge = 1 << bits - 1
    return rng.choice(
        [
            rng.randrange(-edge, edge),
            rng.randrange(-edge, edge),
            rng.randrange(-20, 20),
            -edge,
            edge - 1,
        ]
    )


def real(rng: random.Random) -> float:
    return rng.choice(
        [
            rng.uniform(-1e12, 1e12),
            rng.random(),
            -0.0,
            5e-324,
            1.7976931348623157e308,
            float(rng.randrange(99)),
        ]
    )


KINDS: dict[str, Callable[[random.Random], object]] = {
    "String": text,
    "Integer": lambda rng: whole(rng, 32),
    "Long": lambda rng: whole(rng, 64),
    "Boolean": lambda rng: rng.random() < 0.5,
    "Double": real,
}


def headed(number: int, kind: str, value: object) -> Record:
    """A record whose header `key` is a value of a Java class, as a Java application writes it."""
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
    """Records of `keys` on another partition than Java's, or without its number in a header.

    A record's header or value has its place in `keys`.
    """
    arrived = stream.await_arrivals(len(keys), timeout=120)
    assert len(arrived) == len(keys)
    expected = java.places(keys, partitions)
    wrong = []
    for record in arrived:
        headers = {name: value or b"" for name, value in record.headers}
        number = int(headers["number"]) if "number" in headers else int(record.value or b"")
        reported = headers["scst_partition"].decode(), json.loads(headers[TYPES])["scst_partition"]
        if record.partition != expected[number].partition or reported != (
            str(record.partition),
            "java.lang.Integer",
        ):
            wrong.append(
                f"{keys[number]} is in {record.partition}, Java: {expected[number].partition}; "
                f"{reported}"
            )
    return wrong
