"""What the settings mean for librdkafka: complete dictionaries for consumer, producer and admin client, callbacks excepted."""

from typing import Any, NamedTuple

from config import boot
from config.convert import Kind
from config.errors import SettingsError, shown
from config.javaclient import TABLE, Native, Verdict
from config.settings import Settings, properties

Config = dict[str, Native]

# As Java's client: back within a second of the broker, without a flood of attempts before that.
_RECONNECT: Config = {"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000}
_CONSUMER: Config = {
    "enable.auto.commit": False,  # the lane commits, after delivery
    "enable.auto.offset.store": False,  # likewise
    "isolation.level": "read_committed",  # two processors in a row must not copy aborted output
    "partition.assignment.strategy": "range",  # the protocol a Java and a Python member have in common by default
    "session.timeout.ms": 45_000,  # Java's since Kafka 3.0
    "fetch.queue.backoff.ms": 20,  # default 1000: the fetcher would sleep that long whenever its queue is full, a quarter of the speed
    "fetch.wait.max.ms": 100,  # how long an idle fetch may hold up a leave or a pause; 10 requests a second when idle
    "queued.min.messages": 20_000,  # fetched ahead per partition; 100 000 was no faster and took 40 MB more
    "queued.max.messages.kbytes": 32_768,  # bounds what is fetched ahead, whatever the size of records
    **_RECONNECT,
}
_PRODUCER: Config = {
    "enable.idempotence": True,  # a retry never doubles or reorders
    "acks": "all",  # confirmed is safe
    "partitioner": "murmur2_random",  # Java's placement of keys
    "message.timeout.ms": 0,  # deliveries never expire: an outage of any length is waited out
    "linger.ms": 1,  # batches fill fast enough under load, and a lone record hardly waits
    "message.max.bytes": 1_048_576,  # Java's max.request.size
    "delivery.report.only.error": True,  # the lane flushes and looks for errors; a report per record costs more than the record
    "queue.buffering.max.messages": 100_000,  # bounds memory: about half a second of records at full speed
    "queue.buffering.max.kbytes": 65_536,  # likewise, for large records
    **_RECONNECT,
}


# Where a client's Java properties come from, after those of spring.kafka itself: Boot's section for it, then the binder's maps.
_LAYERS: dict[str, tuple[str, boot.Table, tuple[str, ...]]] = {
    "c": ("boot_consumer", boot.CONSUMER, ("binder_configuration", "binder_consumer_properties", "input_configuration")),
    "p": ("boot_producer", boot.PRODUCER, ("binder_configuration", "binder_producer_properties", "output_configuration")),
    "a": ("boot_admin", boot.ADMIN, ("binder_configuration",)),
}


def consumer_config(settings: Settings) -> Config:
    """For confluent_kafka.Consumer. Raises SettingsError for a client property that cannot be used."""
    config: Config = _CONSUMER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "group.id": settings.input_group,
        "client.id": f"consumer-{settings.input_group}-{settings.instance_index + 1}",  # like Java's, with the instance's number
        "auto.offset.reset": "latest" if settings.input_anonymous else "earliest",
    }
    config |= _Translation("c", settings).config
    if config.get("group.protocol") == "consumer":  # the broker decides these then, and librdkafka refuses them
        for name in ("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"):
            config.pop(name, None)
    return config


def producer_config(settings: Settings) -> Config:
    """For confluent_kafka.Producer. Raises SettingsError for a client property that cannot be used."""
    user = _Translation("p", settings).config
    config: Config = _PRODUCER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"producer-{settings.application_name}-{settings.instance_index + 1}",
    }
    if user.get("acks", "all") != "all" or user.get("enable.idempotence") is False:
        # Java switches idempotence off in silence then; one request at a time keeps the order all the same
        config |= {"enable.idempotence": False, "max.in.flight.requests.per.connection": 1}
        user.pop("enable.idempotence", None)
    return config | user


def admin_config(settings: Settings) -> Config:
    """For confluent_kafka.admin.AdminClient. Raises SettingsError for a client property that cannot be used."""
    config: Config = _RECONNECT | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"admin-{settings.application_name}-{settings.instance_index + 1}",
    }
    return config | _Translation("a", settings).config


def warnings(settings: Settings) -> tuple[str, ...]:
    """One line for each client property that is dropped or costs a guarantee. Raises SettingsError as the others."""
    lines: dict[str, None] = {}
    for client in "cpa":
        translation = _Translation(client, settings)
        lines |= dict.fromkeys(translation.warnings)
        if client == "p" and (
            translation.config.get("acks", "all") != "all" or translation.config.get("enable.idempotence") is False
        ):
            lines["acks other than all, or enable.idempotence=false: a record can be lost or doubled when a broker fails"] = None
    return tuple(lines)


def max_poll_records(settings: Settings) -> int | None:
    """The size of a batch, if a client property sets it."""
    found = _layers("c", settings).get("max.poll.records")
    return _parsed(found, TABLE["max.poll.records"].kind) if found else None


class _Java(NamedTuple):
    """A Java client property as the user set it."""

    property: str  # with the prefix it was found under
    value: str
    origin: str

    def told(self) -> str:
        return f"{self.property}: {shown(self.property, self.value)} ({self.origin})"


class _Translation:
    """The Java client properties of one client (c, p or a) in librdkafka's words, and what was dropped on the way."""

    def __init__(self, client: str, settings: Settings) -> None:
        self.config: Config = {}
        self.warnings: list[str] = []
        for name, java in _layers(client, settings).items():
            row = TABLE.get(name)
            if row is None:
                self.warnings.append(f"{java.told()} is dropped: librdkafka has nothing like {name}")
            elif row.verdict is Verdict.REFUSED:
                raise SettingsError(f"{java.told()} is not allowed: {row.why}")
            elif client not in row.clients or not java.value:
                continue
            elif row.verdict is Verdict.IGNORED:
                self.warnings.append(f"{java.told()} is dropped: {row.why}")
            elif row.verdict is Verdict.TRANSLATED:
                self.config[(client == "p" and row.producer) or row.native or name] = _parsed(java, row.kind)


def _layers(client: str, settings: Settings) -> dict[str, _Java]:
    """The Java properties of one client, later layers over earlier ones, in the Kafka binder's order."""
    section, table, fields = _LAYERS[client]
    java = _boot(settings, "boot_common", boot.COMMON)
    java |= _boot(settings, section, table)
    for field in fields:
        java |= _map(settings, field)
    if client == "c" and settings.start_offset:
        name = properties()["start_offset"].name
        java["auto.offset.reset"] = _Java(name, settings.start_offset, settings.origins[name].origin)
    return java


def _map(settings: Settings, field: str) -> dict[str, _Java]:
    """The map in `field`, whose keys are Java's names."""
    prefix = properties()[field].name
    values: dict[str, str] = getattr(settings, field)
    return {key: _Java(f"{prefix}.{key}", value, _origin(settings, f"{prefix}.{key}")) for key, value in values.items()}


def _boot(settings: Settings, field: str, table: boot.Table) -> dict[str, _Java]:
    """The map in `field`, whose keys are Spring Boot's names; its `properties.*` are Java's and come last."""
    java: dict[str, _Java] = {}
    for key, told in _map(settings, field).items():
        name, kind = table.get(key, (key.removeprefix("properties."), None))
        java[name] = told._replace(value=_parsed(told, kind)) if kind and told.value else told
    return java


def _parsed(java: _Java, kind: Kind[Any]) -> Any:
    try:
        return kind.parse(java.value)
    except (ValueError, KeyError):
        raise SettingsError(f"{java.told()} is not allowed; allowed is {kind.allowed}") from None


def _origin(settings: Settings, name: str) -> str:
    return settings.origins[name].origin if name in settings.origins else "default"
