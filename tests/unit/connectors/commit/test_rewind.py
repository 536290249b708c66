"""Reading again from what this assignment has committed, else from where its reading began."""

from confluent_kafka import Consumer, TopicPartition

from connectors.commit.committer import Committer
from tests.fakes.consumers import current
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
        self._broker.offset = self._current["in", 0]
        self._last_committed = dict(self._current)
        return True

    def on_revoking(self) -> None:
        raise AssertionError("not asked for here")

    def rewind(self) -> None:
        self._seek_to_committed()

    def read(self, first: int, last: int) -> None:
        """So many records are read and produced."""
        read = batch(*(message(b"", offset) for offset in range(first, last + 1)))
        self.track(read)
        self.mark_processed(read.next_offsets)


def test_an_offset_from_before_a_reset_does_not_count() -> None:
    broker = Broker(committed=100)
    guarantee = Rewinding(broker)
    guarantee.read(0, 9)
    guarantee.rewind()
    guarantee.read(0, 9)
    guarantee.rewind()
    assert broker.sought == [0, 0]


def test_a_commit_counts_also_one_that_was_never_answered() -> None:
    broker = Broker(committed=-1001)
    guarantee = Rewinding(broker)
    guarantee.read(5, 9)
    guarantee.commit()
    guarantee.read(10, 19)
    guarantee.rewind()
    guarantee.read(10, 29)
    guarantee.rewind()
    guarantee.read(10, 29)
    broker.offset = 30
    guarantee.rewind()
    assert broker.sought == [10, 10, 30]


def test_a_partition_of_which_nothing_was_read_stays_where_it_is() -> None:
    broker = Broker(committed=7)
    Rewinding(broker).rewind()
    assert broker.sought == []


def test_no_offset_where_we_had_committed_one_is_no_reason_to_go_on() -> None:
    """A broker that has lost it, or does not know it yet, says the same as one that never had
    it.
    """
    broker = Broker(committed=-1001)
    guarantee = Rewinding(broker)
    guarantee.read(5, 9)
    guarantee.commit()
    guarantee.read(10, 19)
    broker.offset = -1001
    guarantee.rewind()
    assert broker.sought == [5]
