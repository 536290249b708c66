"""What a lane asks of a delivery guarantee. There are two: at least once and exactly once."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from time import monotonic

from confluent_kafka import KafkaError, TopicPartition

from connectors.batch import Batch, TopicPartitionKey


class Guarantee(ABC):
    """Keeps the positions of one consumer and commits them together with what was produced up to them.

    `safe` positions are those whose records have all been produced; only these are ever committed. Methods run on the lane's thread;
    `before_revoke`, `forget` and `lost` do so inside the consumer's poll(), consume() or close() and never raise.
    """

    def __init__(self, interval: float) -> None:
        """`interval`: seconds between commits under load (python-processor.commit-interval)."""
        self._interval = interval
        self._due_at = 0.0
        self._safe: dict[TopicPartitionKey, int] = {}
        self._confirmed: dict[TopicPartitionKey, int] = {}
        self.commits = 0  # confirmed by the broker
        self.ended = False  # after an error: nothing is committed any more

    def ready(self) -> bool:
        """Prepare with the broker, as far as this guarantee needs to; True when records may move."""
        return True

    def handed_out(self, batch: Batch) -> None:
        """These records are on their way through the steps."""

    def begin(self) -> None:
        """A batch is about to be produced. Raises Interrupted if it cannot be now."""

    def written(self) -> None:
        """All of the batch has been produced."""

    def safe(self, positions: dict[TopicPartitionKey, int]) -> None:
        """All records before `positions` have been produced."""
        self._safe.update(positions)

    @property
    def pending(self) -> bool:
        """Something is safe that the broker has not confirmed."""
        return any(self._confirmed.get(key) != offset for key, offset in self._safe.items())

    @property
    def due(self) -> bool:
        """It is time for a commit."""
        return monotonic() >= self._due_at and self.pending

    @abstractmethod
    def commit(self) -> bool:
        """Commit what is safe, as far as that goes without a long wait. False: hold the input and call again.

        Raises ConnectorError when it cannot be done and the process has to end.
        """

    @abstractmethod
    def before_revoke(self) -> None:
        """The last chance to commit for partitions that go to someone else. Failing is safe: the next owner repeats."""

    def on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Librdkafka's answer to an asynchronous commit, called inside poll()."""

    def forget(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone to someone else."""
        for key in partitions:
            self._safe.pop(key, None)
            self._confirmed.pop(key, None)

    def lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These partitions have gone without a chance to commit."""
        self.forget(partitions)

    def abandon(self) -> None:
        """The batch being produced is dropped half way; it will be read again."""

    def end(self) -> None:
        """The process ends because of an error; never raises."""
        self.ended = True
