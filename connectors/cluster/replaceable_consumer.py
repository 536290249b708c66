"""The consumer of a task; another takes its place when librdkafka does not go on with it."""

import logging
from collections.abc import Callable
from functools import cached_property

from confluent_kafka import Consumer

from connectors.cluster.broker_status import BrokerStatus

log = logging.getLogger("processor.clients")


class ReplaceableConsumer:
    """Holds the present consumer. A caller takes it from here at each call."""

    def __init__(self, make: Callable[[], Consumer], brokers: BrokerStatus) -> None:
        """`brokers` has the monitor that the consumer's callbacks feed."""
        self._make = make
        self._brokers = brokers

    @cached_property
    def client(self) -> Consumer:
        """The present consumer; the first one is made when it is needed."""
        return self._make()

    def renew(self, why: str) -> None:
        """Another in its place, which belongs to no group yet; the one before is dropped as it
        is.
        """
        log.warning("%s, a new one goes on in its place: nothing is lost", why)
        self._brokers.consumer.reset()
        self.client = self._make()
