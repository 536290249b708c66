"""A topic as the settings want it."""

import re
from enum import Enum
from typing import NamedTuple

from confluent_kafka.cimpl import NewTopic

from config.sections.topic_properties import TopicProperties
from connectors.errors.exceptions import ConnectorError

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")


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


def check_topic_name(topic: str) -> None:
    """Raise ConnectorError for a name that Kafka does not allow."""
    if not _LEGAL_NAME.fullmatch(topic) or topic in {".", ".."}:
        raise ConnectorError(
            f"{topic!r} is no topic name: Kafka allows ASCII letters, digits, '.', '_' and '-', "
            f"249 at most"
        )
