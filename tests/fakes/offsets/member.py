"""A model of a topic, its group and one member's consumer.

What a broker and librdkafka do with offsets, without either.
"""

from collections import Counter
from collections.abc import Callable

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata, TopicMetadata

from connectors.cluster.topic_ids import OnTopicId
from connectors.records.messages import TopicPartitionKey
from tests.fakes.messages import message
from tests.fakes.offsets.cluster import Callback, Cluster


class Member(Consumer):
    """The consumer: events wait in `in_poll` and `in_consume` until it is called."""

    def __init__(self, cluster: Cluster, on_topic_id: OnTopicId) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.cluster = cluster
        self.in_poll: list[Callable[[], None]] = []
        self.in_consume: list[Callable[[], None]] = []
        self.next: dict[TopicPartitionKey, int] = {}
        self.paused: set[TopicPartitionKey] = set()
        self._known: set[TopicPartitionKey] = set()  # a pause of others is ignored
        # Whatever pauses and resumes them is dropped.
        self._starting: set[TopicPartitionKey] = set()
        self._calls: Counter[str] = Counter()
        self.generation = 0
        self.unanswered: list[tuple[KafkaError | None, list[TopicPartition]]] = []
        self._topic_id = ""
        self._on_topic_id = on_topic_id

    def subscribe(  # type: ignore[override]  # all are given
        self, _topics: list[str], on_assign: Callback, on_revoke: Callback, on_lost: Callback
    ) -> None:
        self.callbacks = {"assign": on_assign, "revoke": on_revoke, "lost": on_lost}

    def rebalance(self, what: str, keys: list[TopicPartitionKey]) -> None:
        """Call back, as inside poll(), and do what librdkafka does afterwards."""
        if what == "lost" or (what == "assign" and self.in_poll == self.in_consume == []):
            self.generation = self.cluster.generation
        self.callbacks[what](self, [TopicPartition(*key) for key in keys])
        self._starting.clear()
        if what != "assign":
            for key in keys:
                self.next.pop(key, None)

    def leave_to_other(self, key: TopicPartitionKey, number: int) -> None:
        """Another member has the partition in the next generation, and reads some records."""
        self.cluster.generation += 1
        self.generation = self.cluster.generation
        self.cluster.process(key, number)

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            key = each.topic, each.partition
            self._known.add(key)
            self._starting.add(key)
            committed = self.cluster.committed.get(key, (0, ""))[0]
            self.next[key] = committed if each.offset == OFFSET_INVALID else max(0, each.offset)

    def learn_topic_id(self) -> None:
        if self._topic_id != self.cluster.topic_id:
            had_another = bool(self._topic_id)
            self._topic_id = self.cluster.topic_id
            self._on_topic_id("in", self._topic_id, had_another)

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        assert topic is None
        assert 0 < timeout < 5
        metadata, found = ClusterMetadata(), TopicMetadata()
        found.partitions = {number: PartitionMetadata() for _, number in self.cluster.ends}
        metadata.topics = {"in": found}
        return metadata

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(*key) for key in self.next]

    def position(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        self._known.update((each.topic, each.partition) for each in partitions)
        return partitions

    def pause(self, partitions: list[TopicPartition]) -> None:
        if not self._drops("pause"):
            self.paused |= {
                (each.topic, each.partition) for each in partitions
            } & self._known - self._starting

    def resume(self, partitions: list[TopicPartition]) -> None:
        if not self._drops("resume"):
            self.paused -= {(each.topic, each.partition) for each in partitions} - self._starting

    def _drops(self, what: str) -> bool:
        """Whether librdkafka has changed the partition at that moment (its issue 5591).

        Here at every other call.
        """
        self._calls[what] += 1
        return self._calls[what] % 2 == 1

    def seek(self, partition: TopicPartition) -> None:
        key = partition.topic, partition.partition
        assert key in self.next, f"{key} is sought and not assigned"
        self.next[key] = 0 if partition.offset == OFFSET_BEGINNING else partition.offset

    def committed(
        self,
        partitions: list[TopicPartition],
        timeout: float = 0,  # noqa: ARG002 - the client's signature
    ) -> list[TopicPartition]:
        found = [
            self.cluster.committed.get((each.topic, each.partition), (OFFSET_INVALID, ""))
            for each in partitions
        ]
        return [
            TopicPartition(each.topic, each.partition, *at)
            for each, at in zip(partitions, found, strict=True)
        ]

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition]:  # type: ignore[override]  # one overload of many
        if not asynchronous:
            self.cluster.commit(offsets, self.generation)
            return offsets
        try:
            self.cluster.commit(offsets, self.generation)
            self.unanswered.append((None, offsets))
        except KafkaException as error:
            self.unanswered.append((error.args[0], offsets))
        return offsets

    def consumer_group_metadata(self) -> object:
        return self.generation

    def poll(self, timeout: float = 0) -> Message | None:  # noqa: ARG002 - the client's signature
        while self.in_poll:
            self.in_poll.pop(0)()
        return self._read()

    def consume(self, num_messages: int = 1, timeout: float = 0) -> list[Message]:  # noqa: ARG002 - the client's signature
        read = [self._read() for _ in range(num_messages)]
        while self.in_consume:
            self.in_consume.pop(0)()
        return [each for each in read if each is not None]

    def _read(self) -> Message | None:
        for key, offset in self.next.items():
            if self._topic_id != self.cluster.topic_id or key in self.paused:
                continue
            # Out of range: as auto.offset.reset says.
            at = offset if offset <= self.cluster.ends[key] else 0
            if at < self.cluster.ends[key]:
                self.next[key] = at + 1
                return message(self._topic_id.encode(), at, key[1])
        return None
