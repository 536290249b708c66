"""Brokers that know offsets and ends of partitions, or do not report them."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from confluent_kafka import (
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata, TopicMetadata

from connectors.consume.starts.start_offsets import StartOffsets

END = 9


class Cluster(Consumer):
    """Whose partitions all end at `end`; those in `silent` are not reported."""

    def __init__(
        self,
        committed: Mapping[int, int] | None = None,
        silent: Collection[int] = (),
        error: int | None = None,
    ) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self._committed = committed or {}
        self._silent = silent
        self._error = error
        self.end = END
        self.counts = {"in": 4}  # partitions of each topic
        self.asked: list[str] = []

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        return self._answer(
            "committed",
            partitions,
            timeout,
            lambda number: self._committed.get(number, OFFSET_INVALID),
        )

    def offsets_for_times(  # type: ignore[override]  # always given
        self, partitions: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        assert [tp.offset for tp in partitions] == [OFFSET_END] * len(partitions)
        return self._answer("ends", partitions, timeout, lambda _: self.end)

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Of the topics in `counts`."""
        assert topic is None
        assert 0 < timeout < 5
        metadata = ClusterMetadata()
        metadata.topics = {}
        for name, count in self.counts.items():
            metadata.topics[name] = found = TopicMetadata()
            found.partitions = dict.fromkeys(range(count), PartitionMetadata())
        return metadata

    def _answer(
        self,
        what: str,
        partitions: list[TopicPartition],
        timeout: float,
        offset: Callable[[int], int],
    ) -> list[TopicPartition]:
        assert partitions
        assert 0 < timeout < 5
        self.asked.append(what)
        if self._error is not None:
            raise KafkaException(KafkaError(self._error))
        return [
            ReportedOffset(
                tp.topic, tp.partition, offset(tp.partition), silent=tp.partition in self._silent
            )
            for tp in partitions
        ]


class ReportedOffset(TopicPartition):
    """With an error, perhaps, as only the client makes them."""

    def __init__(self, topic: str, partition: int, offset: int, *, silent: bool) -> None:
        super().__init__(topic, partition, offset)
        self._silent = silent

    @property
    def error(self) -> KafkaError | None:  # type: ignore[override]  # an attribute there
        return KafkaError(KafkaError.LEADER_NOT_AVAILABLE) if self._silent else None


def decided(
    start_offsets: StartOffsets,
    cluster: Cluster,
    *numbers: int,
    committed: Collection[int] = (),
    own: Mapping[int, int] = MappingProxyType({}),
) -> tuple[list[int], dict[int, int]]:
    """Where each partition starts, and those offsets that are to be committed."""
    partitions = [TopicPartition("in", number) for number in numbers]
    ends = start_offsets.decide(
        cluster,
        partitions,
        {("in", number) for number in committed},
        {("in", number): offset for number, offset in own.items()},
    )
    return [each.offset for each in partitions], {
        number: offset for (_, number), offset in ends.items()
    }


def committed_with(metadata: str) -> Cluster:
    """Of partition 0 offset 4 is committed, with this metadata."""

    class Noted(Cluster):
        def committed(  # type: ignore[override]  # always given
            self, partitions: list[TopicPartition], timeout: float
        ) -> list[TopicPartition]:
            found = super().committed(partitions, timeout)
            return [
                TopicPartition(each.topic, each.partition, each.offset, metadata) for each in found
            ]

    return Noted({0: 4})


class SilentCoordinator(Cluster):
    """Partitions report their ends, and the group its offsets only once `answers`.

    A transaction of a dead instance is open until then.
    """

    answers = False

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        if not self.answers:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return super().committed(partitions, timeout)


class LateNeighbour(SilentCoordinator):
    """The offset of partition 1 alone is not reported: an open transaction holds it back."""

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        if not self.answers and any(each.partition == 1 for each in partitions):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return Cluster.committed(self, partitions, timeout)
