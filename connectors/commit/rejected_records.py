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
        self.active = False  # records have to be read and delivered one by one
        self._known: dict[RecordId, BaseException] = {}
        # Why their dead letters were refused, one error for each form.
        self._letters: dict[RecordId, list[DeliveryError]] = {}

    def start(self, positions: dict[TopicPartitionKey, int]) -> None:
        """Search among the records before these offsets."""
        for key, offset in positions.items():
            # Also records after one that was found.
            self._careful[key] = max(offset, self._careful.get(key, offset))
        self.active = bool(self._careful)

    def mark_rejected(self, message: Message, error: BaseException) -> None:
        """Note the refused record."""
        self._known[_of(message)] = error

    def rejection_of(self, message: Message) -> BaseException | None:
        """Return why this record was refused; None if it was not."""
        return self._known.get(_of(message))

    def found_letter(self, message: Message, error: DeliveryError) -> None:
        """Note that the present form of the record's dead letter is refused."""
        self._letters.setdefault(_of(message), []).append(error)

    def known_letters(self, message: Message) -> list[DeliveryError]:
        """Return why each form of the record's dead letter was refused."""
        return self._letters.get(_of(message), [])

    def mark_done(self, message: Message) -> None:
        """Note that the record and those before it are delivered or given up."""
        key, offset = _of(message)
        if offset + 1 >= self._careful.get(key, offset + 2):
            del self._careful[key]
        self._end_if_done()

    def forget_others(self, kept: set[TopicPartitionKey]) -> None:
        """Forget all partitions but `kept`."""
        self._careful = {key: offset for key, offset in self._careful.items() if key in kept}
        self._end_if_done()

    def forget_topic(self, topic: str) -> None:
        """Forget a topic that was deleted and created again: its offsets are other records'."""
        self._careful = {key: offset for key, offset in self._careful.items() if key[0] != topic}
        self._known = {place: error for place, error in self._known.items() if place[0][0] != topic}
        self._letters = {
            place: errors for place, errors in self._letters.items() if place[0][0] != topic
        }
        self._end_if_done()

    def forget_settled(self, settled: Callable[[TopicPartitionKey, int], bool]) -> None:
        """Suspect no record before a position that is `settled` (committed)."""
        self._careful = {
            key: offset for key, offset in self._careful.items() if not settled(key, offset)
        }
        self._end_if_done()

    def _end_if_done(self) -> None:
        self.active = bool(self._careful)
        if not self.active:
            self._known.clear()
            self._letters.clear()


def _of(message: Message) -> RecordId:
    return topic_partition(message), int(message.offset() or 0)
