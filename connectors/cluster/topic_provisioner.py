"""Binding: the topics have to be there before records can move. What is missing is created as
Spring's Kafka binder does.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from enum import Enum
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource  # type: ignore[attr-defined]  # untyped exports
from confluent_kafka.cimpl import NewPartitions, NewTopic

from config import Settings
from config.errors import SettingsError
from config.sections.topic_properties import TopicProperties
from connectors.cluster.clients import UNKNOWN_TOPIC
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import reason, remedy
from connectors.errors.table import Client, Remedy
from connectors.failures.dead_letters import DeadLetterQueue

log = logging.getLogger("processor.topics")

# Seconds one look at the metadata or one admin request may hold the main thread; a stop waits that
# long at most.
ADMIN_TIMEOUT_S = 1.0
_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")

_AUTO_CREATE = "spring.cloud.stream.kafka.binder.auto-create-topics"


class BindingError(ConnectorError):
    """The topics cannot be used (yet): binding is tried again."""


class BrokerAwayError(BindingError):
    """No broker answered."""


class MissingError(BindingError):
    """There is no such topic, and it may not be created."""


class AdminRequestError(BindingError):
    """The broker does not allow it; trying again will hardly help."""


class TooFewPartitions(Enum):
    """What it means when a topic has fewer partitions than wanted."""

    # An output would misplace records; of fixed partitions some instance would have none.
    AN_ERROR = 1
    IDLE_CONSUMERS = 2
    NOTHING = 3


class TopicSpec(NamedTuple):
    """A topic as the settings want it."""

    name: str
    partitions: int
    fewer: TooFewPartitions
    form: TopicProperties

    def create(self, at_least: int, replication_factor: int) -> NewTopic:
        """The topic to ask for, with the binder's values where it has none of its own."""
        if self.form.replicas:
            return NewTopic(
                self.name,
                len(self.form.replicas),
                replica_assignment=self.form.replicas,
                config=self.form.properties,
            )
        factor = (
            replication_factor
            if self.form.replication_factor is None
            else self.form.replication_factor
        )
        return NewTopic(
            self.name, max(self.partitions, at_least), factor, config=self.form.properties
        )


class TopicProvisioner:
    """The input and output topics of this processor, checked and where needed created."""

    def __init__(
        self,
        settings: Settings,
        consumer: ReplaceableConsumer,
        dead_letters: DeadLetterQueue,
        make_admin: Callable[[], AdminClient],
    ) -> None:
        """Raises ConnectorError for a name that Kafka does not allow. `make_admin` is called only
        when something must be changed.
        """
        self._settings = settings
        self._consumer = consumer
        self._dead_letters = dead_letters
        self._make_admin = make_admin
        self._may_change = settings.auto_create_topics
        readers = settings.instance_count * settings.input_concurrency
        fewer_readers = (
            TooFewPartitions.IDLE_CONSUMERS
            if settings.auto_rebalance
            else TooFewPartitions.AN_ERROR
        )
        self._inputs = () if settings.destination_is_pattern else settings.input_destinations
        self._wanted = [
            TopicSpec(name, readers, fewer_readers, settings.input_topic_form)
            for name in self._inputs
        ]
        output = settings.output_destination
        self._wanted.append(
            TopicSpec(
                output,
                settings.output_partition_count,
                TooFewPartitions.AN_ERROR,
                settings.output_topic_form,
            )
        )
        for wanted in self._wanted:
            _check_name(wanted.name)
        self.partitions: dict[str, int] = {}  # of the topics that are bound

    def bind(self) -> None:
        """One attempt. Raises BindingError with the reason when it should be tried again."""
        for wanted in self._wanted:
            self.partitions[wanted.name] = self._bind(wanted)

    def bind_dead_letters(self) -> None:
        """Find or create the dead letter topic of each input. Raises AdminRequestError when there
        can be none, BindingError for later.
        """
        for source in self._inputs:
            partitions = self._settings.dlq_partitions or self.partitions[source]
            wanted = TopicSpec(
                self._dead_letters.topic(source),
                partitions,
                TooFewPartitions.NOTHING,
                self._settings.dlq_topic_form,
            )
            _check_name(wanted.name)
            try:
                self._dead_letters.found(wanted.name, self._bind(wanted))
            except MissingError as error:
                raise AdminRequestError(str(error)) from None

    def _bind(self, wanted: TopicSpec) -> int:
        """How many partitions the topic has, once it is as wanted."""
        present = self._present(wanted.name)
        if present == 0:
            if not self._may_change:
                raise MissingError(
                    f"Failed to obtain partition information for the topic {wanted.name}: it does "
                    f"not exist, and {_AUTO_CREATE} is false"
                )
            return self._create(wanted)
        if self._may_change and self._settings.auto_alter_topics and wanted.form.properties:
            self._alter(wanted)
        adds = self._may_change and self._settings.auto_add_partitions
        enough = (
            max(wanted.partitions, self._settings.min_partition_count)
            if adds
            else wanted.partitions
        )
        if present >= enough:
            return present
        if adds:
            self._add(wanted.name, enough)
            log.info("topic %s now has %d partitions instead of %d", wanted.name, enough, present)
            return enough
        shortage = (
            f"The number of expected partitions for topic {wanted.name} was: {enough}, "
            f"but {present} {'have' if present > 1 else 'has'} been found instead."
        )
        if wanted.fewer is TooFewPartitions.AN_ERROR:
            raise BindingError(
                f"{shortage} Consider either increasing the partition count of the topic or "
                f"enabling `autoAddPartitions`"
            )
        if wanted.fewer is TooFewPartitions.IDLE_CONSUMERS:
            log.warning("%s There will be %d idle consumers", shortage, enough - present)
        return present

    def _present(self, topic: str) -> int:
        """How many partitions the topic has; 0 if there is no such topic."""
        try:
            found = self._consumer.client.list_topics(topic, timeout=ADMIN_TIMEOUT_S).topics[topic]
        except KafkaException as error:
            raise BrokerAwayError(error.args[0].str()) from error
        if found.error is None:
            return len(found.partitions)
        if found.error.code() in UNKNOWN_TOPIC:
            return 0
        hidden = found.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
        raise (MissingError if hidden else BindingError)(f"topic {topic}: {found.error.str()}")

    def _create(self, wanted: TopicSpec) -> int:
        """How many partitions the topic has now."""
        new = wanted.create(self._settings.min_partition_count, self._settings.replication_factor)
        try:
            self._ask(
                f"creating topic {wanted.name}",
                lambda admin: admin.create_topics([new])[wanted.name],
            )
        except BindingError as error:
            if _code(error) != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            # Another instance was faster.
            log.warning("Attempt to create topic: %s. Topic already exists.", wanted.name)
            return self._present(wanted.name) or new.num_partitions
        log.info("created topic %s with %d partition(s)", wanted.name, new.num_partitions)
        return new.num_partitions

    def _add(self, topic: str, partitions: int) -> None:
        more = NewPartitions(topic, partitions)
        try:
            self._ask(
                f"adding partitions to {topic}",
                lambda admin: admin.create_partitions([more])[topic],
            )
        except BindingError as error:  # or another process was faster
            if _code(error) != KafkaError.INVALID_PARTITIONS or self._present(topic) < partitions:
                raise

    def _alter(self, wanted: TopicSpec) -> None:
        """Change those of the topic's settings that differ from the wanted ones."""
        topic = ConfigResource(ConfigResource.Type.TOPIC, wanted.name)
        present = self._ask(
            f"reading the settings of topic {wanted.name}",
            lambda admin: admin.describe_configs([topic])[topic],
        )
        differing = {
            key: value
            for key, value in wanted.form.properties.items()
            if key not in present or present[key].value != value
        }
        if not differing:
            return
        changes = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in differing.items()
        ]
        topic = ConfigResource(ConfigResource.Type.TOPIC, wanted.name, incremental_configs=changes)
        self._ask(
            f"changing the settings of topic {wanted.name}",
            lambda admin: admin.incremental_alter_configs([topic])[topic],
        )
        log.info(
            "topic %s now has %s",
            wanted.name,
            ", ".join(f"{key}={value}" for key, value in differing.items()),
        )

    def _ask(self, what: str, request: Callable[[AdminClient], Future[Any]]) -> Any:
        try:
            # A new one each time: one kept through an outage would gather log lines nobody fetches.
            admin = self._make_admin()
            return request(admin).result(ADMIN_TIMEOUT_S)
        except SettingsError as error:  # a store has changed since the start
            raise BindingError(f"{what}: {error}") from error
        except NotYet as error:
            raise BindingError(f"{what}: no answer yet") from error
        except KafkaException as error:
            passes = remedy(error.args[0].code(), Client.ADMIN) in (Remedy.WAIT, Remedy.NEW_CLIENT)
            raise (BindingError if passes else AdminRequestError)(
                f"{what}: {reason(error.args[0])}"
            ) from error


def _code(error: BindingError) -> int | None:
    """Kafka's code for what is behind it."""
    cause = error.__cause__
    return cause.args[0].code() if isinstance(cause, KafkaException) else None


def _check_name(topic: str) -> None:
    if not _LEGAL_NAME.fullmatch(topic) or topic in {".", ".."}:
        raise ConnectorError(
            f"{topic!r} is no topic name: Kafka allows ASCII letters, digits, '.', '_' and '-', "
            f"249 at most"
        )
