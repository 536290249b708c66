"""Where this process starts to read a partition: at the committed offset, at the beginning, or at
the end.
"""

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cache

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
    TopicPartition,
)

from connectors.commit.offset_tracker import OffsetTracker, parse_metadata
from connectors.consume.starts.group_start import GroupStart
from connectors.consume.starts.offset_queries import (
    committed_offsets,
    end_offsets,
    without_errors,
)
from connectors.consume.starts.uncommitted_beginnings import UncommittedBeginnings
from connectors.records.keys import TopicPartitionKey, format_partitions, key_of

log = logging.getLogger("processor.start-offsets")


class StartOffsets:
    """Left to the client, the end is where the partition ends at that moment: what arrives before
    the first record is read and committed is skipped by the next owner of the partition. So it is
    looked up, and is to be committed like a record's position; Spring does that too
    (AssignmentCommitOption.LATEST_ONLY_NO_TX).

    The end is that at the time the group began. A partition that did not exist then is read from
    its beginning (see GroupStart).
    """

    def __init__(
        self,
        tracker: OffsetTracker,
        reset_to: int | None = None,
        *,
        at_end: bool = False,
        ask_topic_id: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """`reset_to`: the offset at which each partition starts the first time that this process
        gets it; `at_end`: where one without a committed offset is. `ask_topic_id` asks a broker for
        the id of a topic.
        """
        self._tracker = tracker
        self._group_start = GroupStart(tracker, resets=reset_to is not None) if at_end else None
        self._reset_to = reset_to
        self._ask_topic_id = ask_topic_id
        self.beginnings = UncommittedBeginnings(reads_from_end=at_end)
        # What the group has committed of the partitions decided on last.
        self.committed: dict[TopicPartitionKey, int] = {}
        # No broker has told what the group has committed of these.
        self.unknown: set[TopicPartitionKey] = set()
        self._started: set[TopicPartitionKey] = set()
        # Of these, those that came for the first time when they came last.
        self._restarted: set[TopicPartitionKey] = set()
        self._ends: dict[TopicPartitionKey, int] = {}  # looked up so far

    def observe(self, consumer: Consumer) -> None:
        """See what there is before the group is joined; not from a callback (see GroupStart)."""
        if self._group_start:
            self._group_start.observe(consumer)

    def decide(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
    ) -> dict[TopicPartitionKey, int]:
        """Write into `partitions` where each starts.

        Args:
            consumer: The client whose callback this is.
            partitions: Those that are assigned.
            committed: Of which this process has committed; of the others an end that has been
                looked up once stays.

        Returns:
            The ends of partitions that start there, as far as a broker knows them. They are to be
            committed at once: the next process would take a later end.

        """
        self._reset(partitions)
        return self._decide(consumer, partitions, committed)

    def decide_again(
        self, consumer: Consumer, key: TopicPartitionKey, committed: AbstractSet[TopicPartitionKey]
    ) -> tuple[int | None, dict[TopicPartitionKey, int]]:
        """Where to read a partition that is `unknown`, None while no broker tells; and its end, if
        the partition starts there.
        """
        partition = TopicPartition(*key)
        ends = self._decide(consumer, [partition], committed)
        if key in self.unknown:
            return None, {}
        if partition.offset == OFFSET_INVALID:  # the client would take the committed offset
            return self.committed.get(key, OFFSET_BEGINNING), ends
        return partition.offset, ends

    def _decide(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
    ) -> dict[TopicPartitionKey, int]:
        asked = [key_of(each) for each in partitions if each.offset == OFFSET_INVALID]
        fetched = self._look_up(consumer, asked)
        unknown = set(asked) - fetched.keys()
        if unknown - self.unknown:
            log.warning(
                "no broker says in time where the group is of %s: reading begins once one does",
                format_partitions(unknown),
            )
        self.unknown = (self.unknown - set(map(key_of, partitions))) | unknown
        self.committed = {
            key: offset for key, offset in fetched.items() if offset is not None and offset >= 0
        }
        of_former_topic = {key for key, offset in fetched.items() if offset is None}
        for each in partitions:
            if key_of(each) in of_former_topic:
                each.offset = OFFSET_BEGINNING
        if not self._group_start:
            return {}
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
        # A committed offset that nobody has told may be before the end.
        settled = later | known | self.unknown
        ends = self._at_their_ends(
            consumer, [each for each in partitions if key_of(each) not in settled], committed
        )
        for each in partitions:
            if key_of(each) in wanted - later - ends.keys():
                each.offset = OFFSET_END
        for key in later:
            self.beginnings.add(key)
        return ends

    def _look_up(
        self, consumer: Consumer, keys: list[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int | None]:
        """What the group has committed, below 0 for nothing; None for an offset of a topic that was
        deleted and created again.
        """
        offsets: dict[TopicPartitionKey, int | None] = {}
        ask_topic_id = cache(self._ask_topic_id)  # once for each topic: the group waits meanwhile
        for each in without_errors(consumer.committed, [TopicPartition(*key) for key in keys]):
            key, metadata = key_of(each), parse_metadata(each.metadata)
            offsets[key] = each.offset
            if each.offset < 0:
                continue
            if not self._tracker.is_of_topic(
                key, each.metadata
            ) and metadata.topic_id != ask_topic_id(each.topic):
                # the client may not have seen the topic for a while, so a broker was asked
                log.warning(
                    "%s-%d is read from its beginning: the committed offset is of a topic that "
                    "was deleted",
                    *key,
                )
                offsets[key] = None
                continue
            self._tracker.note_committed(key, metadata.topic_id)
            if self._group_start:
                self._group_start.learn(each.topic, metadata)
        return offsets

    def _reset(self, partitions: list[TopicPartition]) -> None:
        if self._reset_to is None:
            return
        keys = set(map(key_of, partitions))
        new = keys - self._started
        self._started |= new
        self._restarted = (self._restarted - keys) | new
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
                "no broker says in time where the end is of %s: the client finds it",
                format_partitions(missing),
            )
        return ends

    def _known(
        self, consumer: Consumer, partitions: AbstractSet[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int]:
        """Ends that were looked up before; where others have gone on from their own, that."""
        known = self._ends.keys() & partitions
        committed = committed_offsets(consumer, known)
        return {key: max(self._ends[key], committed.get(key, OFFSET_INVALID)) for key in known}

    def drop(self, topic: str) -> None:
        """The topic was deleted and created again: what was found of it does not count."""
        self._ends = {key: end for key, end in self._ends.items() if key[0] != topic}
        self.beginnings.drop(topic)
        if self._group_start:
            self._group_start.drop(topic)

    def undo(self, partitions: AbstractSet[TopicPartitionKey]) -> None:
        """Take back the start of these partitions: nothing of them is committed."""
        self._started -= partitions & self._restarted
