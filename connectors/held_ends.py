"""Where partitions end while the input is held: the client fetches nothing then, so its statistics do not show new records."""

import logging
from time import monotonic

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from connectors.batch import TopicPartitionKey
from connectors.membership import Membership

log = logging.getLogger(__name__)

REFRESH_S = 2.0  # between two questions; the first comes after a hold of that length
TIMEOUT_S = 0.5  # for the answer of a broker; without one the next question is the next chance


class HeldEnds:
    """Asks brokers for the ends of held partitions now and then. On the lane's thread."""

    def __init__(self, membership: Membership, ends: dict[TopicPartitionKey, int]) -> None:
        """`ends` is kept up to date; it is empty while the input is read, when the client's statistics are right."""
        self._membership = membership
        self._ends = ends
        self._due_at: float | None = None

    def refresh(self, consumer: Consumer) -> None:
        """Renew the ends if they are old. Blocks for at most TIMEOUT_S; not from a callback of the consumer."""
        assigned = self._membership.assigned
        if not self._membership.held or not assigned:
            self._ends.clear()
            self._due_at = None
            return
        if self._due_at is None:
            self._due_at = monotonic() + REFRESH_S
        if monotonic() < self._due_at:
            return
        try:
            # the time after all records: the end that a consumer with this isolation level sees
            found = consumer.offsets_for_times([TopicPartition(*key, OFFSET_END) for key in assigned], TIMEOUT_S)
        except KafkaException as error:
            log.debug("the ends of held partitions are unknown: %s", error.args[0].str())
        else:
            self._ends.clear()
            self._ends.update({(each.topic, each.partition): each.offset for each in found if not each.error})
        self._due_at = monotonic() + REFRESH_S
