"""The consumer of a lane; another takes its place when librdkafka has no broker left to go on with."""

import logging
from collections.abc import Callable

from confluent_kafka import Consumer

from connectors.brokers import Brokers

log = logging.getLogger(__name__)


class CurrentConsumer:
    """Whoever uses the consumer takes it from here at each call."""

    def __init__(self, make: Callable[[], Consumer], brokers: Brokers) -> None:
        """`brokers`: what the consumer's callbacks feed."""
        self._make = make
        self._brokers = brokers
        self.client = make()

    @property
    def is_lost(self) -> bool:
        """It knows of no broker any more, and never will (see Known)."""
        return self._brokers.known.none

    def renew(self) -> None:
        """Another in its place, which belongs to no group yet. The old one is dropped unclosed: it can tell nobody that it leaves."""
        log.warning("the consumer has forgotten every broker, a new one goes on in its place: nothing is lost")
        self._brokers.begin_anew()
        self.client = self._make()
