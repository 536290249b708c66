"""Finds the topics before records are read, and creates missing ones as Spring's binder does."""

import logging
from collections.abc import Callable
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource  # type: ignore[attr-defined]  # untyped exports
from confluent_kafka.cimpl import NewPartitions

from config import Settings
from connectors.cluster.admin_requests import AdminRequests
from connectors.cluster.binding_errors import (
    AdminRequestError,
    BindingError,
    BrokerAwayError,
    MissingError,
    kafka_code,
)
from connectors.cluster.clients import UNKNOWN_TOPIC
from connectors.cluster.topic_spec import TooFewPartitions, TopicSpec, check_topic_name
from connectors.failures.dead_letters import DeadLetterQueue

log = logging.getLogger("processor.topics")
_silent = logging.Logger("processor.topics")  # noqa: LOG001 - outside of the tree of loggers
_silent.disabled = True  # a change that is only validated has not happened

ADMIN_TIMEOUT_S = 1.0  # of one request, which blocks the main thread and so a stop

_AUTO_CREATE = "spring.cloud.stream.kafka.binder.auto-create-topics"


class MetadataSource(Protocol):
    """Has a client that can be asked for topics."""

    @property
    def client(self) -> Consumer | AdminClient:
        """The present client."""


class TopicProvisioner:
    """Checks the topics of this processor, and creates missing ones. On the task's thread."""

    def __init__(
        self,
        settings: Settings,
        source: MetadataSource,
        dead_letters: DeadLetterQueue,
        make_admin: Callable[[], AdminClient],
        *,
        validate_only: bool = False,
        timeout: float = ADMIN_TIMEOUT_S,
    ) -> None:
        """Prepare. No broker is asked yet.

        Args:
            settings: Name the topics.
            source: Has the client that is asked for the topics.
            dead_letters: Names the dead letter topics.
            make_admin: Makes the client for changes.
            validate_only: Whether brokers only check each change.
            timeout: Seconds for one answer.

        Raises:
            ConnectorError: Kafka does not allow the name of a topic.
        """
        self._settings = settings
        self._source = source
        self._validation = {"validate_only": True} if validate_only else {}
        self._log = _silent if validate_only else log
        self._timeout = timeout
        self._dead_letters = dead_letters
        self._admin = AdminRequests(make_admin, timeout)
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
            check_topic_name(wanted.name)
        self.partitions: dict[str, int] = {}  # of the topics that are bound

    def bind(self) -> None:
        """Find or create each topic. Blocks for some requests. Raises BindingError to try again."""
        for wanted in self._wanted:
            self.partitions[wanted.name] = self._bind(wanted)

    def bind_dead_letters(self) -> None:
        """Find or create the dead letter topic of each input. Blocks for some requests.

        Raises AdminRequestError if there can be none, and BindingError to try again.
        """
        for source in self._inputs:
            wanted = self._dead_letter_topic(source, self.partitions[source])
            try:
                self._dead_letters.found(wanted.name, self._bind(wanted))
            except MissingError as error:
                raise AdminRequestError(str(error)) from None

    def find_obstacle(self, topic: str) -> str:
        """Return why a topic, also a dead letter topic, cannot be bound, or ""."""
        dead = [
            self._dead_letter_topic(name, self._settings.min_partition_count)
            for name in self._inputs
        ]
        try:
            for wanted in (*self._wanted, *dead):
                if wanted.name == topic:
                    self._bind(wanted)
        except BindingError as error:
            return str(error)
        return ""

    def _dead_letter_topic(self, source: str, partitions: int) -> TopicSpec:
        """Return an input's dead letter topic. Raises ConnectorError for a forbidden name."""
        name, form = self._dead_letters.topic(source), self._settings.dlq_topic_form
        check_topic_name(name)
        return TopicSpec(
            name, self._settings.dlq_partitions or partitions, TooFewPartitions.NOTHING, form
        )

    def _bind(self, wanted: TopicSpec) -> int:
        """Return how many partitions the topic has, once it is as wanted."""
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
            self._log.info(
                "topic %s now has %d partitions instead of %d", wanted.name, enough, present
            )
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
            self._log.warning("%s There will be %d idle consumers", shortage, enough - present)
        return present

    def _present(self, topic: str) -> int:
        """Return how many partitions the topic has, or 0 if it does not exist."""
        try:
            found = self._source.client.list_topics(topic, timeout=self._timeout).topics[topic]
        except KafkaException as error:
            raise BrokerAwayError(error.args[0].str()) from error
        if found.error is None:
            return len(found.partitions)
        if found.error.code() in UNKNOWN_TOPIC:
            return 0
        hidden = found.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
        raise (MissingError if hidden else BindingError)(f"topic {topic}: {found.error.str()}")

    def _create(self, wanted: TopicSpec) -> int:
        """Create the topic. Returns how many partitions it has."""
        new = wanted.create(self._settings.min_partition_count, self._settings.replication_factor)
        try:
            self._admin.ask(
                f"creating topic {wanted.name}",
                lambda admin: admin.create_topics([new], **self._validation)[wanted.name],
            )
        except BindingError as error:
            if kafka_code(error) != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            # Another instance has created the topic.
            self._log.warning("Attempt to create topic: %s. Topic already exists.", wanted.name)
            return self._present(wanted.name) or new.num_partitions
        self._log.info("created topic %s with %d partition(s)", wanted.name, new.num_partitions)
        return new.num_partitions

    def _add(self, topic: str, partitions: int) -> None:
        more = NewPartitions(topic, partitions)
        try:
            self._admin.ask(
                f"adding partitions to {topic}",
                lambda admin: admin.create_partitions([more], **self._validation)[topic],
            )
        except BindingError as error:  # another process may have added them
            if (
                kafka_code(error) != KafkaError.INVALID_PARTITIONS
                or self._present(topic) < partitions
            ):
                raise

    def _alter(self, wanted: TopicSpec) -> None:
        """Change the topic's settings that differ from the wanted ones."""
        topic = ConfigResource(ConfigResource.Type.TOPIC, wanted.name)
        present = self._admin.ask(
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
        self._admin.ask(
            f"changing the settings of topic {wanted.name}",
            lambda admin: admin.incremental_alter_configs([topic], **self._validation)[topic],
        )
        self._log.info(
            "topic %s now has %s",
            wanted.name,
            ", ".join(f"{key}={value}" for key, value in differing.items()),
        )
