"""Reading again from what this assignment has committed, else from where its reading began."""

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.commit.committer import Committer
from tests.fakes.committers.exactly_once import A, B, ExactlyOnceTask, retriable
from tests.fakes.consume.consumers import current
from tests.fakes.messages import batch, message


class Broker(Consumer):
    """A consumer of one partition, whose committed offset the test decides."""

    def __init__(self, committed: int) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.offset = committed
        self.sought: list[int] = []

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition("in", 0)]

    def committed(
        self,
        partitions: list[TopicPartition],  # noqa: ARG002 - the client's signature
        timeout: float = 0,  # noqa: ARG002 - the client's signature
    ) -> list[TopicPartition]:
        return [TopicPartition("in", 0, self.offset)]

    def seek(self, partition: TopicPartition) -> None:
        self.sought.append(partition.offset)


class Rewinding(Committer):
    def __init__(self, broker: Broker) -> None:
        super().__init__(current(broker), 0)
        self._broker = broker

    def commit(self) -> bool:
        self._broker.offset = self._committable["in", 0]
        self._last_committed = dict(self._committable)
        return True

    def on_revoking(self) -> None:
        raise AssertionError("not asked for here")

    def rewind(self) -> None:
        self._seek_to_committed()

    def read(self, first: int, last: int) -> None:
        """So many records are read and produced."""
        read = batch(*(message(b"", offset) for offset in range(first, last + 1)))
        self.track(read)
        self.mark_committable(read.next_offsets)


def test_offset_before_reset_does_not_count() -> None:
    broker = Broker(committed=100)
    committer = Rewinding(broker)
    committer.read(0, 9)
    committer.rewind()
    committer.read(0, 9)
    committer.rewind()
    assert broker.sought == [0, 0]


def test_unanswered_commit_counts() -> None:
    broker = Broker(committed=-1001)
    committer = Rewinding(broker)
    committer.read(5, 9)
    committer.commit()
    committer.read(10, 19)
    committer.rewind()
    committer.read(10, 29)
    committer.rewind()
    committer.read(10, 29)
    broker.offset = 30
    committer.rewind()
    assert broker.sought == [10, 10, 30]


def test_unread_partition_is_not_rewound() -> None:
    broker = Broker(committed=7)
    Rewinding(broker).rewind()
    assert broker.sought == []


def test_missing_committed_offset_is_error() -> None:
    """A broker that has lost an offset, or does not know it yet, answers as if there were none."""
    broker = Broker(committed=-1001)
    committer = Rewinding(broker)
    committer.read(5, 9)
    committer.commit()
    committer.read(10, 19)
    broker.offset = -1001
    committer.rewind()
    assert broker.sought == [5]


def test_failed_seek_repeats_the_same_rewind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the partitions behind it would restart one transaction too early."""
    task = ExactlyOnceTask()
    for first in (0, 10):
        for partition in (0, 1):
            task.move(first, first + 9, partition)
        assert task.committer.commit()
    task.take(20, 24)
    task.committer.discard_batch()
    seek, failures = task.group.seek, [retriable()]

    def failing(partition: TopicPartition) -> None:
        if failures:
            raise KafkaException(failures.pop())
        seek(partition)

    monkeypatch.setattr(task.group, "seek", failing)
    assert not task.committer.commit()
    assert task.committer.commit()
    assert dict(task.group.sought) == {A: 20, B: 20}
