"""Whether the brokers can be reached: librdkafka's error callback says when not, its statistics say
when again.
"""

import logging
import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError

from config.kafka.java_property import Config
from connectors.cluster.tls_stores import TlsStores
from connectors.errors.client_exceptions import ClientError
from connectors.errors.connection_errors import explain, short_reason
from connectors.errors.lookup import reason, remedy
from connectors.errors.table import CONNECTION, Remedy
from connectors.monitoring.leaders import LeaderlessPartitions
from connectors.monitoring.lost_metadata import LostMetadata
from connectors.monitoring.reading_state import ReadingState
from connectors.monitoring.stalled_fetch import StalledFetch
from connectors.monitoring.statistics import Statistics, parse_document, read_consumer_stats
from connectors.records.keys import TopicPartitionKey
from runtime.control.status import Issue
from runtime.metrics.meter import Sample

log = logging.getLogger("processor.brokers")

_CONNECTED = {"UP", "INIT"}  # or not needed yet


class BrokerStatus:
    """What is known of the cluster's brokers; fed by the callbacks of every client, which run
    inside their poll().
    """

    def __init__(
        self,
        bootstrap: Sequence[str],
        client: Config | None = None,
        stores: TlsStores | None = None,
    ) -> None:
        """`bootstrap`: "host:port" as configured, for the operator to recognise; `client`: what
        librdkafka is given.
        """
        self.stores = stores
        self._bootstrap = ", ".join(bootstrap)
        self._client = client or {}
        self.trouble: Issue | None = None
        self._failure: ClientError | None = None
        self.samples: tuple[Sample, ...] = ()  # of the consumer's statistics
        group = str(self._client.get("group.id", ""))
        self.leaders = LeaderlessPartitions()  # of the input's partitions
        self.stalled_fetch = StalledFetch()  # of them
        self.lost_metadata = LostMetadata()  # to the consumer
        # Of partitions; the latest answer of their brokers.
        self.asked_ends: dict[TopicPartitionKey, int] = {}
        self.reading_state = self._reading_state()
        self.committed: Mapping[TopicPartitionKey, int] = {}  # by this process, of what it has now
        # Of partitions that are not fetched because the input is held.
        self.paused_ends: dict[TopicPartitionKey, int] = {}
        self._statistics = Statistics(
            lambda document: read_consumer_stats(document, group, self.committed, self.paused_ends)
        )
        self._last = ""  # the latest connection error: names the broker
        # That error has been told: no waiting will help, unless somebody mends it.
        self._refused = False
        self._outage = (0.0, 0.0)  # the latest that is over: from, to (epoch seconds)

    def on_error(self, error: KafkaError) -> None:
        """Librdkafka's error_cb: informational, but for "all brokers down"."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.mark_down(error.str())
        elif error.code() in CONNECTION:
            self._check_stores()
            if not self._refused:
                self._connection_failed(error)
        elif error.code() == KafkaError._FATAL or remedy(error.code()) in (
            Remedy.WAIT,
            Remedy.NEW_CLIENT,
        ):
            # A fatal one also comes as an exception, or in the place of a record.
            log.warning("%s (%s)", reason(error), error.name())
        else:
            self._failure = self._failure or ClientError(error)

    def check(self) -> None:
        """Raises ClientError after an error that no waiting helps."""
        if self._failure:
            raise self._failure

    def _reading_state(self) -> ReadingState:
        return ReadingState(
            self.asked_ends, newer_protocol=self._client.get("group.protocol") == "consumer"
        )

    @property
    def store_version(self) -> int:
        """Of the key and trust stores that a client is to be made with."""
        return self.stores.version if self.stores else 0

    def _check_stores(self) -> None:
        if self.stores:
            self.stores.check()
            self._client = self._client | self.stores.consumer

    def _connection_failed(self, error: KafkaError) -> None:
        line = explain(error, self._client)
        before, self._last = self._last, line or short_reason(error, self._client)
        if (
            line is None
            and "sasl.oauthbearer.token.endpoint.url" in self._last
            and self._last != before
        ):
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
        self.samples = self._statistics.observe(document)
        self.leaders.observe(document)
        self.stalled_fetch.observe(document)
        self.lost_metadata.observe(document)
        self.reading_state.observe(document)
        # Equal errors in a row are told once.
        if any(broker["state"] not in _CONNECTED for broker in document["brokers"].values()):
            self._check_stores()
        if (self.trouble or self._refused) and any(
            broker["state"] == "UP" for broker in document["brokers"].values()
        ):
            self.mark_up()

    def reset(self) -> None:
        """Another consumer is about to tell."""
        self.leaders, self.stalled_fetch, self.lost_metadata = (
            LeaderlessPartitions(),
            StalledFetch(),
            LostMetadata(),
        )
        self.reading_state = self._reading_state()

    def mark_down(self, what: str) -> None:
        """No broker can be reached; told once, however often it is noticed."""
        if self.trouble is None:
            self._last = self._last or what
            self.trouble = self._trouble(time.time())
            if not self._refused:
                log.warning("%s; waiting, nothing is lost", self.trouble.what)

    def _trouble(self, since: float) -> Issue:
        what = f"no broker of {self._bootstrap} can be reached: {self._last}"
        return Issue(what, since, broker_away=True, refused=self._refused)

    def mark_up(self) -> None:
        self._last, self._refused = "", False
        if self.trouble:
            self._outage = self.trouble.since, time.time()
            self.trouble, self.stalled_fetch = None, StalledFetch()
            log.info(
                "a broker can be reached again, after %.1f s", self._outage[1] - self._outage[0]
            )

    def away_since(self, moment: float) -> float:
        """How long (seconds) the latest outage lasted that was not over before `moment` (epoch
        seconds).
        """
        began, ended = (self.trouble.since, time.time()) if self.trouble else self._outage
        return ended - began if ended > moment else 0.0
