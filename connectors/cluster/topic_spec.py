"""A topic as the settings ask for it."""

import re
from enum import Enum
from typing import NamedTuple

from confluent_kafka.cimpl import NewTopic

from config.sections.topic_properties import TopicProperties
from connectors.errors.exceptions import ConnectorError

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")


class TooFewPartitions(Enum):
    """The consequence if a topic has fewer partitions than wanted."""

    # Records would go to wrong partitions, or an instance with fixed partitions would have none.
    AN_ERROR = 1
    IDLE_CONSUMERS = 2
    NOTHING = 3


class TopicSpec(NamedTuple):
    """A topic as the settings ask for it."""

    name: str
    partitions: int
    fewer: TooFewPartitions
    form: TopicProperties

    def create(self, at_least: int, replication_factor: int) -> NewTopic:
        """Return the topic to create.

        Args:
            at_least: The binder's least number of partitions.
            replication_factor: The binder's factor, for a topic without its own.
        """
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


def check_topic_name(topic: str) -> None:
    """Check that Kafka allows the name of a topic.

    Args:
        topic: The name.

    Raises:
        ConnectorError: It does not.
    """
    if not _LEGAL_NAME.fullmatch(topic) or topic in {".", ".."}:
        raise ConnectorError(
            f"{topic!r} is no topic name: Kafka allows ASCII letters, digits, '.', '_' and '-', "
            f"249 at most"
        )
