"""Binding: the topics have to be there before records can move. What is missing is created as Spring's Kafka binder does."""

import logging
import re
from collections.abc import Callable
from concurrent.futures import TimeoutError as NotYet

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic

from config import Settings
from connectors.dead_letters import DeadLetters
from connectors.errors import ConnectorError

log = logging.getLogger(__name__)

# Seconds one look at the metadata or one admin request may hold the main thread; a stop waits that long at most.
PATIENCE = 1.0
_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")

_AUTO_CREATE = "spring.cloud.stream.kafka.binder.auto-create-topics"
_REFUSALS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.POLICY_VIOLATION,
    KafkaError.INVALID_REPLICATION_FACTOR,
}


class BindingError(ConnectorError):
    """The topics cannot be used (yet): binding is tried again."""


class BrokerAwayError(BindingError):
    """No broker answered."""


class RefusedError(BindingError):
    """The broker does not allow it; trying again will hardly help."""


class Topics:
    """The input and output topics of this processor, checked and where needed created."""

    def __init__(
        self, settings: Settings, consumer: Consumer, dead_letters: DeadLetters, make_admin: Callable[[], AdminClient]
    ) -> None:
        """Raises ConnectorError for a name that Kafka does not allow. `make_admin` is called only when something must be created."""
        self._settings = settings
        self._consumer = consumer
        self._dead_letters = dead_letters
        self._make_admin = make_admin
        # (topic, partitions it should have, fewer are an error): consumers can be idle, but an output with too few would misplace records.
        wanted_in = max(1, settings.instance_count * settings.input_concurrency)
        self._wanted = [(topic, wanted_in, False) for topic in settings.input_destinations]
        self._wanted.append((settings.output_destination, settings.output_partition_count, True))
        for topic, _, _ in self._wanted:
            if not _LEGAL_NAME.fullmatch(topic) or topic in {".", ".."}:
                raise ConnectorError(f"{topic!r} is no topic name: Kafka allows ASCII letters, digits, '.', '_' and '-'")

    def bind(self) -> None:
        """One attempt. Raises BindingError with the reason when it should be tried again."""
        for topic, wanted, strict in self._wanted:
            present = self._partitions(topic)
            if present == 0:
                self._create(topic, max(wanted, self._settings.min_partition_count))
            elif present < wanted:
                self._too_few(topic, present, wanted, strict=strict)

    def bind_dead_letters(self) -> None:
        """Find or create the dead letter topic of each input. Raises RefusedError when there can be none, BindingError for later."""
        for source in self._settings.input_destinations:
            topic = self._dead_letters.topic(source)
            partitions = self._partitions(topic)
            if partitions == 0:
                partitions = self._settings.dlq_partitions or self._partitions(source)
                if not self._settings.auto_create_topics:
                    raise RefusedError(f"topic {topic} does not exist, and {_AUTO_CREATE} is false")
                self._create(topic, partitions)
            self._dead_letters.found(topic, partitions)

    def _partitions(self, topic: str) -> int:
        """How many partitions the topic has; 0 if there is no such topic."""
        try:
            found = self._consumer.list_topics(topic, timeout=PATIENCE).topics[topic]
        except KafkaException as error:
            raise BrokerAwayError(error.args[0].str()) from error
        if found.error is None:
            return len(found.partitions)
        if found.error.code() in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}:
            return 0
        raise BindingError(f"topic {topic}: {found.error.str()}")

    def _create(self, topic: str, partitions: int) -> None:
        if not self._settings.auto_create_topics:
            raise BindingError(f"topic {topic} does not exist, and {_AUTO_CREATE} is false")
        new = NewTopic(topic, num_partitions=partitions, replication_factor=self._settings.replication_factor)
        self._ask(f"creating topic {topic}", lambda admin: admin.create_topics([new])[topic].result(PATIENCE))
        log.info("created topic %s with %d partition(s)", topic, partitions)

    def _too_few(self, topic: str, present: int, wanted: int, *, strict: bool) -> None:
        if self._settings.auto_add_partitions:
            more = NewPartitions(topic, wanted)
            self._ask(f"adding partitions to {topic}", lambda admin: admin.create_partitions([more])[topic].result(PATIENCE))
            log.info("topic %s now has %d partitions instead of %d", topic, wanted, present)
        elif strict:
            raise BindingError(
                f"The number of expected partitions for topic {topic} was: {wanted}, but {present} has/have been found instead. "
                "Consider either increasing the partition count of the topic or enabling `autoAddPartitions`"
            )
        else:
            log.warning("topic %s has %d partition(s) for %d consumers: some will be idle", topic, present, wanted)

    def _ask(self, what: str, request: Callable[[AdminClient], object]) -> None:
        admin = self._make_admin()  # a new one each time: one kept through an outage would gather log lines nobody fetches
        try:
            request(admin)
        except NotYet as error:
            raise BindingError(f"{what}: no answer yet") from error
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:  # another instance was faster
                return
            kind = RefusedError if error.args[0].code() in _REFUSALS else BindingError
            raise kind(f"{what}: {error.args[0].str()}") from error
