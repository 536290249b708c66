"""The consumer of a task, which is replaced when librdkafka cannot go on."""

import logging
from collections.abc import Callable
from functools import cached_property

from confluent_kafka import Consumer

from connectors.cluster.broker_status import BrokerStatus

log = logging.getLogger("processor.clients")


class ReplaceableConsumer:
    """Holds the present consumer. Callers take it from here at each call. On the task's thread."""

    def __init__(self, make: Callable[[], Consumer], brokers: BrokerStatus) -> None:
        """Prepare. The first client is made when it is needed.

        Args:
            make: Makes a client. It may raise ClientError.
            brokers: Has the monitor that the client's callbacks feed.
        """
        self._make = make
        self._brokers = brokers

    @cached_property
    def client(self) -> Consumer:
        """The present client."""
        return self._make()

    def renew(self, why: str) -> None:
        """Make another client, which belongs to no group yet. The former one is not closed.

        Args:
            why: The reason, for the log.
        """
        log.warning("%s, a new consumer goes on in its place: nothing is lost", why)
        self._brokers.consumer.reset()
        self.client = self._make()
