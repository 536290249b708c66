"""Records that the broker refuses: found one by one, so that they can be dead letters and the others go on.

A failed delivery does not say which input record it was made from. So everything since the last commit is read again, record by
record, each delivered before the next; the one that fails then is known, and when it comes round once more it is given up.
"""

from confluent_kafka import Message

from connectors.batch import TopicPartitionKey, place
from connectors.errors import DeliveryError

Place = tuple[TopicPartitionKey, int]  # and the offset


class Refusals:
    """Which records to be careful with, and which are known to be refused."""

    def __init__(self) -> None:
        self._careful: dict[TopicPartitionKey, int] = {}  # up to this offset
        self._known: dict[Place, DeliveryError] = {}

    @property
    def careful(self) -> bool:
        """Records have to be read and delivered one by one."""
        return bool(self._careful)

    def suspect(self, positions: dict[TopicPartitionKey, int]) -> None:
        """One of the records before these positions was refused."""
        for key, offset in positions.items():
            self._careful[key] = max(offset, self._careful.get(key, offset))  # also what came after a record that was found

    def found(self, message: Message, error: DeliveryError) -> None:
        """It was this one."""
        self._known[_of(message)] = error

    def known(self, message: Message) -> DeliveryError | None:
        """What was said of this record before."""
        return self._known.get(_of(message))

    def passed(self, message: Message) -> None:
        """The record and those before it are dealt with."""
        key, offset = _of(message)
        if offset + 1 >= self._careful.get(key, offset + 2):
            del self._careful[key]
        if not self._careful:
            self._known.clear()

    def forget_others(self, kept: set[TopicPartitionKey]) -> None:
        """Only `kept` are still our partitions."""
        self._careful = {key: offset for key, offset in self._careful.items() if key in kept}


def _of(message: Message) -> Place:
    return place(message), int(message.offset() or 0)
