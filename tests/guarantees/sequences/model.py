"""What a random sequence of events owes its observer.

Which records have to be out, and which may be missing for a stated reason.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from tests.support.brokers.admin import quick
from tests.support.waiting import wait_for

WIDTH = 6  # digits of a number; the value of a record is its number, reversed in the output
LARGE = b" large" * 1000  # makes a record larger than the output topic takes


def value_of(number: int, *, large: bool = False) -> bytes:
    """The value of a record sent to the input."""
    return f"{number:0{WIDTH}d}".encode() + (LARGE if large else b"")


@dataclass
class Owed:
    """Numbers sent so far, and what may become of them."""

    sent: int = 0
    required: set[int] = field(default_factory=set)  # each has to arrive
    # May be missing: a deleted topic, or a group that reads from the end.
    excused: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)  # too large for the output: dead letters
    # How many times more each is owed: its offset has expired.
    repeated: Counter[int] = field(default_factory=Counter)

    def add(self, count: int, *, refused: bool = False) -> range:
        """Take the next `count` numbers, all of them required."""
        numbers = range(self.sent, self.sent + count)
        self.sent += count
        self.required.update(numbers)
        if refused:
            self.refused.update(numbers)
        return numbers

    def repeat(self, arrived: Counter[int]) -> None:
        """The group has no offsets any more.

        Each of these is to arrive once more than it has, also under exactly once.
        """
        self.repeated.update(
            {number: times - self.repeated[number] for number, times in arrived.items()}
        )

    def excuse(self, numbers: set[int]) -> None:
        """These may be missing from now on.

        They may still arrive, at most once under exactly once.
        """
        self.required -= numbers
        self.excused |= numbers


class Arrivals:
    """Counts the numbers in an output topic and its dead letter topic, read committed.

    Not thread-safe.
    """

    def __init__(self, bootstrap: str) -> None:
        self._consumer = Consumer(
            quick(bootstrap)
            | {
                "group.id": "arrivals",  # never joined: partitions are assigned by hand
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "topic.metadata.refresh.interval.ms": 1000,
            }
        )
        self._next: dict[tuple[str, int], int] = {}
        self._at_end: set[tuple[str, int]] = set()
        self.out: Counter[int] = Counter()
        self.dead: Counter[int] = Counter()
        # Number -> topic, partition and offset of each arrival.
        self.places: defaultdict[int, list[tuple[str, int, int]]] = defaultdict(list)

    def follow(self, topic: str, partitions: int) -> None:
        """Read the topic from its beginning from now on."""
        for number in range(partitions):
            self._next.setdefault((topic, number), 0)
        self._consumer.assign([TopicPartition(*key, offset) for key, offset in self._next.items()])

    def poll(self, seconds: float = 0.05) -> None:
        """Take what has arrived since the last call."""
        first = self._consumer.poll(seconds)
        for message in [first, *self._consumer.consume(10_000, 0)] if first else []:
            if error := message.error():
                if error.code() == KafkaError._PARTITION_EOF:
                    self._at_end.add(
                        (cast("str", message.topic()), cast("int", message.partition()))
                    )
                    continue
                if not error.retriable() and error.code() not in {
                    KafkaError._TRANSPORT,
                    KafkaError._ALL_BROKERS_DOWN,
                }:
                    raise KafkaException(error)
                continue
            topic, partition = cast("str", message.topic()), cast("int", message.partition())
            offset = cast("int", message.offset())
            self._next[topic, partition] = offset + 1
            value = message.value() or b""
            is_dead = topic.startswith("error.")
            number = int((value if is_dead else value[::-1])[:WIDTH])
            (self.dead if is_dead else self.out)[number] += 1
            self.places[number].append((topic, partition, offset))

    def missing(self, owed: Owed) -> set[int]:
        """Required numbers that have not arrived where they belong."""
        places = {
            number: self.dead if number in owed.refused else self.out for number in owed.required
        }
        return {
            number
            for number, arrived in places.items()
            if arrived[number] < 1 + owed.repeated[number]
        }

    def doubled(self, owed: Owed) -> set[int]:
        """Numbers that arrived more often than owed, in output and dead letters together."""
        together = self.out + self.dead
        return {number for number, times in together.items() if times > 1 + owed.repeated[number]}

    def drain(self) -> None:
        """Take all that has arrived: read every partition up to its present end."""
        self._consumer.assign([TopicPartition(*key, offset) for key, offset in self._next.items()])
        self._at_end.clear()

        def at_end() -> bool:
            self.poll()
            return self._at_end >= self._next.keys()

        wait_for(at_end, 30, "the ends of the output")

    def close(self) -> None:
        self._consumer.close()
