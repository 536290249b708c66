"""The single list of the properties this program honours, as one frozen, typed model.

A field holds what its property says; a property of the class is what follows from several of them.
The help text, the README's table and the image's metadata are made from this list.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ConfigDict, Field

from catalog.lookup import Found
from config.errors import MASK, hide, mask
from config.kafka import boot_names
from config.kafka.java_properties import TABLE
from config.sections.bindings import Bindings
from config.sections.log_levels import LOG_LEVEL
from config.sections.member_id import stable_member_id
from config.spring.own_property import OwnProperty
from config.spring.property import Property, prop, prop_map, property_of
from config.spring.sources import Entry, Source
from config.spring.types import BROKERS, FLAG, LIST, TEXT, bounded_integer, choice, duration
from config.worker import WorkerSlot
from python_processor import Properties

_BINDING = "spring.cloud.stream.bindings"
_BINDER = "spring.cloud.stream.kafka.binder"
_KAFKA_BINDING = "spring.cloud.stream.kafka.bindings"
_SCHEME = re.compile(r"^[A-Za-z_]+://")
_FREE = "properties"  # the map of free names inside Spring Boot's
_CLIENT_MAPS: tuple[str, ...] = (
    "binder_configuration",
    "binder_consumer_properties",
    "binder_producer_properties",
    "input_configuration",
)
_CLIENT_MAPS += (
    "output_configuration",
    "boot_common",
    "boot_consumer",
    "boot_producer",
    "boot_admin",
)


POSITIVE = bounded_integer(1)
COUNT = bounded_integer(0)


class Settings(Bindings):
    """Every honoured property. Times are seconds. Made by config.loading.loader; `Settings()` has
    the defaults.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    # what the processor does
    function: str = prop(
        "function",
        TEXT,
        "Function that each record is given to, as module:function; several one after the other "
        "with | between them.",
        "spring.cloud.function.definition",
        "spring.cloud.stream.function.definition",
        default="reverse:reverse",
    )
    function_path: tuple[str, ...] = prop(
        "python-processor.function-path",
        LIST,
        "Folders with functions, besides functions/ of this program and /functions.",
        default=(),
    )
    async_limit: int = prop(
        "python-processor.async-limit",
        bounded_integer(1, 10_000),
        "Most calls of an async function that overlap.",
        default=100,
    )
    batch_size: int = prop(
        "python-processor.batch-size",
        bounded_integer(1, 100_000),
        "Most records taken from Kafka at once.",
        default=1000,
    )

    # its life
    shutdown_timeout: float = prop(
        "spring.lifecycle.timeout-per-shutdown-phase",
        duration(0.1, 3600),
        "How long an orderly stop may take.",
        default=25.0,
    )
    metric_tags: dict[str, str] = prop_map("management.metrics.tags", "Tags put on every metric.")
    logging_levels: dict[str, str] = prop_map(
        "logging.level", "Log level of a logger; root is all of them.", kind=LOG_LEVEL
    )
    structured_console: str | None = prop(
        "logging.structured.format.console",
        choice("ecs", "gelf", "logstash"),
        "Log lines as JSON: ecs (Elastic Common Schema), gelf (Graylog) or logstash; unset: "
        "Spring's lines.",
        default=None,
    )

    # who this is
    application_name: str = prop(
        "spring.application.name",
        TEXT,
        "Name of the application.",
        "vcap.application.name",
        "spring.cloud.dataflow.stream.app.label",
        default="python-processor",
    )
    stream_name: str | None = prop(
        "spring.cloud.dataflow.stream.name",
        TEXT,
        "Name of the stream; Data Flow sets it.",
        default=None,
    )
    app_label: str | None = prop(
        "spring.cloud.dataflow.stream.app.label",
        TEXT,
        "Label in the stream; Data Flow sets it.",
        default=None,
    )
    app_type: str | None = prop(
        "spring.cloud.dataflow.stream.app.type",
        TEXT,
        "Kind of application; Data Flow sets it.",
        default=None,
    )

    # Kafka
    binder_brokers: tuple[str, ...] = prop(
        f"{_BINDER}.brokers", BROKERS, "Kafka brokers, host or host:port.", default=("localhost",)
    )
    default_broker_port: int = prop(
        f"{_BINDER}.default-broker-port",
        bounded_integer(1, 65535),
        "Port of brokers given without one.",
        default=9092,
    )
    bootstrap_servers: tuple[str, ...] = prop(
        "spring.kafka.bootstrap-servers",
        BROKERS,
        "Kafka brokers, if the binder's are not set or are localhost:9092.",
        default=(),
    )
    auto_create_topics: bool = prop(
        f"{_BINDER}.auto-create-topics", FLAG, "Whether missing topics are created.", default=True
    )
    auto_add_partitions: bool = prop(
        f"{_BINDER}.auto-add-partitions",
        FLAG,
        "Whether partitions are added to a topic that has too few.",
        default=False,
    )
    min_partition_count: int = prop(
        f"{_BINDER}.min-partition-count",
        POSITIVE,
        "Fewest partitions of a topic that is created.",
        default=1,
    )
    replication_factor: int = prop(
        f"{_BINDER}.replication-factor",
        bounded_integer(-1, 32767),
        "Replicas of a topic that is created; -1 is the broker's default.",
        default=-1,
    )
    binder_configuration: dict[str, str] = prop_map(
        f"{_BINDER}.configuration", "Java client properties for every Kafka client."
    )
    binder_consumer_properties: dict[str, str] = prop_map(
        f"{_BINDER}.consumer-properties", "Java client properties for consumers."
    )
    binder_producer_properties: dict[str, str] = prop_map(
        f"{_BINDER}.producer-properties", "Java client properties for producers."
    )
    input_configuration: dict[str, str] = prop_map(
        f"{_KAFKA_BINDING}.input.consumer.configuration",
        "Java client properties for the input's consumer.",
    )
    output_configuration: dict[str, str] = prop_map(
        f"{_KAFKA_BINDING}.output.producer.configuration",
        "Java client properties for the output's producer.",
    )
    binder_jaas: dict[str, str] = prop_map(
        f"{_BINDER}.jaas",
        "Login module and its options, instead of sasl.jaas.config.",
        "login-module",
        "control-flag",
        inner="options",
    )
    boot_jaas: dict[str, str] = prop_map(
        "spring.kafka.jaas",
        "The same; counts once enabled is true.",
        "enabled",
        "login-module",
        "control-flag",
        inner="options",
    )
    required_acks: str | None = prop(
        f"{_BINDER}.required-acks",
        TEXT,
        "The Java property acks: all, 1 or 0; unset is all.",
        default=None,
    )
    producer_buffer_size: int | None = prop(
        f"{_KAFKA_BINDING}.output.producer.buffer-size",
        COUNT,
        "The Java property batch.size, in bytes.",
        default=None,
    )
    producer_batch_timeout: int | None = prop(
        f"{_KAFKA_BINDING}.output.producer.batch-timeout",
        COUNT,
        "The Java property linger.ms, in milliseconds.",
        default=None,
    )
    producer_compression: str | None = prop(
        f"{_KAFKA_BINDING}.output.producer.compression-type",
        choice("none", "gzip", "snappy", "lz4", "zstd"),
        "The Java property compression.type.",
        f"{_KAFKA_BINDING}.output.producer.compression",
        default=None,
    )
    boot_common: dict[str, str] = prop_map(
        "spring.kafka",
        "Spring Boot's settings for every Kafka client.",
        *boot_names.COMMON,
        inner="properties",
    )
    boot_consumer: dict[str, str] = prop_map(
        "spring.kafka.consumer",
        "Spring Boot's settings for consumers.",
        *boot_names.CONSUMER,
        inner="properties",
    )
    boot_producer: dict[str, str] = prop_map(
        "spring.kafka.producer",
        "Spring Boot's settings for producers.",
        *boot_names.PRODUCER,
        inner="properties",
    )
    boot_admin: dict[str, str] = prop_map(
        "spring.kafka.admin",
        "Spring Boot's settings for the admin client.",
        *boot_names.ADMIN,
        inner="properties",
    )
    start_offset: str | None = prop(
        f"{_KAFKA_BINDING}.input.consumer.start-offset",
        choice("earliest", "latest"),
        "Where a group without committed offsets begins; unset: earliest, for an anonymous group "
        "latest.",
        default=None,
    )

    # not properties: how the above came about
    instance_id: str = Field(default_factory=lambda: str(uuid.uuid4()))  # names the anonymous group
    # Among the processes of `concurrency`; None: the only one, or the parent of all.
    place: WorkerSlot | None = None
    functions: tuple[Found, ...] = Field(default=(), repr=False)  # that `function` names
    own: tuple[OwnProperty, ...] = Field(default=(), repr=False)  # properties that these declare
    own_values: Mapping[str, Any] = Field(default={}, repr=False)  # of these, by name
    pod: str | None = None  # the name of the Kubernetes pod this runs in
    # Canonical name -> who set it; unset ones are not in it.
    origins: Mapping[str, Entry] = Field(default={}, repr=False)
    sources: tuple[Source, ...] = Field(default=(), repr=False)  # highest first, as written
    warnings: tuple[str, ...] = ()  # one line each, for the log
    # Of placeholders in properties that are no secrets: never to be shown.
    secrets: tuple[str, ...] = Field(default=(), repr=False)
    notices: tuple[str, ...] = ()  # likewise, at DEBUG: what is set and has no meaning here

    @property
    def input_group(self) -> str:
        return self.group or f"anonymous.{self.instance_id}"

    @property
    def input_anonymous(self) -> bool:
        return not self.group

    @property
    def has_fixed_partitions(self) -> bool:
        """Whether the instance's index decides the partitions, and no consumer group."""
        return not self.auto_rebalance and not self.input_anonymous

    @property
    def transactional_id(self) -> str | None:
        """None: delivery is at least once. Raises SettingsError when instances cannot be told
        apart.
        """
        # fixed partitions: the index alone keeps two pods from writing at once
        pod = None if self.has_fixed_partitions else self.pod
        found = self.transactional_id_of(self._known_index, self.instance_count, pod)
        return found and f"{found}{self.suffix}"

    @property
    def stable_member_id(self) -> str | None:
        """The default group.instance.id where it outlives the process; None: each start has one of
        its own.
        """
        return stable_member_id(self.pod, self._known_index, self.application_guid)

    @property
    def _known_index(self) -> int | None:
        """The instance's index, None where nothing has set one."""
        return self.instance_index if "spring.cloud.stream.instance-index" in self.origins else None

    @property
    def suffix(self) -> str:
        """What ends the ids of this process's clients where there are several processes, as in
        Spring Kafka.
        """
        return f"-{self.place.number}" if self.place else ""

    @property
    def brokers(self) -> tuple[str, ...]:
        """As host:port. The binder's win unless they are its default, as in Spring Cloud Stream."""
        binder = self._with_port(self.binder_brokers)
        return (
            self._with_port(self.bootstrap_servers)
            if self.bootstrap_servers and binder == ("localhost:9092",)
            else binder
        )

    def dead_letter_topic(self, source: str) -> str | None:
        """Where dead letters of the topic `source` are to go; None if they are not wanted, as for
        every anonymous group.
        """
        if self.enable_dlq is False or self.input_anonymous or self.destination_is_pattern:
            return None
        return self.dlq_name or f"error.{source}.{self.group}"

    def _with_port(self, brokers: tuple[str, ...]) -> tuple[str, ...]:
        """Data Flow's own compose file puts a scheme in front: `PLAINTEXT://kafka-broker:9092`."""
        hosts = (_SCHEME.sub("", broker) for broker in brokers)
        return tuple(
            host if re.search(r":\d+$", host) else f"{host}:{self.default_broker_port}"
            for host in hosts
        )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        named = properties()
        for field, value in super().__repr_args__():
            name = named[field].name if field in named else ""
            if isinstance(value, dict):
                yield (
                    field,
                    {key: self.shown(f"{name}.{key}", str(text)) for key, text in value.items()},
                )
            elif isinstance(value, str):
                yield field, self.shown(name, value)
            elif isinstance(value, tuple):
                yield field, tuple(self.shown(name, str(each)) for each in value)
            else:
                yield field, value

    def options(self, owner: type[Properties]) -> Properties:
        """The values of a class of properties that a named function declares."""
        return owner(
            **{each.field: self.own_values[each.name] for each in self.own if each.owner is owner}
        )

    def shown(self, name: str, value: str) -> str:
        """The value of a property as it may be shown: nothing that is or may be a secret."""
        key = next(
            (name.removeprefix(prefix) for prefix in _client_maps() if name.startswith(prefix)),
            None,
        )
        if value and key is not None and key not in TABLE:
            return MASK  # a misspelt or foreign name: nobody knows what its value is
        return mask(name, hide(value, self.secrets))


@cache
def _client_maps() -> tuple[str, ...]:
    """The prefixes of maps whose keys are those of Kafka's Java clients."""
    maps = [
        (prop.name, prop.inner) for field, prop in properties().items() if field in _CLIENT_MAPS
    ]
    return tuple(f"{name}.{inner}.".replace("..", ".") for name, inner in maps)


@cache
def properties() -> dict[str, Property]:
    """The property of each field that has one, in the model's order."""
    return {
        name: found
        for name, field in Settings.model_fields.items()
        if (found := property_of(field))
    }
