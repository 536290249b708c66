"""Where this process starts to read a partition: at the committed offset, at the beginning, or at
the end.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cache

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
    KafkaException,
    TopicPartition,
)

from config import Settings
from config.kafka.java_property import Config
from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.commit.offset_tracker import OffsetTracker, parse_metadata
from connectors.consume.group_start import GroupStart
from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.start-offsets")

_Ask = Callable[[list[TopicPartition], float], list[TopicPartition]]  # partitions, seconds


class StartOffsets:
    """Left to the client, the end is where the partition ends at that moment: what arrives before
    the first record is read and committed is skipped by whoever gets the partition next. So it is
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
        """`reset_to`: the offset at which each partition is begun the first time that this process
        gets it; `at_end`: where one without a committed offset is. `ask_topic_id` asks a broker for
        the id of a topic.
        """
        self._tracker = tracker
        self._group_start = GroupStart(tracker, resets=reset_to is not None) if at_end else None
        self._reset_to = reset_to
        self._ask_topic_id = ask_topic_id
        # What the group has committed of the partitions decided on last.
        self.committed: dict[TopicPartitionKey, int] = {}
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
        """Write into `partitions` where each is begun. Returns the places of those begun at their
        end, as far as a broker tells.

        `committed`: of which this process has committed; of the others an end that has been looked
        up once stays.
        """
        self._reset(partitions)
        fetched = self._look_up(
            consumer, [_key(each) for each in partitions if each.offset == OFFSET_INVALID]
        )
        self.committed = {
            key: offset for key, offset in fetched.items() if offset is not None and offset >= 0
        }
        of_former_topic = {key for key, offset in fetched.items() if offset is None}
        for each in partitions:
            if _key(each) in of_former_topic:
                each.offset = OFFSET_BEGINNING
        if not self._group_start:
            return {}
        wanted = {key for key, offset in fetched.items() if offset is not None and offset < 0}
        wanted |= {_key(each) for each in partitions if each.offset == OFFSET_END}
        later = {key for key in wanted if not self._group_start.existed(consumer, key)}
        for each in partitions:
            if _key(each) in later:
                each.offset = OFFSET_BEGINNING
        known = fetched.keys() - wanted
        ends = self._at_their_ends(
            consumer, [each for each in partitions if _key(each) not in later | known], committed
        )
        for each in partitions:
            if _key(each) in wanted - later - ends.keys():
                each.offset = OFFSET_END
        return ends

    def _look_up(
        self, consumer: Consumer, keys: list[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int | None]:
        """What the group has committed, below 0 for nothing; None for an offset of a topic that was
        deleted and created again.
        """
        offsets: dict[TopicPartitionKey, int | None] = {}
        ask_topic_id = cache(self._ask_topic_id)  # once for each topic: the group waits meanwhile
        for each in _without_errors(consumer.committed, [TopicPartition(*key) for key in keys]):
            key, metadata = _key(each), parse_metadata(each.metadata)
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
        keys = set(map(_key, partitions))
        new = keys - self._started
        self._started |= new
        self._restarted = (self._restarted - keys) | new
        for each in partitions:
            if _key(each) in new:
                each.offset = self._reset_to

    def _at_their_ends(
        self,
        consumer: Consumer,
        partitions: list[TopicPartition],
        committed: AbstractSet[TopicPartitionKey],
    ) -> dict[TopicPartitionKey, int]:
        wanted = set(map(_key, partitions))
        ends = self._known(consumer, wanted - committed)
        ends |= _ends(consumer, wanted - ends.keys())
        self._ends |= ends
        for each in partitions:
            each.offset = ends.get(_key(each), each.offset)
        if missing := wanted - ends.keys():
            names = ", ".join(f"{topic}-{number}" for topic, number in sorted(missing))
            log.warning(
                "no broker says in time where the group is, or where the end is, of %s: the "
                "client finds it",
                names,
            )
        return ends

    def _known(
        self, consumer: Consumer, partitions: AbstractSet[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int]:
        """Ends that were looked up before; where others have gone on from their own, that."""
        known = self._ends.keys() & partitions
        return {
            key: max(self._ends[key], offset) for key, offset in _committed(consumer, known).items()
        }

    def drop(self, topic: str) -> None:
        """The topic was deleted and created again: what was found of it does not count."""
        self._ends = {key: end for key, end in self._ends.items() if key[0] != topic}
        if self._group_start:
            self._group_start.drop(topic)

    def undo(self, partitions: AbstractSet[TopicPartitionKey]) -> None:
        """Take back the start of these partitions: nothing of them is committed."""
        self._started -= partitions & self._restarted


def _key(partition: TopicPartition) -> TopicPartitionKey:
    return partition.topic, partition.partition


def _committed(
    consumer: Consumer, partitions: Iterable[TopicPartitionKey]
) -> dict[TopicPartitionKey, int]:
    """What the group has committed of these, below 0 for nothing; without those of which no broker
    tells.
    """
    return _known_offsets(consumer.committed, [TopicPartition(*each) for each in partitions])


def _ends(
    consumer: Consumer, partitions: Iterable[TopicPartitionKey]
) -> dict[TopicPartitionKey, int]:
    """Where the partitions end, as this consumer may read them."""
    # the time after all records
    return _known_offsets(
        consumer.offsets_for_times, [TopicPartition(*each, OFFSET_END) for each in partitions]
    )


def _known_offsets(ask: _Ask, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
    return {_key(each): each.offset for each in _without_errors(ask, partitions)}


def _without_errors(ask: _Ask, partitions: list[TopicPartition]) -> list[TopicPartition]:
    try:
        return (
            [each for each in ask(partitions, REQUEST_TIMEOUT_S) if not each.error]
            if partitions
            else []
        )
    except KafkaException as error:
        log.debug("not told: %s", error.args[0].str())
        return []


def client_properties(properties: Config) -> Config:
    """The consumer's, for librdkafka: it never jumps to an end. Records before that would be lost,
    where those it wants are deleted.

    Beginnings finds the ends.
    """
    return (
        properties | {"auto.offset.reset": "earliest"}
        if properties["auto.offset.reset"] == "latest"
        else properties
    )


def start_offsets(
    settings: Settings,
    properties: Mapping[str, object],
    tracker: OffsetTracker,
    ask_topic_id: Callable[[str], str | None],
) -> StartOffsets:
    """As the settings and the consumer's properties say."""
    reset = str(properties["auto.offset.reset"])
    offset = (
        {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}.get(reset)
        if settings.reset_offsets
        else None
    )
    if settings.reset_offsets and offset is None:
        log.warning("reset-offsets has no effect: auto.offset.reset is neither earliest nor latest")
    return StartOffsets(tracker, offset, at_end=reset == "latest", ask_topic_id=ask_topic_id)
