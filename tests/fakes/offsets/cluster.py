"""The broker of the model: offsets, members and produced records."""

from collections import Counter
from collections.abc import Callable

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from connectors.commit.offset_tracker import parse_metadata
from connectors.records.messages import TopicPartitionKey

Callback = Callable[[Consumer, list[TopicPartition]], None]
Produced = tuple[str, TopicPartitionKey, int]  # topic id, partition, offset
KEYS = [("in", 0), ("in", 1)]


class Cluster:
    """One topic of two partitions.

    Each commit is checked: no record before it may be missing in the output.
    """

    def __init__(self) -> None:
        self.number = 0  # of topics with this name so far
        self.ends = dict.fromkeys(KEYS, 0)
        self.committed: dict[TopicPartitionKey, tuple[int, str]] = {}
        self.output: Counter[Produced] = Counter()
        self.generation = 0
        # How often the member has committed another offset since another member did.
        self.own_commits: Counter[TopicPartitionKey] = Counter()
        self.lost: set[TopicPartitionKey] = set()  # their offset is lost

    @property
    def topic_id(self) -> str:
        return f"id-{self.number}"

    def replace(self, records: int) -> None:
        """Delete the topic and create it again; the broker deletes the group's offsets."""
        self.number += 1
        self.ends = dict.fromkeys(KEYS, records)
        self.committed.clear()
        self.own_commits.clear()
        self.lost.clear()

    def lose_offsets(self) -> None:
        """Come back without the group's offsets, as a single node of Kafka 4.4 was seen to.

        A first commit may have been undone instead: it is kept here.
        """
        for key in [key for key, times in self.own_commits.items() if times > 1]:
            self.committed.pop(key, None)
            self.lost.add(key)

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
            self.lost.discard(key)
            self.own_commits[key] += self.committed.get(key, (-1, ""))[0] != each.offset
            self.committed[key] = each.offset, each.metadata or ""
            for offset in range(self.start(key)):
                assert self.output[self.topic_id, key, offset], (
                    f"{key} is committed past its record {offset}"
                )

    def process(self, key: TopicPartitionKey, number: int) -> None:
        """Another member reads some records. Where an offset is lost it would double some."""
        if key in self.lost:
            return
        first, end = self.start(key), min(self.start(key) + number, self.ends[key])
        self.output.update((self.topic_id, key, offset) for offset in range(first, end))
        self.own_commits.pop(key, None)
        self.committed[key] = end, f'{{"topicId":"{self.topic_id}"}}'

    def check_output(self, *, exactly_once: bool) -> None:
        """All records of the present topic are there; with exactly once, each of them once."""
        for key, end in self.ends.items():
            for offset in range(end):
                times = self.output[self.topic_id, key, offset]
                assert times == 1 or (times and not exactly_once), (
                    f"record {offset} of {key} is there {times} times"
                )
