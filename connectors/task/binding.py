"""Finds or creates the topics before records are read.

It tries again while a broker or a topic is missing, as Spring's late binding does.
"""

import logging
import time
from collections.abc import Mapping
from time import monotonic

from config import Settings
from connectors.cluster import clients
from connectors.cluster.binding_errors import AdminRequestError, BindingError, BrokerAwayError
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.cluster.topic_provisioner import TopicProvisioner
from connectors.failures.dead_letters import DeadLetterQueue
from runtime.control.status import Issue

log = logging.getLogger("processor.topics")

# Until the second try. Doubles with each try, up to spring.cloud.stream.binding-retry-interval.
FIRST_RETRY_S = 0.5
# The most between tries while no broker answers: a try is cheap, and records wait.
BROKER_RETRY_S = 2.0


class TopicBinding:
    """Tries to bind until it works. On the task's thread."""

    def __init__(
        self,
        settings: Settings,
        consumer: ReplaceableConsumer,
        brokers: BrokerStatus,
        dead_letters: DeadLetterQueue,
    ) -> None:
        """Prepare; no broker is asked yet.

        Args:
            settings: Which topics there have to be, and how often to try.
            consumer: Its client is asked for the topics.
            brokers: Gets whether any broker answers.
            dead_letters: Gets the dead letter topics that exist.
        """
        self._topics = TopicProvisioner(
            settings, consumer, dead_letters, lambda: clients.make_admin(settings, brokers)
        )
        self._dead_letters = dead_letters
        self._consumer = consumer
        self._brokers = brokers
        self._limit = settings.binding_retry_interval
        self._delay = FIRST_RETRY_S
        self._next_at = 0.0
        self._bound = False
        self.trouble: Issue | None = None

    @property
    def partitions(self) -> Mapping[str, int]:
        """How many partitions each topic has, once the topics are bound."""
        return self._topics.partitions

    def try_bind(self) -> bool:
        """Try to bind if it is time to. Blocks for some requests.

        Returns:
            Whether the topics are bound.

        Raises:
            BindingError: The settings say not to try again, or required dead letters cannot be had.
        """
        if why := self._brokers.consumer.lost:
            self._consumer.renew(why)
        # Runs callbacks for logs and statistics, also while a transactional.id is waited for.
        self._consumer.client.poll(0)
        if self._bound:
            return True
        if monotonic() < self._next_at:
            return False
        try:
            self._topics.bind()
            self._bind_dead_letters()
        except BrokerAwayError as error:
            self._consumer.client.poll(0)  # runs callbacks for errors of connections
            self._brokers.mark_down(str(error))
            self._later(BROKER_RETRY_S)
            return False
        except BindingError as error:
            if self._limit <= 0 or isinstance(error, AdminRequestError):
                raise
            if self.trouble is None or self.trouble.what != str(error):
                self.trouble = Issue(str(error), time.time())
                log.warning("cannot bind yet: %s", error)
            self._later(self._limit)
            return False
        self._brokers.mark_up()
        self._bound = True
        return True

    def _bind_dead_letters(self) -> None:
        self.trouble = None
        if not self._dead_letters.wanted:
            return
        try:
            self._topics.bind_dead_letters()
        except AdminRequestError as error:
            if self._dead_letters.required:
                raise
            self.trouble = Issue(
                f"no dead letters: {error}; a record that cannot be processed will stop the "
                f"processor",
                time.time(),
            )
            log.warning("%s", self.trouble.what)

    def _later(self, limit: float) -> None:
        self._next_at = monotonic() + min(self._delay, limit)
        self._delay *= 2
