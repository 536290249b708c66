"""The Kafka under all systems: one node with a server's settings; topics come and go."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import Producer
from confluent_kafka.cimpl import NewTopic

from benchmarks.records import Shape
from benchmarks.rig.usage import cpu_seconds
from tests.support.brokers.admin import quick_admin
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS, Topics

PARTITIONS = 4
# After the tests' own options, so that these win: the usual collector and compiler, and room.
JAVA = (
    "-Xms1g",
    "-Xmx1g",
    "-XX:-UseSerialGC",
    "-XX:+UseG1GC",
    "-XX:TieredStopAtLevel=4",
    "-XX:ReservedCodeCacheSize=240m",
)
# Deleted data goes at once: the default minute would let the disk fill.
TOPIC = {"file.delete.delay.ms": "1000"}


@dataclass(frozen=True)
class Backlog:
    """A topic with so many records of a shape that wait; with keys, each key has one partition."""

    topic: str
    shape: Shape
    count: int
    partitions: int
    keyed: bool = False

    def key(self, number: int) -> bytes | None:
        """Return the key of a record."""
        return record_key(number, self.partitions) if self.keyed else None


class Broker:
    """A running Kafka. Leave it by its context."""

    def __init__(self, make: Callable[[Path], Kafka] | None = None) -> None:
        """`make`: makes the Kafka that lives in a folder, else it has one node."""
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        folder = Path(self._folder.name)
        self.kafka = make(folder) if make else Kafka(folder, options=JAVA)

    def __enter__(self) -> Self:
        self.kafka.start()
        self.bootstrap = self.systems_bootstrap = self.kafka.bootstrap
        self.topics = Topics(self.bootstrap)
        self._admin = quick_admin(self.bootstrap)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kafka.stop()
        self._folder.cleanup()

    def cpu_seconds(self) -> float:
        """User and system of all nodes, so far."""
        return sum(cpu_seconds(self.kafka.pid(node)) for node in self.kafka.nodes)

    @contextmanager
    def topic(self, name: str, partitions: int = PARTITIONS) -> Iterator[str]:
        """A topic that lives as long as the context."""
        self._admin.create_topics([NewTopic(name, partitions, config=TOPIC)])[name].result(SECONDS)
        self.topics.ends(name)  # its leaders are there
        try:
            yield name
        finally:
            dead_letters = f".group-{name}"  # of the processor that wrote into it; see systems.job
            gone = [
                each for each in self.topics.names() if each == name or each.endswith(dead_letters)
            ]
            for deleted in self._admin.delete_topics(gone).values():
                deleted.result(SECONDS)

    @contextmanager
    def filled(
        self,
        name: str,
        shape: Shape,
        count: int,
        partitions: int = PARTITIONS,
        *,
        keyed: bool = False,
    ) -> Iterator[Backlog]:
        """A topic with so many records of a shape, spread evenly."""
        with self.topic(name, partitions):
            backlog = Backlog(name, shape, count, partitions, keyed)
            fill(self.bootstrap, backlog)
            yield backlog


def record_key(number: int, partitions: int) -> bytes:
    """Return one of 100 keys of the partition that has the record of this number."""
    return b"key-%d" % (number % (100 * partitions))


def fill(bootstrap: str, backlog: Backlog) -> None:
    """Raises RuntimeError when the broker does not take it all."""
    shape = backlog.shape
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.kbytes": 65_536}
    )
    for number in range(backlog.count):
        while True:
            try:
                producer.produce(
                    backlog.topic,
                    shape.value(number),
                    backlog.key(number),
                    partition=number % backlog.partitions,
                    headers=shape.headers,  # type: ignore[arg-type]  # the client takes any values
                )
                break
            except BufferError:
                producer.poll(0.1)
    left = len(producer)
    while left and (now_left := producer.flush(SECONDS)):
        if now_left >= left:
            raise RuntimeError(f"{backlog.topic} could not be filled")
        left = now_left
