"""The output of the model."""

from typing import Any

from confluent_kafka import (
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from connectors.produce.record_producer import RecordProducer
from connectors.records.messages import TopicPartitionKey
from tests.fakes.offsets.cluster import Cluster, Produced


class Sink(RecordProducer):
    """A producer, transactional or not: `buffer` has what is not certain yet."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.buffer: list[Produced] = []
        self.offsets: list[TopicPartition] = []
        self.generation = 0
        self.producer: Any = self

    def add(self, read: Message) -> None:
        self.buffer.append(
            (
                (read.value() or b"").decode(),
                ("in", int(read.partition() or 0)),
                int(read.offset() or 0),
            )
        )

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        self.cluster.output.update(self.buffer)
        self.buffer.clear()
        return True

    def recreate(self) -> None:
        self.buffer.clear()

    def partitions(self) -> list[TopicPartitionKey]:
        return [("out", 0)]

    def produce(self, _topic: str, **_: object) -> None:
        """A marker, to be aborted."""

    def init_transactions(self, _timeout: float) -> None:
        self.abort_transaction(0)

    def begin_transaction(self) -> None:
        assert not self.buffer

    def send_offsets_to_transaction(
        self, offsets: list[TopicPartition], generation: int, _timeout: float
    ) -> None:
        if generation != self.cluster.generation:
            raise KafkaException(
                KafkaError(KafkaError.ILLEGAL_GENERATION, "fenced", False, False, True)  # noqa: FBT003 - abortable
            )
        self.offsets, self.generation = offsets, generation

    def commit_transaction(self, _timeout: float) -> None:
        self.flush(0)
        assert max(self.cluster.output.values(), default=1) == 1, "a record is there twice"
        self.cluster.commit(self.offsets, self.cluster.generation)
        self.offsets = []

    def abort_transaction(self, _timeout: float) -> None:
        self.buffer.clear()
        self.offsets = []
