"""The producing half of a task: sends records in order, and knows which are delivered."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from config import Settings
from config.librdkafka import client_config
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
from connectors.monitoring.client_monitor import ClientMonitor
from connectors.monitoring.stalled_delivery import StalledDelivery
from connectors.monitoring.statistics import read_producer_stats
from connectors.produce.record_sender import Wait
from connectors.produce.record_writer import RecordWriter
from connectors.produce.rejections import GiveUp
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey

DELIVERY_S = 5.0  # for records in flight after a key or trust store has changed
DELIVERY_REPORT_WAIT_S = 0.5  # how long to wait for a delivery report after a fatal error
FLUSH_S = 0.1  # of one flush, see RecordProducer.flush
STALL_CHECK_INTERVAL_S = 0.1  # between two checks whether deliveries stall
SMALL_BATCH_RECORDS = 100  # fewer are sent at once: waiting for more records helps nobody
SEND_NOW_S = 0.001  # librdkafka does not wait for linger.ms while a flush lasts
_PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}  # dropped with the transaction


class RecordProducer:
    """A producer, and the first delivery that failed. After a failure nothing may be committed.

    All methods run on the task's thread.
    """

    def __init__(self, settings: Settings, brokers: BrokerStatus) -> None:
        """Make the client. No broker is asked yet.

        Args:
            settings: The settings.
            brokers: Gets errors of connections, and the producer's monitor.

        Raises:
            ClientError: librdkafka refuses the settings.
        """
        self._properties = client_config.producer_config(settings)
        self._brokers = brokers
        self._transactional = settings.transactional_id is not None
        self._records = RecordWriter(settings, self)
        # A user who sets a longer linger.ms wants full batches at any load.
        self._sends_small_batches = float(self._properties["linger.ms"]) <= client_config.LINGER_MS
        self._is_small_batch = False  # the last one, and it is not sent yet
        self._stalled_delivery = StalledDelivery()
        self._stall_check_at = 0.0
        self.undelivered = 0  # deliveries that have failed
        self.failed_reports = 0  # the same, and reports of records dropped with their transaction
        self.monitor = brokers.producer = ClientMonitor(
            lambda document: read_producer_stats(document, self.undelivered)
        )
        self.delivery_error: ConnectorError | None = None
        self._postponed: ConnectorError | None = None
        self.producer = self._make()

    def set_partition_count(self, partitions: Mapping[str, int]) -> None:
        """Take over the number of partitions.

        Args:
            partitions: How many partitions each topic has.
        """
        self._records.bound(partitions)

    @property
    def sent(self) -> int:
        """How many records have been produced, without dead letters."""
        return self._records.sent

    @property
    def dropped(self) -> int:
        """How many records have no value to produce, without dead letters."""
        return self._records.dropped

    def recreate(self) -> None:
        """Replace the client. Records that it has not delivered are dropped."""
        self.producer, self.delivery_error, self._postponed = self._make(), None, None

    def _make(self) -> Producer:
        self.monitor.reset()
        self._outdated_since = 0.0
        stores = self._brokers.stores
        properties = self._properties | (stores.producer if stores else {})
        return clients.make_producer(
            properties, self._brokers, self._on_delivery, self.monitor.on_statistics
        )

    def partitions(self) -> list[TopicPartitionKey]:
        """Return every partition of the topics written to. Raises as clients.fetch_leaders does."""
        return [
            (topic, number) for topic in self._records.topics for number in self._leaders_of(topic)
        ]

    def raise_for_failed_delivery(self) -> None:
        """Run delivery callbacks, and send a small batch. Blocks for a millisecond, or a request.

        Raises:
            DeliveryError: A delivery has failed.
            TopicDeletedError: The topic does not exist any more.
            ProducerError: The client has failed.
        """
        if self._is_small_batch:
            self._is_small_batch = False
            self._serve(self.producer.flush, SEND_NOW_S)
        else:
            self._serve(self.producer.poll, 0)
        if monotonic() >= self._stall_check_at:
            self._stall_check_at = monotonic() + STALL_CHECK_INTERVAL_S
            self._raise_for_stall()

    def _raise_for_stall(self) -> None:
        """Ask the cluster about the topics if they are in doubt. The client may wait for ever."""
        if self._brokers.trouble:
            return
        if lost := self.monitor.leaders.missed_election(self._leaders_of):
            why = f"it has overlooked that {lost} has a leader again"
            raise BrokersForgottenError(KafkaError(KafkaError.LEADER_NOT_AVAILABLE, why))
        if self._stalled_delivery.is_stalled(len(self.producer)):
            with suppress(KafkaException):  # no broker answers: the topics stay in doubt
                self.partitions()

    def _leaders_of(self, topic: str) -> Mapping[int, int]:
        return clients.fetch_leaders(self.producer, topic)

    def flush(self, timeout: float) -> bool:
        """Wait until all records produced so far are delivered.

        Never flushes for 200 ms at once. The client would divide that time, and go on after a
        callback with an exception.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether all are delivered.

        Raises:
            ConnectorError: As raise_for_failed_delivery().
        """
        end = monotonic() + timeout
        while self._serve(self.producer.flush, max(0.0, min(FLUSH_S, end - monotonic()))):
            if monotonic() >= end:
                return False
        return True

    def produce_batch(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters.

        Args:
            batch: The records, after all steps.
            wait: Blocks until its argument returns True, when the client's queue is full.
            give_up: Handles a record that cannot be read or converted, has no partition, or is
                rejected by the client (see RetryPolicy.give_up).

        Raises:
            DeadLetterError: A dead letter is rejected in every form.
            HalfWrittenError: A record is rejected when some of its values are produced.
            Interrupted: The transaction has failed, or a stop or a rebalance ended a wait.
        """
        self._records.write(batch, wait, give_up)
        self._is_small_batch = self._sends_small_batches and batch.taken < SMALL_BATCH_RECORDS

    def poll(self) -> None:
        """Run callbacks during a wait. The next call of another method raises their errors."""
        try:
            self.producer.poll(0)
        except KafkaException as error:
            self.postpone(self.end_of_producer(error.args[0]))

    def postpone(self, error: ConnectorError) -> None:
        """Have the next call raise, once, an error that a callback or a wait must not raise.

        Args:
            error: What a call has raised.
        """
        self._postponed = error

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Return why the client sends no more records.

        It is this error, or a failed delivery. Waits DELIVERY_REPORT_WAIT_S for its callback.

        Args:
            error: The error of a call.
        """
        end = monotonic() + DELIVERY_REPORT_WAIT_S
        while not self.delivery_error and monotonic() < end:
            with suppress(KafkaException):
                self.producer.poll(DELIVERY_REPORT_WAIT_S / 10)
        return self.delivery_error or ProducerError(error)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        """Note a failed delivery. Called inside poll() and flush().

        delivery.report.only.error suppresses all other calls.
        """
        if error is None:
            return
        self.failed_reports += 1
        if error.code() in _PURGED:
            return
        self.undelivered += 1
        if self.delivery_error:
            return
        if remedy(error.code(), Client.PRODUCER) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            self.delivery_error = delivery_error(str(message.topic()), error)
        # With transactions, the next call raises it: the transaction fails, not the process.
        elif not self._transactional:
            self.delivery_error = ProducerError(error)

    def _serve(self, call: Callable[[float], int], timeout: float) -> int:
        try:
            result = call(timeout)
        # Fatal errors of the client are raised here. error_cb does not get them.
        except KafkaException as error:
            raise self.end_of_producer(error.args[0]) from error
        if self.delivery_error:
            raise self.delivery_error
        if self._postponed:
            postponed, self._postponed = self._postponed, None
            raise postponed
        if self.monitor.lost:
            why = self.monitor.take_lost()
            raise BrokersForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE, why))
        if self.monitor.is_outdated and self._may_be_replaced():
            self.monitor.is_outdated = False
            raise BrokersForgottenError(KafkaError(KafkaError._SSL, StoresChangedError.WHY))
        return result

    def _may_be_replaced(self) -> bool:
        """Whether no record is in flight, or DELIVERY_S have passed."""
        self._outdated_since = self._outdated_since or monotonic()
        return not len(self.producer) or monotonic() - self._outdated_since > DELIVERY_S
