"""A model of a topic, its group and one member's consumer: what a broker and librdkafka do with
offsets, without either.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from connectors.commit.offset_tracker import parse_metadata
from connectors.produce.record_producer import RecordProducer
from connectors.records.keys import TopicPartitionKey
from tests.fakes.messages import message

Callback = Callable[[Consumer, list[TopicPartition]], None]
Produced = tuple[str, TopicPartitionKey, int]  # topic id, partition, offset
KEYS = [("in", 0), ("in", 1)]


class Cluster:
    """One topic of two partitions. Each commit is checked: no record before it may be missing in
    the output.
    """

    def __init__(self) -> None:
        self.number = 0  # of topics with this name so far
        self.ends = dict.fromkeys(KEYS, 0)
        self.committed: dict[TopicPartitionKey, tuple[int, str]] = {}
        self.output: Counter[Produced] = Counter()
        self.generation = 0

    @property
    def topic_id(self) -> str:
        return f"id-{self.number}"

    def replace(self, records: int) -> None:
        """Delete the topic and create it again; the broker deletes the group's offsets."""
        self.number += 1
        self.ends = dict.fromkeys(KEYS, records)
        self.committed.clear()

    def start(self, key: TopicPartitionKey) -> int:
        """Where a member has to begin: an offset of a former topic does not count."""
        offset, metadata = self.committed.get(key, (0, ""))
        return offset if parse_metadata(metadata).topic_id in (None, self.topic_id) else 0

    def commit(self, offsets: list[TopicPartition], generation: int) -> None:
        if generation != self.generation:
            raise KafkaException(
                KafkaError(KafkaError.ILLEGAL_GENERATION, "fenced", False, False, True)  # noqa: FBT003 - abortable
            )
        for each in offsets:
            key = each.topic, each.partition
            self.committed[key] = each.offset, each.metadata or ""
            for offset in range(self.start(key)):
                assert self.output[self.topic_id, key, offset], (
                    f"{key} is committed past its record {offset}"
                )

    def process(self, key: TopicPartitionKey, number: int) -> None:
        """Another member reads some records."""
        first, end = self.start(key), min(self.start(key) + number, self.ends[key])
        self.output.update((self.topic_id, key, offset) for offset in range(first, end))
        self.committed[key] = end, f'{{"topicId":"{self.topic_id}"}}'


class Member(Consumer):
    """The consumer: events wait in `in_poll` and `in_consume` until it is called."""

    def __init__(self, cluster: Cluster, on_topic_id: Callable[[str, str], None]) -> None:
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

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            key = each.topic, each.partition
            self._known.add(key)
            self._starting.add(key)
            committed = self.cluster.committed.get(key, (0, ""))[0]
            self.next[key] = committed if each.offset == OFFSET_INVALID else max(0, each.offset)

    def learn_topic_id(self) -> None:
        if self._topic_id != self.cluster.topic_id:
            self._topic_id = self.cluster.topic_id
            self._on_topic_id("in", self._topic_id)

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
        """Whether librdkafka has changed the partition at that moment (its issue 5591): here at
        every other call.
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
