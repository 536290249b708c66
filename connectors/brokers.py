"""Whether the brokers can be reached: librdkafka's error callback says when not, its statistics say when again."""

import logging
import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError

from config.javaproperty import Config
from connectors.batch import TopicPartitionKey
from connectors.error_remedies import reason, remedy
from connectors.error_table import CONNECTION, Remedy
from connectors.errors import ClientError
from connectors.known import Known
from connectors.leaders import Leaders
from connectors.reading_state import ReadingState
from connectors.refusal import problem, refusal
from connectors.statistics import Statistics, consumer, parse_document
from connectors.tls_stores import TlsStores
from connectors.unread import Unread
from runtime.meters import Sample
from runtime.status import Trouble

log = logging.getLogger("processor.brokers")

_CONNECTED = {"UP", "INIT"}  # or not needed yet


class Brokers:
    """What is known of the cluster's brokers; fed by the callbacks of every client, which run inside their poll()."""

    def __init__(self, bootstrap: Sequence[str], client: Config | None = None, stores: TlsStores | None = None) -> None:
        """`bootstrap`: "host:port" as configured, for the operator to recognise; `client`: what librdkafka is given."""
        self.stores = stores
        self._bootstrap = ", ".join(bootstrap)
        self._client = client or {}
        self.trouble: Trouble | None = None
        self._failure: ClientError | None = None
        self.samples: tuple[Sample, ...] = ()  # of the consumer's statistics
        group = str(self._client.get("group.id", ""))
        self.leaders = Leaders()  # of the input's partitions
        self.unread = Unread()  # of them
        self.known = Known()  # to the consumer
        self.asked_ends: dict[TopicPartitionKey, int] = {}  # of partitions; the latest answer of their brokers
        self.reading = self._reading_state()
        self.committed: Mapping[TopicPartitionKey, int] = {}  # by this process, of what it has now
        self.held_ends: dict[TopicPartitionKey, int] = {}  # of partitions that are not fetched because the input is held
        self._statistics = Statistics(lambda document: consumer(document, group, self.committed, self.held_ends))
        self._last = ""  # the latest connection error: names the broker
        self._refused = False  # that error has been told: no waiting will help, unless somebody mends it
        self._outage = (0.0, 0.0)  # the latest that is over: from, to (epoch seconds)

    def on_error(self, error: KafkaError) -> None:
        """Librdkafka's error_cb: informational, but for "all brokers down"."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.away(error.str())
        elif error.code() in CONNECTION:
            self._look_at_stores()
            if not self._refused:
                self._connection_failed(error)
        elif error.code() == KafkaError._FATAL or remedy(error.code()) in (Remedy.WAIT, Remedy.NEW_CLIENT):
            log.warning(
                "%s (%s)", reason(error), error.name()
            )  # a fatal one also comes as an exception, or in the place of a record
        else:
            self._failure = self._failure or ClientError(error)

    def check(self) -> None:
        """Raises ClientError after an error that no waiting helps."""
        if self._failure:
            raise self._failure

    def _reading_state(self) -> ReadingState:
        return ReadingState(self.asked_ends, newer_protocol=self._client.get("group.protocol") == "consumer")

    @property
    def store_version(self) -> int:
        """Of the key and trust stores that a client is to be made with."""
        return self.stores.version if self.stores else 0

    def _look_at_stores(self) -> None:
        if self.stores:
            self.stores.look()
            self._client = self._client | self.stores.consumer

    def _connection_failed(self, error: KafkaError) -> None:
        line = refusal(error, self._client)
        before, self._last = self._last, line or problem(error, self._client)
        if line is None and "sasl.oauthbearer.token.endpoint.url" in self._last and self._last != before:
            log.warning("%s; trying again, nothing is lost", self._last)
        self._refused = line is not None
        if self._refused:
            log.error("%s; trying again, nothing is lost", line)
            if self.trouble:  # librdkafka may tell that no broker is there before it tells why
                self.trouble = self._trouble(self.trouble.since)

    def on_statistics(self, statistics: str) -> None:
        """The consumer's stats_cb: one connected broker is enough to go on."""
        if (document := parse_document(statistics)) is None:
            return
        self.samples = self._statistics.take(document)
        self.leaders.take(document)
        self.unread.take(document)
        self.known.take(document)
        self.reading.observe(document)
        if any(broker["state"] not in _CONNECTED for broker in document["brokers"].values()):  # equal errors in a row are told once
            self._look_at_stores()
        if (self.trouble or self._refused) and any(broker["state"] == "UP" for broker in document["brokers"].values()):
            self.back()

    def begin_anew(self) -> None:
        """Another consumer is about to tell."""
        self.leaders, self.unread, self.known = Leaders(), Unread(), Known()
        self.reading = self._reading_state()

    def away(self, what: str) -> None:
        """No broker can be reached; told once, however often it is noticed."""
        if self.trouble is None:
            self._last = self._last or what
            self.trouble = self._trouble(time.time())
            if not self._refused:
                log.warning("%s; waiting, nothing is lost", self.trouble.what)

    def _trouble(self, since: float) -> Trouble:
        what = f"no broker of {self._bootstrap} can be reached: {self._last}"
        return Trouble(what, since, broker_away=True, refused=self._refused)

    def back(self) -> None:
        self._last, self._refused = "", False
        if self.trouble:
            self._outage = self.trouble.since, time.time()
            self.trouble, self.unread = None, Unread()
            log.info("a broker can be reached again, after %.1f s", self._outage[1] - self._outage[0])

    def away_since(self, moment: float) -> float:
        """How long (seconds) the latest outage lasted that was not over before `moment` (epoch seconds)."""
        began, ended = (self.trouble.since, time.time()) if self.trouble else self._outage
        return ended - began if ended > moment else 0.0
