"""The producing half of a lane: every record of a batch, in order, and the certainty that it has
arrived.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Message, Producer

import config.librdkafka.client_config
from config import Settings
from connectors.cluster import clients
from connectors.cluster.broker_status import BrokerStatus
from connectors.errors.client_exceptions import (
    BrokersForgottenError,
    ProducerError,
    StoresChangedError,
)
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import remedy
from connectors.errors.record_errors import delivery_error
from connectors.errors.table import Client, Remedy
from connectors.monitoring.leaders import LeaderlessPartitions
from connectors.monitoring.lost_metadata import LostMetadata
from connectors.monitoring.stalled_delivery import StalledDelivery
from connectors.monitoring.statistics import Statistics, parse_document, read_producer_stats
from connectors.produce.record_sender import Wait
from connectors.produce.record_writer import GiveUp, RecordWriter
from connectors.records.batch import RecordBatch
from connectors.records.keys import TopicPartitionKey
from runtime.metrics.meter import Sample

DELIVERY_S = 5.0  # given to records on their way when the key or trust store has changed
DELIVERY_REPORT_WAIT_S = 0.5  # seconds given to a delivery report that is on its way
FLUSH_S = 0.1  # one flush; see Output.delivered
_PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}  # dropped with the transaction


class RecordProducer:
    """A producer and the first delivery that failed. After a failure nothing may be committed."""

    def __init__(self, settings: Settings, brokers: BrokerStatus) -> None:
        """Raises ClientError when librdkafka refuses the settings."""
        self._properties = config.librdkafka.client_config.producer_config(settings)
        self._brokers = brokers
        self._transactional = settings.transactional_id is not None
        self._records = RecordWriter(settings, self)
        self.samples: tuple[Sample, ...] = ()  # of the producer's statistics
        self.leaders = LeaderlessPartitions()  # of the partitions written to
        self._stalled_delivery = StalledDelivery()
        self.undelivered = 0  # deliveries that have failed
        self.unconfirmed = 0  # and those dropped with their transaction
        self.producer = self._make()
        self.delivery_error: ConnectorError | None = None

    def set_partition_count(self, partitions: Mapping[str, int]) -> None:
        """`partitions`: how many each topic has."""
        self._records.bound(partitions)

    @property
    def sent(self) -> int:
        """How many records have been produced, dead letters aside."""
        return self._records.sent

    @property
    def dropped(self) -> int:
        """How many records no value has been produced of, those given up aside."""
        return self._records.dropped

    def recreate(self) -> None:
        """A new producer in place of one that is of no use any more; what it had not delivered is
        dropped.
        """
        self.leaders = LeaderlessPartitions()
        self.producer, self.delivery_error = self._make(), None

    def _make(self) -> Producer:
        self._lost_metadata = LostMetadata()  # to the producer
        self._store_version = self._brokers.store_version
        self._outdated_since = 0.0
        self._statistics = Statistics(
            lambda document: read_producer_stats(document, self.undelivered)
        )
        properties = self._properties | (
            self._brokers.stores.producer if self._brokers.stores else {}
        )
        return clients.make_producer(
            properties, self._brokers, self._on_delivery, self._on_statistics
        )

    def _on_statistics(self, statistics: str) -> None:
        if (document := parse_document(statistics)) is None:
            return
        self.samples = self._statistics.observe(document)
        self.leaders.observe(document)
        self._lost_metadata.observe(document)

    def partitions(self) -> list[TopicPartitionKey]:
        """Every partition of the topics written to. Raises as clients.leaders does."""
        return [
            (topic, number) for topic in self._records.topics for number in self._leaders_of(topic)
        ]

    def raise_for_failed_delivery(self) -> None:
        """Serve delivery reports.

        Raises DeliveryError when a delivery has failed, TopicDeletedError when none ever will be
        made, ProducerError when the client has failed.
        """
        self._poll(self.producer.poll, 0)
        if self._brokers.trouble is None:
            self._ask_for_topics()

    def _ask_for_topics(self) -> None:
        """Ask the cluster whether all is well with the topics, should there be reason to doubt it:
        the client may wait for ever.
        """
        if lost := self.leaders.missed_election(self._leaders_of):
            raise BrokersForgottenError(
                KafkaError(
                    KafkaError.LEADER_NOT_AVAILABLE,
                    f"it has overlooked that {lost} has a leader again",
                )
            )
        if self._stalled_delivery.is_stalled(len(self.producer)):
            with suppress(KafkaException):  # no broker answers: nothing can be said
                for topic in self._records.topics:
                    self._leaders_of(topic)

    def _leaders_of(self, topic: str) -> Mapping[int, int]:
        return clients.fetch_leaders(self.producer, topic)

    def flush(self, timeout: float) -> bool:
        """Whether everything produced so far is confirmed, waiting `timeout` seconds at most.
        Raises as check() does.

        Never a flush of 200 ms or more: the client would divide it, and go on after a callback has
        left an exception.
        """
        end = monotonic() + timeout
        while self._poll(self.producer.flush, max(0.0, min(FLUSH_S, end - monotonic()))):
            if monotonic() >= end:
                return False
        return True

    def produce_batch(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters.

        When the producer's queue is full, `wait(has_room)` waits until the callable it is given
        returns True, or raises. A record that cannot be read, placed or converted, or that the
        client refuses, is given up (see Recovery.give_up).

        Raises:
            DeadLetterError: A dead letter is refused in every form.
            HalfWrittenError: A record is refused when some of its values are produced.
            Interrupted: The transaction has failed.

        """
        self._records.write(batch, wait, give_up)

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Why the client sends no more: a record was refused, of which a report is on its way, or
        something worse has happened.
        """
        end = monotonic() + DELIVERY_REPORT_WAIT_S
        while not self.delivery_error and monotonic() < end:
            with suppress(KafkaException):
                self.producer.poll(DELIVERY_REPORT_WAIT_S / 10)
        return self.delivery_error or ProducerError(error)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        """Called for failed deliveries only (delivery.report.only.error), inside poll() and
        flush().
        """
        if error is None:
            return
        self.unconfirmed += 1
        if error.code() in _PURGED:
            return
        self.undelivered += 1
        if self.delivery_error:
            return
        if remedy(error.code(), Client.PRODUCER) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            self.delivery_error = delivery_error(str(message.topic()), error)
        # Else the next call for the transaction says so: that costs the transaction, not the
        # process.
        elif not self._transactional:
            self.delivery_error = ProducerError(error)

    def _poll(self, call: Callable[[float], int], timeout: float) -> int:
        try:
            result = call(timeout)
        # A fatal error of the client is raised here, not given to error_cb.
        except KafkaException as error:
            raise self.end_of_producer(error.args[0]) from error
        if self.delivery_error:
            raise self.delivery_error
        if self._lost_metadata.brokers_forgotten:
            self._lost_metadata = LostMetadata()  # told once
            raise BrokersForgottenError(
                KafkaError(KafkaError.BROKER_NOT_AVAILABLE, "it has forgotten every broker")
            )
        if self._store_version != self._brokers.store_version and self._may_be_replaced():
            self._store_version = self._brokers.store_version  # told once
            raise BrokersForgottenError(KafkaError(KafkaError._SSL, StoresChangedError.WHY))
        return result

    def _may_be_replaced(self) -> bool:
        """Nothing is on its way, or it does not arrive."""
        self._outdated_since = self._outdated_since or monotonic()
        return not len(self.producer) or monotonic() - self._outdated_since > DELIVERY_S
