"""The consumer of a lane; another takes its place when librdkafka does not go on with it."""

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
        """It does not find back to its brokers, or its group, by itself (see Known)."""
        return self._brokers.known.none or self._brokers.known.unanswered

    def renew(self, why: str = "") -> None:
        """Another in its place, which belongs to no group yet. One that is lost is dropped unclosed: it is in none, or can tell nobody."""
        if not why:
            lost = "has forgotten every broker" if self._brokers.known.none else "waits in vain for the metadata of its topics"
            why = f"the consumer {lost}"
        log.warning("%s, a new one goes on in its place: nothing is lost", why)
        self._brokers.begin_anew()
        self.client = self._make()
