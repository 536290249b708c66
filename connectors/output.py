"""The producing half of a lane: every record of a batch, in order, and the certainty that it has arrived."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Message, Producer

import config.kafka
from config import Settings
from connectors import clients
from connectors.batch import Batch, TopicPartitionKey
from connectors.brokers import Brokers
from connectors.error_remedies import remedy
from connectors.error_table import Client, Remedy
from connectors.errors import ConnectorError, ForgottenError, ProducerError, StoresChangedError
from connectors.known import Known
from connectors.leaders import Leaders
from connectors.progress import Progress
from connectors.record_errors import delivery_error
from connectors.record_writer import GiveUp, RecordWriter, Wait
from connectors.statistics import Statistics, parse_document, producer
from runtime.meters import Sample

DELIVERY_S = 5.0  # given to records on their way when the key or trust store has changed
REPORT = 0.5  # seconds given to a delivery report that is on its way
FLUSH_S = 0.1  # one flush; see Output.delivered
_PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}  # dropped with the transaction


class Output:
    """A producer and the first delivery that failed. After a failure nothing may be committed."""

    def __init__(self, settings: Settings, brokers: Brokers) -> None:
        """Raises ClientError when librdkafka refuses the settings."""
        self._properties = config.kafka.producer_config(settings)
        self._brokers = brokers
        self._transactional = settings.transactional_id is not None
        self._records = RecordWriter(settings, self)
        self.samples: tuple[Sample, ...] = ()  # of the producer's statistics
        self.leaders = Leaders()  # of the partitions written to
        self._progress = Progress()
        self.undelivered = 0  # deliveries that have failed
        self.unconfirmed = 0  # and those dropped with their transaction
        self.producer = self._make()
        self.failure: ConnectorError | None = None

    def bound(self, partitions: Mapping[str, int]) -> None:
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

    def rebuild(self) -> None:
        """A new producer in place of one that is of no use any more; what it had not delivered is dropped."""
        self.leaders = Leaders()
        self.producer, self.failure = self._make(), None

    def _make(self) -> Producer:
        self._known = Known()  # to the producer
        self._store_version = self._brokers.store_version
        self._outdated_since = 0.0
        self._statistics = Statistics(lambda document: producer(document, self.undelivered))
        properties = self._properties | (self._brokers.stores.producer if self._brokers.stores else {})
        return clients.make_producer(properties, self._brokers, self._on_delivery, self._on_statistics)

    def _on_statistics(self, statistics: str) -> None:
        if (document := parse_document(statistics)) is None:
            return
        self.samples = self._statistics.take(document)
        self.leaders.take(document)
        self._known.take(document)

    def partitions(self) -> list[TopicPartitionKey]:
        """Every partition of the topics written to. Raises as clients.leaders does."""
        return [(topic, number) for topic in self._records.topics for number in self._leaders_of(topic)]

    def check(self) -> None:
        """Serve delivery reports.

        Raises DeliveryError when a delivery has failed, TopicGoneError when none ever will be made, ProducerError when the client has
        failed.
        """
        self._serve(self.producer.poll, 0)
        if self._brokers.trouble is None:
            self._ask_for_topics()

    def _ask_for_topics(self) -> None:
        """Ask the cluster whether all is well with the topics, should there be reason to doubt it: the client may wait for ever."""
        if lost := self.leaders.overlooked(self._leaders_of):
            raise ForgottenError(KafkaError(KafkaError.LEADER_NOT_AVAILABLE, f"it has overlooked that {lost} has a leader again"))
        if self._progress.stands(len(self.producer)):
            with suppress(KafkaException):  # no broker answers: nothing can be said
                for topic in self._records.topics:
                    self._leaders_of(topic)

    def _leaders_of(self, topic: str) -> Mapping[int, int]:
        return clients.leaders(self.producer, topic)

    def delivered(self, timeout: float) -> bool:
        """Whether everything produced so far is confirmed, waiting `timeout` seconds at most. Raises as check() does.

        Never a flush of 200 ms or more: the client would divide it, and go on after a callback has left an exception.
        """
        end = monotonic() + timeout
        while self._serve(self.producer.flush, max(0.0, min(FLUSH_S, end - monotonic()))):
            if monotonic() >= end:
                return False
        return True

    def write(self, batch: Batch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters.

        When the producer's queue is full, `wait(has_room)` waits until the callable it is given returns True, or raises. A record that
        cannot be read, placed or converted, or that the client refuses, is given up (see Recovery.give_up).

        Raises:
            DeadLetterError: A dead letter is refused in every form.
            HalfWrittenError: A record is refused when some of its values are produced.
            Interrupted: The transaction has failed.

        """
        self._records.write(batch, wait, give_up)

    def end_of_producer(self, error: KafkaError) -> ConnectorError:
        """Why the client sends no more: a record was refused, of which a report is on its way, or something worse has happened."""
        end = monotonic() + REPORT
        while not self.failure and monotonic() < end:
            with suppress(KafkaException):
                self.producer.poll(REPORT / 10)
        return self.failure or ProducerError(error)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        """Called for failed deliveries only (delivery.report.only.error), inside poll() and flush()."""
        if error is None:
            return
        self.unconfirmed += 1
        if error.code() in _PURGED:
            return
        self.undelivered += 1
        if self.failure:
            return
        if remedy(error.code(), Client.PRODUCER) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            self.failure = delivery_error(str(message.topic()), error)
        elif not self._transactional:  # else the next call for the transaction says so: that costs the transaction, not the process
            self.failure = ProducerError(error)

    def _serve(self, call: Callable[[float], int], timeout: float) -> int:
        try:
            result = call(timeout)
        except KafkaException as error:  # a fatal error of the client is raised here, not given to error_cb
            raise self.end_of_producer(error.args[0]) from error
        if self.failure:
            raise self.failure
        if self._known.none:
            self._known = Known()  # told once
            raise ForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE, "it has forgotten every broker"))
        if self._store_version != self._brokers.store_version and self._may_be_replaced():
            self._store_version = self._brokers.store_version  # told once
            raise ForgottenError(KafkaError(KafkaError._SSL, StoresChangedError.WHY))
        return result

    def _may_be_replaced(self) -> bool:
        """Nothing is on its way, or it does not arrive."""
        self._outdated_since = self._outdated_since or monotonic()
        return not len(self.producer) or monotonic() - self._outdated_since > DELIVERY_S
