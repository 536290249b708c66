"""The ends of partitions, asked of the brokers.

While nothing is fetched, the client's statistics do not show new records.
"""

import logging
from time import monotonic

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.consume.assignment import PartitionAssignment
from connectors.records.messages import TopicPartitionKey

log = logging.getLogger("processor.group")

# Between two requests while the input is paused, and before the first one.
REFRESH_PAUSED_S = 2.0
# Between two requests otherwise. Together with the time until a standstill is reported: below 30 s.
REFRESH_S = 4.0
TIMEOUT_S = 0.5  # of one request
# After a request without an answer while records are read, because they wait during each request.
RETRY_S = 20.0


class PartitionEnds:
    """Asks for the ends of partitions that are paused, or seem to be read to their end.

    All methods run on the task's thread.
    """

    def __init__(self, assignment: PartitionAssignment, brokers: BrokerStatus) -> None:
        """Prepare; no broker is asked yet.

        Args:
            assignment: The assigned partitions.
            brokers: Has the consumer's monitor, which gets the ends.
        """
        self._assignment = assignment
        self._monitor = brokers.consumer
        self._was_paused = False
        self._due_at = 0.0

    def refresh(self, consumer: Consumer) -> None:
        """Ask for the ends if they are old. Blocks for at most TIMEOUT_S, so not from a callback.

        Args:
            consumer: The present client.
        """
        held = bool(self._assignment.pause_reasons)
        interval_s = REFRESH_PAUSED_S if held else REFRESH_S
        if held != self._was_paused:
            self._was_paused, self._due_at = held, monotonic() + interval_s
            self._monitor.paused_ends.clear()
        if monotonic() < self._due_at:
            return
        assigned = self._assignment.assigned
        keys = assigned if held else self._monitor.reading_state.at_end(assigned)
        found = self._ask(consumer, keys) if keys else {}
        self._due_at = monotonic() + (interval_s if held or found is not None else RETRY_S)
        if found is None:
            return
        for ends in (self._monitor.asked_ends, self._monitor.paused_ends):
            ends.clear()
        self._monitor.asked_ends.update(found)
        if held:
            self._monitor.paused_ends.update(found)

    def _ask(
        self, consumer: Consumer, keys: set[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int] | None:
        try:
            # OFFSET_END stands for a time after all records. The answer is the end that a consumer
            # of this isolation level sees.
            found = consumer.offsets_for_times(
                [TopicPartition(*key, OFFSET_END) for key in keys], TIMEOUT_S
            )
        except KafkaException as error:
            log.debug("the ends of partitions are unknown: %s", error.args[0].str())
            return None
        return {(each.topic, each.partition): each.offset for each in found if not each.error}
