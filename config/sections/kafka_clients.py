"""The properties of the Kafka clients, of the binder and of Spring Boot."""

import re

from pydantic import BaseModel

from config.kafka import boot_names
from config.spring.property import prop, prop_map
from config.spring.types import BROKERS, FLAG, TEXT, bounded_integer, choice

_BINDER = "spring.cloud.stream.kafka.binder"
_KAFKA_BINDING = "spring.cloud.stream.kafka.bindings"
_SCHEME = re.compile(r"^[A-Za-z_]+://")
_POSITIVE = bounded_integer(1)
_COUNT = bounded_integer(0)
# Fields that are maps whose keys are properties of Kafka's Java clients.
CLIENT_MAPS = (
    "binder_configuration",
    "binder_consumer_properties",
    "binder_producer_properties",
    "input_configuration",
    "output_configuration",
    "boot_common",
    "boot_consumer",
    "boot_producer",
    "boot_admin",
)


class KafkaClients(BaseModel):
    """The fields of Settings for the Kafka clients."""

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
        _POSITIVE,
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
        _COUNT,
        "The Java property batch.size, in bytes.",
        default=None,
    )
    producer_batch_timeout: int | None = prop(
        f"{_KAFKA_BINDING}.output.producer.batch-timeout",
        _COUNT,
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

    @property
    def brokers(self) -> tuple[str, ...]:
        """The brokers as host:port. As in Spring, the binder's win unless they are its default."""
        binder = self._with_port(self.binder_brokers)
        return (
            self._with_port(self.bootstrap_servers)
            if self.bootstrap_servers and binder == ("localhost:9092",)
            else binder
        )

    @property
    def is_hidden_by_binder(self) -> bool:
        """Whether Spring Boot's brokers are not used because the binder has others."""
        return not set(self._with_port(self.bootstrap_servers)) & set(self.brokers)

    def _with_port(self, brokers: tuple[str, ...]) -> tuple[str, ...]:
        """Return the brokers as host:port.

        Data Flow's own compose file puts a scheme before them: `PLAINTEXT://kafka-broker:9092`.
        """
        hosts = (_SCHEME.sub("", broker) for broker in brokers)
        return tuple(
            host if re.search(r":\d+$", host) else f"{host}:{self.default_broker_port}"
            for host in hosts
        )
