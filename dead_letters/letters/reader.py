"""Reads the letters of a topic, from given offsets to given ends, in batches of bounded size."""

from collections.abc import Iterator, Mapping
from time import monotonic

from confluent_kafka import KafkaError, Message, TopicPartition

from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Remedy
from dead_letters.cluster import Cluster
from dead_letters.errors import ClusterInterruptedError, CommandError, describe
from dead_letters.replaying.stopping import StopRequest

POLL_S = 0.2
SILENCE_S = 60.0  # without a message while letters are left
BATCH_LETTERS = 1000


class LetterReader:
    """One pass over the topic. Letters that arrive meanwhile are not read."""

    def __init__(
        self, cluster: Cluster, starts: Mapping[int, int], ends: Mapping[int, int]
    ) -> None:
        """Assign the partitions that have letters.

        Args:
            cluster: Its consumer reads.
            starts: The first offset to read, for each partition.
            ends: The offset to end before, for each partition.
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
        """Return the next letters and the ends of finished partitions. Waits for POLL_S.

        Letters of a partition are in order.

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
        """Sort messages and ends. A partition may end with a transaction's control records."""
        if error.code() == KafkaError._PARTITION_EOF:
            number = int(message.partition() or 0)
            if number in self._open and int(message.offset() or 0) >= self._open[number]:
                finished[number] = self._open.pop(number)
        elif remedy(cause(error)) is not Remedy.WAIT:
            raise describe(error, f"reading {self._cluster.topic}")


def read_all(
    cluster: Cluster, starts: Mapping[int, int], ends: Mapping[int, int], stop: StopRequest
) -> Iterator[Message]:
    """Yield every letter of the ranges, each partition's in order. Ends early at a signal.

    Args:
        cluster: Where the letters are.
        starts: The first offset of each partition.
        ends: The offset after the last one of each partition.
        stop: Ends the reading.

    Raises:
        CommandError: The brokers do not give the letters.
    """
    reader = LetterReader(cluster, starts, ends)
    try:
        while not reader.is_finished and not stop.is_set:
            yield from reader.read()[0]
    except ClusterInterruptedError as error:
        raise CommandError(f"reading {cluster.topic}: {error}") from None
