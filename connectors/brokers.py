"""Whether the brokers can be reached: librdkafka's error callback says when not, its statistics say when again."""

import logging
import time
from collections.abc import Sequence

from confluent_kafka import KafkaError

from config.javaclient import Config
from connectors.known import Known
from connectors.leaders import Leaders
from connectors.refusal import refusal
from connectors.statistics import Statistics, consumer, parse_document
from connectors.unread import Unread
from runtime.meters import Sample
from runtime.status import Trouble

log = logging.getLogger(__name__)

# Errors of one connection; librdkafka retries all of them by itself.
_CONNECTION = {KafkaError._TRANSPORT, KafkaError._RESOLVE, KafkaError._SSL, KafkaError._AUTHENTICATION, KafkaError._TIMED_OUT}


class Brokers:
    """What is known of the cluster's brokers; fed by the callbacks of every client, which run inside their poll()."""

    def __init__(self, bootstrap: Sequence[str], client: Config | None = None) -> None:
        """`bootstrap`: "host:port" as configured, for the operator to recognise; `client`: what librdkafka is given."""
        self._bootstrap = ", ".join(bootstrap)
        self._client = client or {}
        self.trouble: Trouble | None = None
        self.samples: tuple[Sample, ...] = ()  # of the consumer's statistics
        group = str(self._client.get("group.id", ""))
        self.leaders = Leaders()  # of the input's partitions
        self.unread = Unread()  # of them
        self.known = Known()  # to the consumer
        self._statistics = Statistics(lambda document: consumer(document, group))
        self._last = ""  # the latest connection error: names the broker
        self._refused = False  # that error has been told: no waiting will help, unless somebody mends it
        self._outage = (0.0, 0.0)  # the latest that is over: from, to (epoch seconds)

    def on_error(self, error: KafkaError) -> None:
        """Librdkafka's error_cb: informational, but for "all brokers down"."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.away(error.str())
        elif error.code() in _CONNECTION:
            if not self._refused:
                self._connection_failed(error)
        else:
            log.warning("%s (%s)", error.str(), error.name())

    def _connection_failed(self, error: KafkaError) -> None:
        reason = refusal(error, self._client)
        self._last = reason or error.str()
        self._refused = reason is not None
        if self._refused:
            log.error("%s; trying again, nothing is lost", reason)
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
        if (self.trouble or self._refused) and any(broker["state"] == "UP" for broker in document["brokers"].values()):
            self.back()

    def begin_anew(self) -> None:
        """Another consumer is about to tell."""
        self.leaders, self.unread, self.known = Leaders(), Unread(), Known()

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
