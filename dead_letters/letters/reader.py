"""Reads the letters between given offsets of each partition, in batches of bounded size."""

from collections.abc import Iterator, Mapping
from time import monotonic

from confluent_kafka import KafkaError, Message, TopicPartition

from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Remedy
from dead_letters.cluster import Cluster
from dead_letters.errors import ClusterInterruptedError, CommandError, describe
from dead_letters.replaying.stopping import StopRequest

POLL_S = 0.2
SILENCE_S = 60.0  # the longest time without a message while letters are left
BATCH_LETTERS = 1000


class LetterReader:
    """Reads the topic once, up to the given ends. Later letters are not read."""

    def __init__(
        self, cluster: Cluster, starts: Mapping[int, int], ends: Mapping[int, int]
    ) -> None:
        """Assign the partitions that have letters.

        Args:
            cluster: Its consumer reads.
            starts: The first offset to read, by partition.
            ends: The offset to stop before, by partition.
        """
        self._cluster = cluster
        self._consumer = cluster.consumer
        self._open = {number: end for number, end in ends.items() if starts[number] < end}
        self._heard_at = monotonic()
        if self._open:
            self._consumer.assign(
                [TopicPartition(cluster.topic, number, starts[number]) for number in self._open]
            )

    @property
    def is_finished(self) -> bool:
        """Whether every partition has been read to its end."""
        return not self._open

    def read(self, limit: int = BATCH_LETTERS) -> tuple[list[Message], dict[int, int]]:
        """Return the next letters. Blocks POLL_S at most.

        Args:
            limit: The most letters to return.

        Returns:
            The letters, in order within each partition. The second value holds the end of each
            partition that is now read to its end.

        Raises:
            CommandError: The brokers refuse to give the letters.
            ClusterInterruptedError: Nothing has arrived for SILENCE_S.
        """
        found = self._consumer.consume(limit, 0)
        if not found and (first := self._consumer.poll(POLL_S)) is not None:
            found = [first, *self._consumer.consume(limit - 1, 0)] if limit > 1 else [first]
        self._cluster.check()
        if found:
            self._heard_at = monotonic()
        elif self._open and monotonic() - self._heard_at > SILENCE_S:
            raise ClusterInterruptedError(f"no letter has arrived for {SILENCE_S:g} s")
        letters: list[Message] = []
        finished: dict[int, int] = {}
        for message in found:
            if error := message.error():
                self._sort(error, message, finished)
            elif (end := self._open.get(int(message.partition() or 0))) is not None:
                self._take(message, end, letters, finished)
        return letters, finished

    def _take(
        self, message: Message, end: int, letters: list[Message], finished: dict[int, int]
    ) -> None:
        number, offset = int(message.partition() or 0), int(message.offset() or 0)
        if offset < end:
            letters.append(message)
        if offset >= end - 1:
            finished[number] = self._open.pop(number)

    def _sort(self, error: KafkaError, message: Message, finished: dict[int, int]) -> None:
        """Handle a message that is an error.

        A partition may end with control records of a transaction. Then only the error for the
        partition's end shows that all letters are read.
        """
        if error.code() == KafkaError._PARTITION_EOF:
            number = int(message.partition() or 0)
            if number in self._open and int(message.offset() or 0) >= self._open[number]:
                finished[number] = self._open.pop(number)
        elif remedy(cause(error)) is not Remedy.WAIT:
            raise describe(error, f"reading {self._cluster.topic}")


def read_all(
    cluster: Cluster, starts: Mapping[int, int], ends: Mapping[int, int], stop: StopRequest
) -> Iterator[Message]:
    """Yield every letter between the offsets, in order within each partition. Blocks while reading.

    Args:
        cluster: The clients and the topic.
        starts: The first offset to read, by partition.
        ends: The offset to stop before, by partition.
        stop: Ends the reading early.

    Raises:
        CommandError: The brokers do not give the letters.
    """
    reader = LetterReader(cluster, starts, ends)
    try:
        while not reader.is_finished and not stop.is_set:
            yield from reader.read()[0]
    except ClusterInterruptedError as error:
        raise CommandError(f"reading {cluster.topic}: {error}") from None
