"""One stream on one Kafka: its topics, its consumer group, and the processors that serve it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from tests.support import children
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import Topics
from tests.support.load.load_generator import LINGER, LoadGenerator
from tests.support.load.records import Record, read, send
from tests.support.processor import DATAFLOW, REPOSITORY, By, Processor, deployment
from tests.support.verify.delivery_count import Count, count
from tests.support.waiting import wait_for

# A dead member is noticed in 2 s instead of 45, so that a test with many deaths ends.
QUICK_GROUP = {
    "spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms": "2000",
    "spring.cloud.stream.kafka.binder.consumer-properties.heartbeat.interval.ms": "300",
}


class Stream:
    """The topics and the group of one stream, named as Data Flow names them."""

    def __init__(self, kafka: Kafka, folder: Path, name: str) -> None:
        self.kafka, self.group = kafka, name
        self.source, self.target = f"{name}.http", f"{name}.python-processor"
        self.dead_letters = f"error.{self.source}.{name}"
        self.topics = Topics(kafka.bootstrap)
        self.processors: list[Processor] = []
        self._folder = folder

    def create(self, partitions: int = 1) -> None:
        """Create both topics, with equally many partitions."""
        self.topics.create(self.source, partitions)
        self.topics.create(self.target, partitions)

    def processor(
        self,
        settings: dict[str, str] | None = None,
        program: Sequence[str] = (str(DATAFLOW),),
        by: By = By.JSON,
        environ: dict[str, str] | None = None,
    ) -> Processor:
        """A processor of this stream, not yet started; ended with the stream.

        `settings` go over Data Flow's.
        """
        handed_over = deployment(
            self.kafka.bootstrap, self.source, self.target, self.group, children.free_port()
        )
        output = self._folder / f"processor-{len(self.processors)}.log"
        made = Processor(output, handed_over | QUICK_GROUP | (settings or {}), program, by, environ)
        self.processors.append(made)
        return made

    def with_step(
        self, step: str, functions: str = "", settings: dict[str, str] | None = None
    ) -> Processor:
        """A processor whose map step is replaced by the line `step`, which sets `records`."""
        copy = self._folder / f"flow-{len(self.processors)}" / DATAFLOW.name
        copy.parent.mkdir()
        lines = DATAFLOW.read_text().splitlines()
        (place,) = [
            number
            for number, line in enumerate(lines)
            if line.startswith("    records = named_functions(")
        ]
        (top,) = [number for number, line in enumerate(lines) if line.startswith("def flow(")]
        lines[place] = f"    {step}"
        lines[top:top] = [
            "from connectors.operators import filter_value, flat_map_value, map_value",
            "from text import reverse",
            functions,
            "",
            "",
        ]
        copy.write_text("\n".join(lines))
        return self.processor(settings, (str(copy),), environ={"PYTHONPATH": str(REPOSITORY)})

    def send(self, *records: Record) -> None:
        send(self.kafka.bootstrap, self.source, records)

    def numbers(self, rate: float, linger: float = LINGER) -> LoadGenerator:
        """Numbered records flow from now on, `rate` a second, in batches of `linger` seconds."""
        return LoadGenerator(
            self.kafka.bootstrap, self.source, self.topics.partitions(self.source), rate, linger
        )

    def behind(self) -> int:
        """Records in flight: in the input, and not yet committed by the group."""
        return self.topics.behind(self.group, self.source)

    def drain(self, timeout: float = 60) -> None:
        """Wait until the group has committed everything."""
        self._await(
            lambda: self.behind() == 0, timeout, f"{self.group} has committed all of its input"
        )

    def commit(self, offset: int) -> None:
        """Commit an offset of partition 0 for the group, which has no members."""
        consumer = Consumer({"bootstrap.servers": self.kafka.bootstrap, "group.id": self.group})
        consumer.commit(offsets=[TopicPartition(self.source, 0, offset)], asynchronous=False)
        consumer.close()

    def members(self, number: int, timeout: float = 30) -> None:
        """Wait until so many members share the partitions, none of them without."""
        try:
            self._await(
                lambda: self.topics.settled(self.group, number),
                timeout,
                f"{number} members with partitions in {self.group}",
            )
        except AssertionError as error:
            raise AssertionError(
                f"{error}; it is {self.topics.describe_group(self.group)}"
            ) from error

    def arrived(self) -> list[Record]:
        """What is in the output now."""
        return read(self.kafka.bootstrap, self.target)

    def await_arrivals(self, number: int, timeout: float = 30) -> list[Record]:
        """What is in the output once it has at least `number` records."""
        self._await(
            lambda: len(self.arrived()) >= number, timeout, f"{number} records in {self.target}"
        )
        return self.arrived()

    def count(self, sent: Iterable[Record]) -> Count:
        """Compare `sent` with what is in the output now."""
        return count(sent, self.arrived())

    def _await(self, look: Callable[[], bool], timeout: float, what: str) -> None:
        """Wait for what only a processor can bring about; give up when none is left."""

        def seen() -> bool:
            codes = [processor.child.poll() for processor in self.processors]
            assert None in codes, f"waiting for {what}, but the processors have ended with {codes}"
            return look()

        wait_for(seen, timeout, what)

    def forget(self) -> None:
        """Delete the topics and the dead letters': a broker that comes back has less to read."""
        self.topics.delete(self.source, self.target, self.dead_letters)

    def end(self) -> None:
        """Clean up: no processor of this stream stays."""
        for processor in self.processors:
            processor.end()
