"""The consumer of a lane; another takes its place when librdkafka does not go on with it."""

import logging
from collections.abc import Callable

from confluent_kafka import Consumer

from connectors.cluster.broker_status import BrokerStatus
from connectors.errors.client_exceptions import StoresChangedError

log = logging.getLogger("processor.clients")


class ReplaceableConsumer:
    """Holds the present consumer. A caller takes it from here at each call."""

    def __init__(self, make: Callable[[], Consumer], brokers: BrokerStatus) -> None:
        """`brokers`: what the consumer's callbacks feed."""
        self._make = make
        self._brokers = brokers
        self._store_version = brokers.store_version
        self.client = make()

    @property
    def lost(self) -> str:
        """Why it does not find back to its brokers, or its group, by itself (see Known), or ""."""
        if self._brokers.lost_metadata.brokers_forgotten:
            return "the consumer has forgotten every broker"
        if self.is_outdated and self._brokers.trouble:
            return StoresChangedError.WHY
        return (
            "the consumer waits in vain for the metadata of its topics"
            if self._brokers.lost_metadata.metadata_unanswered
            else ""
        )

    @property
    def is_outdated(self) -> bool:
        """The key or trust store has changed since the consumer was made."""
        return self._store_version != self._brokers.store_version

    def renew(self, why: str) -> None:
        """Another in its place, which belongs to no group yet; the one before is dropped as it
        is.
        """
        log.warning("%s, a new one goes on in its place: nothing is lost", why)
        self._brokers.reset()
        self._store_version = self._brokers.store_version
        self.client = self._make()
