"""Where a partition is begun that this process gets, if not where its group is: anew, or at its end."""

import logging
from collections.abc import Iterable, Mapping

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from config import Settings
from connectors.batch import TopicPartitionKey
from connectors.guarantee import CALL

log = logging.getLogger(__name__)


class Beginnings:
    """Left to the client, the end is where the partition ends at that moment: what arrives before the first record is read and committed
    is skipped by whoever gets the partition next. So it is looked up, and is to be committed like a record's position; Spring does that too
    (AssignmentCommitOption.LATEST_ONLY_NO_TX).
    """

    def __init__(self, reset_to: int | None = None, *, at_end: bool = False) -> None:
        """`reset_to`: the offset at which each partition is begun the first time that this process gets it; `at_end`: where one without
        a committed offset is.
        """
        self._reset_to = reset_to
        self._at_end = at_end
        self._begun: set[TopicPartitionKey] = set()

    def decide(self, consumer: Consumer, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """Write into `partitions` where each is begun. Returns the places of those begun at their end, as far as a broker tells."""
        if self._reset_to is not None:
            for each in partitions:
                if (each.topic, each.partition) not in self._begun:
                    each.offset = self._reset_to
                    self._begun.add((each.topic, each.partition))
        if not self._at_end:
            return {}
        try:
            ends = _ends(consumer, partitions)
        except KafkaException as error:  # the client finds it in its own time
            log.warning("reading begins at the end, and no broker says where that is: %s", error.args[0].str())
            return {}
        for each in partitions:
            each.offset = ends.get((each.topic, each.partition), each.offset)
        return ends

    def undo(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """These have not been begun, after all."""
        self._begun.difference_update(partitions)


def _ends(consumer: Consumer, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
    """Of those that are to be begun at their end, or have no offset. Raises KafkaException when no broker tells in time."""
    unsaid = [TopicPartition(each.topic, each.partition) for each in partitions if each.offset == OFFSET_INVALID]
    none = [each for each in _told(consumer.committed(unsaid, CALL)) if each.offset < 0] if unsaid else []
    at_end = [*none, *(each for each in partitions if each.offset == OFFSET_END)]
    wanted = [
        TopicPartition(each.topic, each.partition, OFFSET_END) for each in at_end
    ]  # stands for a time here: after all records
    return {(each.topic, each.partition): each.offset for each in _told(consumer.offsets_for_times(wanted, CALL))} if wanted else {}


def _told(partitions: list[TopicPartition]) -> list[TopicPartition]:
    for each in partitions:
        if each.error:
            raise KafkaException(each.error)
    return partitions


def beginnings(settings: Settings, properties: Mapping[str, object]) -> Beginnings:
    """As the settings and the consumer's properties say."""
    reset = str(properties["auto.offset.reset"])
    offset = {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}.get(reset) if settings.reset_offsets else None
    if settings.reset_offsets and offset is None:
        log.warning("reset-offsets has no effect: auto.offset.reset is neither earliest nor latest")
    return Beginnings(offset, at_end=reset == "latest")
