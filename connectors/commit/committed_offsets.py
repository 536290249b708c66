"""What this process has committed, held against what the broker says is committed."""

import logging
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.commit")

_NOT_OURS = -1  # no offset


class CommittedOffsetCheck:
    """Offsets of partitions that this process has or had. An offset below 0 stands for none."""

    def __init__(self) -> None:
        self._ours: dict[TopicPartitionKey, int] = {}
        self._replaced: dict[TopicPartitionKey, int] = {}  # the offset before that
        # Partitions that have come back and are not read yet.
        self.returned: set[TopicPartitionKey] = set()

    def mark_returned(self, partitions: Iterable[TopicPartitionKey]) -> bool:
        """Whether there are any to begin now."""
        self.returned.update(key for key in partitions if key in self._ours)
        return bool(self.returned)

    def seek_returned(
        self, consumer: Consumer, committed: Mapping[TopicPartitionKey, int]
    ) -> dict[TopicPartitionKey, int]:
        """Seek returned partitions to the group's offsets. Returns these offsets."""
        starts = {
            key: offset for key, offset in committed.items() if offset >= 0 and key in self.returned
        }
        for key, offset in starts.items():
            try:
                consumer.seek(TopicPartition(*key, offset))
            except KafkaException as error:  # assigned just now: the seek is possible soon
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error
        self.returned.clear()
        return starts

    def committed(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has confirmed it."""
        changed = {
            key: offset for key, offset in positions.items() if self._ours.get(key) != offset
        }
        self._replaced |= {key: self._ours.get(key, _NOT_OURS) for key in changed}
        self._ours |= changed

    def drop(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        """The topic is a new one, in which nothing is committed but of the partitions `kept`."""
        for key in [key for key in self._ours if key[0] == topic and key not in kept]:
            del self._ours[key]
            self._replaced.pop(key, None)
            self.returned.discard(key)

    def forget(self) -> None:
        """Drop all offsets: a change of the group's offsets from now on is on purpose."""
        self._ours.clear()

    def is_behind(self, fetched: Mapping[TopicPartitionKey, int]) -> bool:
        """Whether the broker returns older offsets than it has confirmed to this process."""
        return any(offset < self._ours.get(key, offset) for key, offset in fetched.items())

    def resolve(self, fetched: Mapping[TopicPartitionKey, int]) -> dict[TopicPartitionKey, int]:
        """Return the true offsets of those the broker returned, after a write of ours at least.

        There is none: the topic is a new one. No less than our latest commit replaced: Kafka 4 was
        seen to undo a transaction after it had confirmed its commit (see docs/guarantees.md). A
        coordinator that is further behind has lost its place in its log: our commits count.
        """
        return {key: self._resolve_one(key, offset) for key, offset in fetched.items()}

    def _resolve_one(self, key: TopicPartitionKey, offset: int) -> int:
        ours = self._ours.get(key, offset)
        if offset < ours:
            stands = "has no offset" if offset < 0 else f"is back at {offset}"
            if 0 <= offset < self._replaced[key]:
                log.warning(
                    "%s-%d: the broker %s; ignored, because this process committed %d",
                    *key,
                    stands,
                    ours,
                )
                return ours
            log.warning(
                "%s-%d: the broker %s; reading from there, although this process committed %d",
                *key,
                stands,
                ours,
            )
        if key in self._ours:  # another member may have committed meanwhile
            self._ours[key] = offset
        return offset
