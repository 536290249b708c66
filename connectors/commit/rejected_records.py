"""Records that the broker refuses, found one by one. They become dead letters.

A failed delivery does not say which input record it was made from. So everything since the last
commit is read again, record by record, each delivered before the next; the one that fails then is
known, and when it comes round once more it is given up.
"""

from collections.abc import Callable

from confluent_kafka import Message

from connectors.errors.exceptions import DeliveryError
from connectors.records.keys import TopicPartitionKey, topic_partition

RecordId = tuple[TopicPartitionKey, int]  # and the offset


class RejectedRecordSearch:
    """Which records to be careful with, and which are known to be refused."""

    def __init__(self) -> None:
        self._careful: dict[TopicPartitionKey, int] = {}  # up to this offset
        self._known: dict[RecordId, BaseException] = {}
        # What was said of their dead letters, one form after the other.
        self._letters: dict[RecordId, list[DeliveryError]] = {}

    @property
    def active(self) -> bool:
        """Records have to be read and delivered one by one."""
        return bool(self._careful)

    def start(self, positions: dict[TopicPartitionKey, int]) -> None:
        """One of the records before these positions was refused."""
        for key, offset in positions.items():
            # Also what came after a record that was found.
            self._careful[key] = max(offset, self._careful.get(key, offset))

    def mark_rejected(self, message: Message, error: BaseException) -> None:
        """It was this one."""
        self._known[_of(message)] = error

    def rejection_of(self, message: Message) -> BaseException | None:
        """What was said of this record before."""
        return self._known.get(_of(message))

    def found_letter(self, message: Message, error: DeliveryError) -> None:
        """It was the dead letter of this one, in the form after those refused before."""
        self._letters.setdefault(_of(message), []).append(error)

    def known_letters(self, message: Message) -> list[DeliveryError]:
        """What was said of the forms of its dead letter."""
        return self._letters.get(_of(message), [])

    def mark_done(self, message: Message) -> None:
        """The record and those before it are dealt with."""
        key, offset = _of(message)
        if offset + 1 >= self._careful.get(key, offset + 2):
            del self._careful[key]
        self._end_if_done()

    def forget_others(self, kept: set[TopicPartitionKey]) -> None:
        """Only `kept` are still our partitions."""
        self._careful = {key: offset for key, offset in self._careful.items() if key in kept}
        self._end_if_done()

    def forget_topic(self, topic: str) -> None:
        """The topic was deleted and created again: its offsets are those of other records now."""
        self._careful = {key: offset for key, offset in self._careful.items() if key[0] != topic}
        self._known = {place: error for place, error in self._known.items() if place[0][0] != topic}
        self._letters = {
            place: errors for place, errors in self._letters.items() if place[0][0] != topic
        }

    def forget_settled(self, settled: Callable[[TopicPartitionKey, int], bool]) -> None:
        """Suspect no record before a position that is `settled` (committed)."""
        self._careful = {
            key: offset for key, offset in self._careful.items() if not settled(key, offset)
        }
        self._end_if_done()

    def _end_if_done(self) -> None:
        if not self._careful:
            self._known.clear()
            self._letters.clear()


def _of(message: Message) -> RecordId:
    return topic_partition(message), int(message.offset() or 0)
