"""The properties of topics that the processor may create."""

import re
from typing import NamedTuple

from pydantic import BaseModel

from config.spring.property import prop, prop_map
from config.spring.types import FLAG, PropertyType, bounded_integer, items

_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_KAFKA_PRODUCER = "spring.cloud.stream.kafka.bindings.output.producer"
_DEAD_LETTERS = f"{_KAFKA_CONSUMER}.dlq-producer-properties"
_BINDER = "spring.cloud.stream.kafka.binder"
_REPLICATION_FACTOR = bounded_integer(-1, 32767)


def _brokers(text: str) -> tuple[str, ...]:
    found = items(text.strip().removeprefix("[").removesuffix("]"))
    if not found or not all(re.fullmatch("[0-9]{1,9}", each) for each in found):
        raise ValueError(text)
    return found


_REPLICAS = PropertyType(
    _brokers, "the ids of brokers, such as 1,2", "java.util.List<java.lang.Integer>"
)


class TopicProperties(NamedTuple):
    """The properties of a topic. With empty `replicas` the brokers place the partitions."""

    properties: dict[str, str]  # Kafka's topic settings
    replication_factor: int | None  # None: the binder's default
    replicas: list[list[int]]  # the ids of the brokers of each partition


def _topic_properties(
    properties: dict[str, str], factor: int | None, replicas: dict[str, tuple[str, ...]]
) -> TopicProperties:
    return TopicProperties(
        properties,
        factor,
        [[int(broker) for broker in replicas[str(number)]] for number in range(len(replicas))],
    )


class TopicProvisioning(BaseModel):
    """The fields of Settings for topics."""

    auto_alter_topics: bool = prop(
        f"{_BINDER}.auto-alter-topics",
        FLAG,
        "Whether the settings of topics that exist are changed to what topic.properties says.",
        default=False,
    )
    input_topic_properties: dict[str, str] = prop_map(
        f"{_KAFKA_CONSUMER}.topic.properties",
        "Kafka's settings for the input topics, if they are created.",
    )
    input_topic_replication_factor: int | None = prop(
        f"{_KAFKA_CONSUMER}.topic.replication-factor",
        _REPLICATION_FACTOR,
        "Replicas of the input topics, if they are created.",
        default=None,
    )
    input_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_KAFKA_CONSUMER}.topic.replicas-assignment",
        "Brokers of a partition of the input topics, if they are created.",
        kind=_REPLICAS,
        lists=True,
    )
    output_topic_properties: dict[str, str] = prop_map(
        f"{_KAFKA_PRODUCER}.topic.properties",
        "Kafka's settings for the output topic, if it is created.",
    )
    output_topic_replication_factor: int | None = prop(
        f"{_KAFKA_PRODUCER}.topic.replication-factor",
        _REPLICATION_FACTOR,
        "Replicas of the output topic, if it is created.",
        default=None,
    )
    output_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_KAFKA_PRODUCER}.topic.replicas-assignment",
        "Brokers of a partition of the output topic, if it is created.",
        kind=_REPLICAS,
        lists=True,
    )
    dlq_topic_properties: dict[str, str] = prop_map(
        f"{_DEAD_LETTERS}.topic.properties",
        "Kafka's settings for the dead letter topic, if it is created.",
    )
    dlq_topic_replication_factor: int | None = prop(
        f"{_DEAD_LETTERS}.topic.replication-factor",
        _REPLICATION_FACTOR,
        "Replicas of the dead letter topic, if it is created.",
        default=None,
    )
    dlq_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_DEAD_LETTERS}.topic.replicas-assignment",
        "Brokers of a partition of the dead letter topic, if it is created.",
        kind=_REPLICAS,
        lists=True,
    )

    @property
    def input_topic_form(self) -> TopicProperties:
        """The properties of input topics that are created."""
        return _topic_properties(
            self.input_topic_properties,
            self.input_topic_replication_factor,
            self.input_topic_replicas,
        )

    @property
    def output_topic_form(self) -> TopicProperties:
        """The properties of an output topic that is created."""
        return _topic_properties(
            self.output_topic_properties,
            self.output_topic_replication_factor,
            self.output_topic_replicas,
        )

    @property
    def dlq_topic_form(self) -> TopicProperties:
        """The properties of a dead letter topic that is created."""
        return _topic_properties(
            self.dlq_topic_properties, self.dlq_topic_replication_factor, self.dlq_topic_replicas
        )
