"""Where this process starts to read a partition: committed offset, beginning or end."""

import logging
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
    TopicPartition,
)

from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.group_offsets import GroupOffsets
from connectors.consume.starts.group_start import GroupStart
from connectors.consume.starts.offset_queries import (
    committed_offsets,
    end_offsets,
)
from connectors.consume.starts.uncommitted_beginnings import UncommittedBeginnings
from connectors.records.messages import TopicPartitionKey, format_partitions, key_of

log = logging.getLogger("processor.start-offsets")


class StartOffsets:
    """Decides start offsets. On the task's thread, also inside rebalance callbacks.

    By itself the client would take the end at the moment of its first fetch. The next owner would
    take a later end, and skip the records in between. So the end is looked up and committed at
    once, as in Spring (AssignmentCommitOption.LATEST_ONLY_NO_TX).

    "The end" is the end at the time when the group began. A partition that was created later is
    read from its beginning (see GroupStart).
    """

    def __init__(
        self,
        tracker: OffsetTracker,
        reset_to: int | None = None,
        *,
        at_end: bool = False,
        ask_topic_id: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Start without partitions.

        Args:
            tracker: Knows to which topic an offset belongs.
            reset_to: Where partitions start that this process gets first (reset-offsets).
            at_end: Whether partitions start at their end (start-offset=latest).
            ask_topic_id: Asks a broker for the id of a topic; None if no broker answers.
        """
        self._tracker = tracker
        self._group_start = GroupStart(tracker, resets=reset_to is not None) if at_end else None
        self._reset_to = reset_to
        self._group_offsets = GroupOffsets(
            tracker, ask_topic_id, self._group_start.learn if self._group_start else None
        )
        self.beginnings = UncommittedBeginnings(reads_from_end=at_end)
        # Committed offsets of the partitions that `decide` was called for last.
        self.committed: dict[TopicPartitionKey, int] = {}
        # Partitions whose start is unknown while no broker answers.
        self.unknown: set[TopicPartitionKey] = set()
        self._started: set[TopicPartitionKey] = set()
        # Partitions of `_started` whose latest assignment is their first one.
        self._first_assigned: set[TopicPartitionKey] = set()
        self._ends: dict[TopicPartitionKey, int] = {}  # all that were looked up

    def observe(self, consumer: Consumer) -> None:
        """Count the partitions of the topics before the group is joined.

        Blocks, so not from a callback (see GroupStart).

        Args:
            consumer: The present client.
        """
        if self._group_start:
            self._group_start.observe(consumer)

    def decide(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
        own: Mapping[TopicPartitionKey, int],
    ) -> dict[TopicPartitionKey, int]:
        """Write into `partitions` where each starts. Blocks for some requests.

        Args:
            consumer: The client whose callback this is.
            partitions: Those that are assigned.
            committed: Partitions of which this process has committed an offset. For the others, an
                end that was looked up once stays.
            own: Offsets that this process has committed. They count where the broker has none.

        Returns:
            The ends, and the own offsets, at which partitions start. They have to be committed at
            once: the next process would take a later end.
        """
        self._reset(partitions)
        return self._decide(consumer, partitions, committed, own)

    def decide_again(
        self,
        consumer: Consumer,
        key: TopicPartitionKey,
        committed: AbstractSet[TopicPartitionKey],
        own: Mapping[TopicPartitionKey, int],
    ) -> tuple[int | None, dict[TopicPartitionKey, int]]:
        """Decide where to start a partition that is `unknown`. Blocks for some requests.

        Args:
            consumer: The present client.
            key: The partition.
            committed: As for `decide`.
            own: As for `decide`.

        Returns:
            The start offset and the offsets to commit. The start is None while no broker answers.
        """
        partition = TopicPartition(*key)
        ends = self._decide(consumer, [partition], committed, own)
        if key in self.unknown:
            return None, {}
        if partition.offset == OFFSET_INVALID:  # the client takes the committed offset
            return self.committed.get(key, OFFSET_BEGINNING), ends
        return partition.offset, ends

    def _decide(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
        own: Mapping[TopicPartitionKey, int],
    ) -> dict[TopicPartitionKey, int]:
        asked = [key_of(each) for each in partitions if each.offset == OFFSET_INVALID]
        fetched = self._group_offsets.fetch(consumer, asked)
        unknown = set(asked) - fetched.keys()
        if unknown - self.unknown:
            log.warning(
                "no broker returns the committed offset of %s; reading starts once one does",
                format_partitions(unknown),
            )
        self.unknown = (self.unknown - set(map(key_of, partitions))) | unknown
        lost = self._group_offsets.lost(fetched, own)
        fetched |= lost
        self.committed = {
            key: offset for key, offset in fetched.items() if offset is not None and offset >= 0
        }
        of_former_topic = {key for key, offset in fetched.items() if offset is None}
        self.beginnings.add(of_former_topic)
        for each in partitions:
            if key_of(each) in of_former_topic:
                each.offset = OFFSET_BEGINNING
            each.offset = lost.get(key_of(each), each.offset)
        if not self._group_start:
            return lost
        wanted = {key for key, offset in fetched.items() if offset is not None and offset < 0}
        wanted |= {key_of(each) for each in partitions if each.offset == OFFSET_END}
        existed = {key: self._group_start.existed(consumer, key) for key in wanted}
        self.unknown |= {key for key, answer in existed.items() if answer is None}
        wanted -= self.unknown
        later = {key for key in wanted if not existed[key]}
        for each in partitions:
            if key_of(each) in later:
                each.offset = OFFSET_BEGINNING
        known = fetched.keys() - wanted
        # An unknown committed offset may be before the end: no end is looked up for it.
        settled = later | known | self.unknown
        ends = self._at_their_ends(
            consumer, [each for each in partitions if key_of(each) not in settled], committed
        )
        for each in partitions:
            if key_of(each) in wanted - later - ends.keys():
                each.offset = OFFSET_END
        self.beginnings.add(later)
        return ends | lost

    def _reset(self, partitions: list[TopicPartition]) -> None:
        if self._reset_to is None:
            return
        keys = set(map(key_of, partitions))
        new = keys - self._started
        self._started |= new
        self._first_assigned = (self._first_assigned - keys) | new
        for each in partitions:
            if key_of(each) in new:
                each.offset = self._reset_to

    def _at_their_ends(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
    ) -> dict[TopicPartitionKey, int]:
        wanted = set(map(key_of, partitions))
        ends = self._known(consumer, wanted - committed)
        ends |= end_offsets(consumer, wanted - ends.keys())
        self._ends |= ends
        for each in partitions:
            each.offset = ends.get(key_of(each), each.offset)
        if missing := wanted - ends.keys():
            log.warning(
                "no broker returns the end of %s; the client looks it up later",
                format_partitions(missing),
            )
        return ends

    def _known(
        self, consumer: Consumer, partitions: AbstractSet[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int]:
        """Return ends that were looked up before, or a later committed offset of another member."""
        known = self._ends.keys() & partitions
        committed = committed_offsets(consumer, known)
        return {key: max(self._ends[key], committed.get(key, OFFSET_INVALID)) for key in known}

    def drop(self, topic: str) -> None:
        """Forget the ends and beginnings of a topic that was deleted and created again.

        Args:
            topic: The topic.
        """
        self._ends = {key: end for key, end in self._ends.items() if key[0] != topic}
        self.beginnings.drop(topic)
        if self._group_start:
            self._group_start.drop(topic)

    def undo(self, partitions: AbstractSet[TopicPartitionKey]) -> None:
        """Let these partitions start at `reset_to` again, as no offset of them was committed since.

        Args:
            partitions: The partitions.
        """
        self._started -= partitions & self._first_assigned
