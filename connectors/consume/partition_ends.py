"""Where partitions end: asked of the brokers where the client's statistics cannot show new records,
because nothing is fetched.
"""

import logging
from time import monotonic

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.consume.assignment import PartitionAssignment
from connectors.records.keys import TopicPartitionKey

log = logging.getLogger("processor.group")

# Between two questions while the input is held; the first comes after a hold of that length.
REFRESH_PAUSED_S = 2.0
# Between two questions else; with the time until a standstill is reported: below 30 s.
REFRESH_S = 4.0
TIMEOUT_S = 0.5  # for the answer of a broker
# After a question without an answer while records are read: each one keeps them waiting.
RETRY_S = 20.0


class PartitionEnds:
    """Asks brokers for the ends of partitions that are held, and of those that seem to be read to
    their end. On the lane's thread.
    """

    def __init__(self, assignment: PartitionAssignment, brokers: BrokerStatus) -> None:
        """`brokers` has the ends that are kept up to date."""
        self._assignment = assignment
        self._brokers = brokers
        self._was_paused = False
        self._due_at = 0.0

    def refresh(self, consumer: Consumer) -> None:
        """Renew the ends if they are old. Blocks for at most TIMEOUT_S; not from a callback of the
        consumer.
        """
        held = self._assignment.paused
        interval_s = REFRESH_PAUSED_S if held else REFRESH_S
        if held != self._was_paused:
            self._was_paused, self._due_at = held, monotonic() + interval_s
            self._brokers.paused_ends.clear()
        if monotonic() < self._due_at:
            return
        assigned = self._assignment.assigned
        keys = assigned if held else self._brokers.reading_state.at_end(assigned)
        found = self._ask(consumer, keys) if keys else {}
        self._due_at = monotonic() + (interval_s if held or found is not None else RETRY_S)
        if found is None:
            return
        for ends in (self._brokers.asked_ends, self._brokers.paused_ends):
            ends.clear()
        self._brokers.asked_ends.update(found)
        if held:
            self._brokers.paused_ends.update(found)

    def _ask(
        self, consumer: Consumer, keys: set[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int] | None:
        try:
            # the time after all records: the end that a consumer with this isolation level sees
            found = consumer.offsets_for_times(
                [TopicPartition(*key, OFFSET_END) for key in keys], TIMEOUT_S
            )
        except KafkaException as error:
            log.debug("the ends of partitions are unknown: %s", error.args[0].str())
            return None
        return {(each.topic, each.partition): each.offset for each in found if not each.error}
