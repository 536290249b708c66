"""Whether any broker answers.

librdkafka's error callback reports the start of an outage. Its statistics report the end.
"""

import logging
import time
from collections.abc import Sequence

from confluent_kafka import KafkaError

from config.kafka.java_property import Config
from connectors.cluster.tls_stores import TlsStores
from connectors.errors.client_exceptions import ClientError, StoresChangedError
from connectors.errors.connection_errors import explain, short_reason
from connectors.errors.listener_security import explain_silence
from connectors.errors.lookup import reason, remedy
from connectors.errors.table import CONNECTION, Remedy
from connectors.monitoring.client_monitor import ClientMonitor, ConsumerMonitor
from connectors.monitoring.stalled_fetch import StalledFetch
from connectors.monitoring.statistics import Document, parse_document
from runtime.control.status import Issue

log = logging.getLogger("processor.brokers")

_CONNECTED = {"UP", "INIT"}  # INIT: no connection was needed yet


# Only Linux has it. On macOS the monotonic clock runs on while the machine is suspended.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_time() -> float:
    """Return the seconds since this machine started.

    The clock cannot step. It runs on while the machine is suspended, because the broker's time-out
    of a transaction does so, too.
    """
    return time.clock_gettime(_BOOT_CLOCK)


class BrokerStatus:
    """Whether any broker answers. Callbacks of every client report here, inside their poll()."""

    def __init__(
        self,
        bootstrap: Sequence[str],
        client: Config | None = None,
        stores: TlsStores | None = None,
    ) -> None:
        """Start without an outage.

        Args:
            bootstrap: "host:port" of each broker as configured, for messages.
            client: The consumer's configuration for librdkafka.
            stores: Key and trust stores; None without TLS.
        """
        self.stores = stores
        self._bootstrap = list(bootstrap)
        self._client = client or {}
        self.trouble: Issue | None = None
        self._failure: ClientError | None = None
        self.consumer = ConsumerMonitor(
            str(self._client.get("group.id", "")),
            newer_protocol=self._client.get("group.protocol") == "consumer",
        )
        self.producer: ClientMonitor | None = None  # once there is one
        self._last = ""  # the latest connection error, with the broker's name
        # That error needs a person. It has been logged.
        self._refused = False
        self._away_from = 0.0  # start of the present outage; boot time
        self._outage = (0.0, 0.0)  # start and end of the last outage; boot time

    def on_error(self, error: KafkaError) -> None:
        """Handle librdkafka's error_cb.

        Only "all brokers down" and errors that need a person have an effect.

        Args:
            error: The client's error.
        """
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
            # A fatal error is also raised, or comes in place of a record.
            log.warning("%s (%s)", reason(error), error.name())
        else:
            self._failure = self._failure or ClientError(error)
        self._replace_outdated()

    def check(self) -> None:
        """Raise ClientError after an error that needs a person."""
        if self._failure:
            raise self._failure

    def _check_stores(self) -> None:
        if self.stores and self.stores.has_changed():
            self._client = self._client | self.stores.consumer
            self.consumer.is_outdated = True
            if self.producer:
                self.producer.is_outdated = True

    def _replace_outdated(self) -> None:
        """Have an outdated consumer replaced without a close.

        Without a broker the consumer cannot leave its group.
        """
        if self.trouble and self.consumer.is_outdated:
            self.consumer.lost = StoresChangedError.WHY

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
            if self.trouble:  # librdkafka may report the outage before its reason
                self.trouble = self._trouble(self.trouble.since)

    def on_statistics(self, statistics: str) -> None:
        """Handle the consumer's stats_cb. One connected broker ends an outage.

        Args:
            statistics: The statistics as JSON.
        """
        if (document := parse_document(statistics)) is not None:
            self.consumer.observe(document)
            self._look_for_brokers(document)
            self._replace_outdated()

    def _look_for_brokers(self, document: Document) -> None:
        # Equal errors in a row call on_error only once, so the stores are checked here, too.
        if any(broker["state"] not in _CONNECTED for broker in document["brokers"].values()):
            self._check_stores()
        if (self.trouble or self._refused) and any(
            broker["state"] == "UP" for broker in document["brokers"].values()
        ):
            self.mark_up()

    def mark_down(self, what: str) -> None:
        """Note that no broker answers. The first call of an outage logs it.

        Args:
            what: Why, unless a connection error is known.
        """
        if self.trouble is None:
            if not self._refused and self._client:
                wanted = explain_silence(self._bootstrap, self._client)
                self._last, self._refused = wanted or self._last, wanted is not None
                if wanted:
                    log.error("%s; trying again, nothing is lost", wanted)
            self._last = self._last or what
            self.trouble, self._away_from = self._trouble(time.time()), boot_time()
            if not self._refused:
                log.warning("%s; waiting, nothing is lost", self.trouble.what)
        self._replace_outdated()

    def _trouble(self, since: float) -> Issue:
        what = f"no broker of {', '.join(self._bootstrap)} can be reached: {self._last}"
        return Issue(what, since, broker_away=True, refused=self._refused)

    def mark_up(self) -> None:
        """Note that a broker answers. An outage is over."""
        self._last, self._refused = "", False
        if self.trouble:
            self._outage = self._away_from, boot_time()
            self.trouble, self.consumer.stalled_fetch = None, StalledFetch()
            log.info(
                "a broker can be reached again, after %.1f s", self._outage[1] - self._outage[0]
            )

    def away_since(self, moment: float) -> float:
        """Return how many seconds the latest outage lasted, or 0 if it ended before a moment.

        Args:
            moment: Boot time, in seconds.
        """
        began, ended = (self._away_from, boot_time()) if self.trouble else self._outage
        return ended - began if ended > moment else 0.0
