"""The properties of the bindings input and output: topics, group, partitions."""

from pydantic import BaseModel

from config.spring import spel
from config.spring.mime_types import CONTENT_TYPE
from config.spring.property import prop
from config.spring.types import FLAG, LIST, TEXT, bounded_integer

_BINDING = "spring.cloud.stream.bindings"
_CONSUMER = f"{_BINDING}.input.consumer"
_PRODUCER = f"{_BINDING}.output.producer"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_KAFKA_PRODUCER = "spring.cloud.stream.kafka.bindings.output.producer"
_DEAD_LETTERS = f"{_KAFKA_CONSUMER}.dlq-producer-properties"
_BINDER = "spring.cloud.stream.kafka.binder"


class Bindings(BaseModel):
    """The fields of Settings for the bindings."""

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
