"""The properties of what is arranged with the broker: how partitions are shared and chosen, and
what topics are to be like.
"""

import re

from config.errors import SettingsError
from config.sections.delivery import Delivery
from config.sections.topic_properties import (
    REPLICAS,
    REPLICATION_FACTOR,
    TopicProperties,
    topic_properties,
)
from config.spring import spel
from config.spring.property import prop, prop_map
from config.spring.types import CONTENT_TYPE, FLAG, LIST, TEXT, bounded_integer

_BINDING = "spring.cloud.stream.bindings"
_CONSUMER = f"{_BINDING}.input.consumer"
_PRODUCER = f"{_BINDING}.output.producer"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_KAFKA_PRODUCER = "spring.cloud.stream.kafka.bindings.output.producer"
_DEAD_LETTERS = f"{_KAFKA_CONSUMER}.dlq-producer-properties"
_BINDER = "spring.cloud.stream.kafka.binder"

# What Java's regular expressions have and librdkafka's have not, or mean something else by.
_ONLY_JAVA = re.compile(r"\\[A-Za-z0-9]|\(\?|[*+?}][?+]|&&")


_LONGEST_PATTERN = 1000  # characters


class Bindings(Delivery):
    """Part of Settings."""

    # what is read and written
    input_destinations: tuple[str, ...] = prop(
        f"{_BINDING}.input.destination", LIST, "Topics to read.", default=("input",)
    )
    group: str = prop(
        f"{_BINDING}.input.group",
        TEXT,
        "Consumer group. Without one the group is anonymous: new at every start, and reading "
        "begins at the end of the topic.",
        default="",
    )
    input_content_type: str | None = prop(
        f"{_BINDING}.input.content-type",
        CONTENT_TYPE,
        "Content type of records that carry none.",
        default=None,
    )
    input_partitioned: bool = prop(
        f"{_CONSUMER}.partitioned",
        FLAG,
        "Whether the input is partitioned; it needs a group then.",
        default=False,
    )
    input_concurrency: int = prop(
        f"{_CONSUMER}.concurrency",
        bounded_integer(1),
        "Processes that read in parallel, each a member of the group, behind one actuator; each "
        "needs a partition.",
        default=1,
    )
    input_auto_startup: bool = prop(
        f"{_CONSUMER}.auto-startup",
        FLAG,
        "Whether reading begins by itself; otherwise the actuator starts it.",
        default=True,
    )
    output_destination: str = prop(
        f"{_BINDING}.output.destination", TEXT, "Topic to write.", default="output"
    )
    output_content_type: str | None = prop(
        f"{_BINDING}.output.content-type",
        CONTENT_TYPE,
        "Content type put on records that carry none.",
        default=None,
    )
    output_partition_count: int = prop(
        f"{_PRODUCER}.partition-count",
        bounded_integer(1),
        "Partitions the output topic is to have, at least.",
        default=1,
    )
    binding_retry_interval: int = prop(
        "spring.cloud.stream.binding-retry-interval",
        bounded_integer(-(2**31)),
        "Seconds between attempts to bind; 0 or less: a failure is final.",
        default=30,
    )

    # who reads which partitions
    instance_index: int = prop(
        "spring.cloud.stream.instance-index",
        bounded_integer(0),
        "Number of this instance among its like, from 0.",
        "INSTANCE_INDEX",
        "spring.application.index",
        "CF_INSTANCE_INDEX",
        "vcap.application.instance_index",
        default=0,
    )
    instance_count: int = prop(
        "spring.cloud.stream.instance-count",
        bounded_integer(1),
        "How many instances run.",
        default=1,
    )
    auto_rebalance: bool = prop(
        f"{_KAFKA_CONSUMER}.auto-rebalance-enabled",
        FLAG,
        "Whether Kafka shares the partitions among the group; if not, an instance reads those "
        "whose number modulo instance-count is its "
        "instance-index.",
        default=True,
    )
    reset_offsets: bool = prop(
        f"{_KAFKA_CONSUMER}.reset-offsets",
        FLAG,
        "Whether each process starts over: at the beginning of its partitions, or at their end if "
        "start-offset (or auto.offset.reset) is "
        "latest.",
        default=False,
    )
    destination_is_pattern: bool = prop(
        f"{_KAFKA_CONSUMER}.destination-is-pattern",
        FLAG,
        "Whether the input's destination is a regular expression for names of topics; none is "
        "created then, and there are no dead letters.",
        default=False,
    )
    multiplex: bool = prop(
        f"{_CONSUMER}.multiplex",
        FLAG,
        "Whether one consumer reads all destinations; that is so in any case, but does not go "
        "with a pattern.",
        default=False,
    )

    # which partition a record goes to
    partition_key_expression: spel.Expression | None = prop(
        f"{_PRODUCER}.partition-key-expression",
        spel.OF_RECORD,
        "What a record is placed by, as a Java application does it: the Java hash code of this, "
        "modulo the partitions. Unset: by its key.",
        default=None,
    )
    message_key_expression: spel.Expression | None = prop(
        f"{_KAFKA_PRODUCER}.message-key-expression",
        spel.OF_RECORD,
        "The key that a record gets, as UTF-8. Unset: it keeps the key it came with.",
        default=None,
    )
    partition_selector_expression: spel.Expression | None = prop(
        f"{_PRODUCER}.partition-selector-expression",
        spel.OF_KEY,
        "The number to take instead of the hash code, from what partition-key-expression finds.",
        default=None,
    )

    # what topics are like
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
        REPLICATION_FACTOR,
        "Replicas of the input topics, if they are created.",
        default=None,
    )
    input_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_KAFKA_CONSUMER}.topic.replicas-assignment",
        "Brokers of a partition of the input topics, if they are created.",
        kind=REPLICAS,
    )
    output_topic_properties: dict[str, str] = prop_map(
        f"{_KAFKA_PRODUCER}.topic.properties",
        "Kafka's settings for the output topic, if it is created.",
    )
    output_topic_replication_factor: int | None = prop(
        f"{_KAFKA_PRODUCER}.topic.replication-factor",
        REPLICATION_FACTOR,
        "Replicas of the output topic, if it is created.",
        default=None,
    )
    output_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_KAFKA_PRODUCER}.topic.replicas-assignment",
        "Brokers of a partition of the output topic, if it is created.",
        kind=REPLICAS,
    )
    dlq_topic_properties: dict[str, str] = prop_map(
        f"{_DEAD_LETTERS}.topic.properties",
        "Kafka's settings for the dead letter topic, if it is created.",
    )
    dlq_topic_replication_factor: int | None = prop(
        f"{_DEAD_LETTERS}.topic.replication-factor",
        REPLICATION_FACTOR,
        "Replicas of the dead letter topic, if it is created.",
        default=None,
    )
    dlq_topic_replicas: dict[str, tuple[str, ...]] = prop_map(
        f"{_DEAD_LETTERS}.topic.replicas-assignment",
        "Brokers of a partition of the dead letter topic, if it is created.",
        kind=REPLICAS,
    )

    @property
    def input_topic_form(self) -> TopicProperties:
        return topic_properties(
            self.input_topic_properties,
            self.input_topic_replication_factor,
            self.input_topic_replicas,
        )

    @property
    def output_topic_form(self) -> TopicProperties:
        return topic_properties(
            self.output_topic_properties,
            self.output_topic_replication_factor,
            self.output_topic_replicas,
        )

    @property
    def dlq_topic_form(self) -> TopicProperties:
        return topic_properties(
            self.dlq_topic_properties, self.dlq_topic_replication_factor, self.dlq_topic_replicas
        )

    def check_bindings(self) -> None:
        """Raises SettingsError for what does not go together, most of which Spring Cloud Stream and
        its Kafka binder refuse as well.
        """
        if self.input_partitioned and not self.group:
            raise SettingsError(
                f"{_CONSUMER}.partitioned: a consumer group is required for a partitioned input; "
                f"set {_BINDING}.input.group"
            )
        if self.enable_dlq and not self.group:
            raise SettingsError(
                f"{_KAFKA_CONSUMER}.enable-dlq: there are no dead letters for an anonymous group; "
                f"set {_BINDING}.input.group"
            )
        if self.group and not self.auto_rebalance and self.instance_index >= self.instance_count:
            raise SettingsError(
                f"{_KAFKA_CONSUMER}.auto-rebalance-enabled: without rebalancing "
                f"spring.cloud.stream.instance-index ({self.instance_index}) "
                f"must be below spring.cloud.stream.instance-count ({self.instance_count})"
            )
        if self.destination_is_pattern:
            self._check_patterns()
        for prefix, replicas in (
            (_KAFKA_CONSUMER, self.input_topic_replicas),
            (_KAFKA_PRODUCER, self.output_topic_replicas),
            (_DEAD_LETTERS, self.dlq_topic_replicas),
        ):
            if set(replicas) != set(map(str, range(len(replicas)))):
                raise SettingsError(
                    f"{prefix}.topic.replicas-assignment is for the partitions "
                    f"{', '.join(sorted(replicas))}; allowed is 0, 1, 2 and so on"
                )

    def _check_patterns(self) -> None:
        name = f"{_KAFKA_CONSUMER}.destination-is-pattern"
        if self.multiplex or self.enable_dlq or not self.auto_rebalance:
            raise SettingsError(
                f"{name}: a pattern does not go with multiplex, enable-dlq=true or "
                f"auto-rebalance-enabled=false"
            )
        for pattern in self.input_destinations:
            if len(pattern) > _LONGEST_PATTERN:
                raise SettingsError(
                    f"{name}: a pattern of more than {_LONGEST_PATTERN} characters is not allowed"
                )
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                reason = error if isinstance(error, re.error) else "it is too deep"
                raise SettingsError(
                    f"{name}: {pattern[:100]!r} is no regular expression: {reason}"
                ) from None
            if found := _ONLY_JAVA.search(pattern):
                raise SettingsError(
                    f"{name}: {found[0]!r} in {pattern!r} is not understood; allowed are . [...] "
                    f"(...) | * + ? {{m,n}} and a backslash "
                    "before one of these"
                )
