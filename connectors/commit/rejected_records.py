"""Records that the broker rejects, found one by one. They become dead letters.

A failed delivery does not show its input record. So all records since the last commit are read
again, one by one, and each is delivered before the next. The record whose delivery fails is noted.
When it is read once more, it becomes a dead letter.
"""

from collections.abc import Callable

from confluent_kafka import Message

from connectors.errors.exceptions import DeliveryError
from connectors.records.messages import TopicPartitionKey, topic_partition

RecordId = tuple[TopicPartitionKey, int]  # and the offset


class RejectedRecordSearch:
    """The suspected records, and the records known to be rejected. On the task's thread."""

    def __init__(self) -> None:
        """Start without a search."""
        self._suspected_before: dict[
            TopicPartitionKey, int
        ] = {}  # records before this offset are suspected
        self.active = False  # whether records have to be read and delivered one by one
        self._known: dict[RecordId, BaseException] = {}
        # Why each form of a record's dead letter was rejected.
        self._letters: dict[RecordId, list[DeliveryError]] = {}

    def start(self, positions: dict[TopicPartitionKey, int]) -> None:
        """Suspect all records before these offsets.

        Args:
            positions: The next offset of each partition.
        """
        for key, offset in positions.items():
            # Records behind a rejected one stay suspected.
            self._suspected_before[key] = max(offset, self._suspected_before.get(key, offset))
        self.active = bool(self._suspected_before)

    def mark_rejected(self, message: Message, error: BaseException) -> None:
        """Note a rejected record.

        Args:
            message: The record.
            error: Why it is rejected.
        """
        self._known[_of(message)] = error

    def rejection_of(self, message: Message) -> BaseException | None:
        """Return why this record is rejected, or None if it is not known to be.

        Args:
            message: The record.
        """
        return self._known.get(_of(message))

    def found_letter(self, message: Message, error: DeliveryError) -> None:
        """Note that the present form of a record's dead letter is rejected.

        Args:
            message: The record.
            error: Why the letter is rejected.
        """
        self._letters.setdefault(_of(message), []).append(error)

    def known_letters(self, message: Message) -> list[DeliveryError]:
        """Return why each form of the record's dead letter was rejected.

        Args:
            message: The record.
        """
        return self._letters.get(_of(message), [])

    def mark_done(self, message: Message) -> None:
        """Note that this record and all before it are delivered or dead letters.

        Args:
            message: The record.
        """
        key, offset = _of(message)
        if key in self._suspected_before and offset + 1 >= self._suspected_before[key]:
            del self._suspected_before[key]
        self._end_if_done()

    def forget_others(self, kept: set[TopicPartitionKey]) -> None:
        """Forget all other partitions.

        Args:
            kept: The partitions to keep.
        """
        self._suspected_before = {
            key: offset for key, offset in self._suspected_before.items() if key in kept
        }
        self._end_if_done()

    def forget_topic(self, topic: str) -> None:
        """Forget a topic that was deleted and created again: its offsets are other records now.

        Args:
            topic: The topic.
        """
        self._suspected_before = {
            key: offset for key, offset in self._suspected_before.items() if key[0] != topic
        }
        self._known = {place: error for place, error in self._known.items() if place[0][0] != topic}
        self._letters = {
            place: errors for place, errors in self._letters.items() if place[0][0] != topic
        }
        self._end_if_done()

    def forget_settled(self, settled: Callable[[TopicPartitionKey, int], bool]) -> None:
        """Suspect no partition whose suspected records are committed.

        Args:
            settled: Whether every record of a partition before an offset is committed.
        """
        self._suspected_before = {
            key: offset
            for key, offset in self._suspected_before.items()
            if not settled(key, offset)
        }
        self._end_if_done()

    def _end_if_done(self) -> None:
        self.active = bool(self._suspected_before)
        if not self.active:
            self._known.clear()
            self._letters.clear()


def _of(message: Message) -> RecordId:
    return topic_partition(message), int(message.offset() or 0)
