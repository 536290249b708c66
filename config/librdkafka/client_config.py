"""librdkafka's configurations for consumer, producer and admin client, without callbacks."""

from config.errors import SettingsError, mask
from config.kafka.java_properties import TABLE
from config.kafka.java_property import Config
from config.librdkafka.combinations import (
    changed,
    limit_delivery,
    refuse_for_consumer,
    refuse_for_producer,
    weaknesses,
)
from config.librdkafka.translation import Translation
from config.settings import Settings

# As in Java's client. It reconnects within a second of the broker's return, without many attempts.
_RECONNECT: Config = {"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000}
_CONSUMER: Config = {
    "enable.auto.commit": False,  # the task commits, after delivery
    "enable.auto.offset.store": False,  # the task commits, after delivery
    # Reports the end of a partition. Control records of transactions before the end are no
    # messages.
    "enable.partition.eof": True,
    "isolation.level": "read_committed",  # a second processor must not copy aborted output
    # The protocol that Java's and librdkafka's members share by default.
    "partition.assignment.strategy": "range",
    "session.timeout.ms": 45_000,  # Java's default since Kafka 3.0
    # How long the fetcher sleeps when its queue is full. With the default of 1000 a quarter of the
    # speed is left.
    "fetch.queue.backoff.ms": 20,
    # How long an idle fetch may delay a leave or a pause. An idle consumer sends 10 requests a
    # second.
    "fetch.wait.max.ms": 100,
    # Records fetched ahead per partition. 100 000 was no faster and took 40 MB more.
    "queued.min.messages": 20_000,
    # Bounds the memory of records that are fetched ahead.
    "queued.max.messages.kbytes": 32_768,
    **_RECONNECT,
}
LINGER_MS = 5
_PRODUCER: Config = {
    "enable.idempotence": True,  # a retry neither duplicates nor reorders records
    "acks": "all",  # a confirmed record survives the loss of a broker
    # A leader that does not know the producer may refuse the first of two requests and accept the
    # second. Kafka before 4.5 does (KAFKA-15591), and 4.5 on a partition with records. librdkafka
    # 2.16 then counts both as accepted.
    "max.in.flight.requests.per.connection": 1,
    "partitioner": "murmur2_random",  # places keys as Java does
    "message.timeout.ms": 0,  # records never expire, so an outage may take any time
    # Batches fill under load. Small batches are sent at once: see RecordProducer.
    "linger.ms": LINGER_MS,
    "message.max.bytes": 1_048_576,  # Java's max.request.size
    # The task flushes and looks for errors. A report for each record costs more than the record.
    "delivery.report.only.error": True,
    # Bounds memory. This is about half a second of records at full speed.
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 65_536,  # bounds the memory for large records
    **_RECONNECT,
}

# With the default (rebootstrap) a call to the transaction coordinator can hang for ever after an
# outage of all brokers. The price of `none`: if all known addresses change, the client does not
# fall back to the configured brokers.
_TRANSACTIONS: Config = {"metadata.recovery.strategy": "none"}
# In send_offsets_to_transaction librdkafka 2.16 searches the group coordinator without a time-out.
# There may be none for seconds after a broker has died. After three such answers librdkafka waits
# until a connection opens or closes (65 s were seen). During this wait all connections are idle.
# Closing idle ones ends the wait.
_TRANSACTIONAL_PRODUCER: Config = _TRANSACTIONS | {"connections.max.idle.ms": 10_000}


def consumer_config(settings: Settings) -> Config:
    """Return the Consumer's configuration.

    Args:
        settings: The settings.

    Raises:
        SettingsError: A property cannot be used.
    """
    config: Config = _CONSUMER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "group.id": settings.input_group,
        # Java's form, with the instance's number.
        "client.id": f"consumer-{settings.input_group}-{settings.instance_index + 1}",
        "auto.offset.reset": "latest" if settings.input_anonymous else "earliest",
    }
    if settings.transactional_id:
        config |= _TRANSACTIONS
    if settings.destination_is_pattern:
        # Leaves out Kafka's own topics, as Java's consumer does.
        config["topic.blacklist"] = "^__.*"
    translation = Translation("c", settings)
    refuse_for_consumer(translation.java)
    config |= translation.config
    if settings.transactional_id and config["isolation.level"] != "read_committed":
        # A new owner of a partition waits for a commit in progress only with read_committed.
        raise SettingsError(
            "isolation.level=read_uncommitted is not allowed with a transaction-id-prefix: "
            "exactly once needs read_committed"
        )
    _number(config, settings)
    # With this protocol the broker sets these. librdkafka refuses the defaults from above, too.
    if config.get("group.protocol") == "consumer":
        for name in (
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "partition.assignment.strategy",
        ):
            config.pop(name, None)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    _widen(config, "max.poll.interval.ms", "session.timeout.ms", 300_000)
    return config


def member_config(settings: Settings) -> Config:
    """Return the group.instance.id of a static member, or nothing.

    Nothing is returned for fixed partitions, for KIP-848, and for an id that the user has set.

    After an outage longer than the session, librdkafka joins as a new member, and the broker waits
    until the old one expires. A static member takes the old one's place at once. With KIP-848 the
    broker refuses a static member's new consumer until the old one's session is over.

    Args:
        settings: The settings.
    """
    given = Translation("c", settings).config
    if (
        settings.has_fixed_partitions
        or "group.instance.id" in given
        or given.get("group.protocol") == "consumer"
    ):
        return {}
    return {
        "group.instance.id": f"{settings.stable_member_id or settings.instance_id}{settings.suffix}"
    }


def producer_config(settings: Settings) -> Config:
    """Return the Producer's configuration.

    Args:
        settings: The settings.

    Raises:
        SettingsError: A property cannot be used.
    """
    translation = Translation("p", settings)
    user = translation.config
    config: Config = _PRODUCER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"producer-{settings.application_name}-{settings.instance_index + 1}",
    }
    weak = weaknesses(user)
    if settings.transactional_id:
        del config["message.timeout.ms"]  # librdkafka limits it to the transaction's time-out
        config |= _TRANSACTIONAL_PRODUCER | {
            "transactional.id": settings.transactional_id,
            "transaction.timeout.ms": 60_000,
        }
    elif weak:
        config["enable.idempotence"] = False
        user.pop("enable.idempotence", None)
    else:
        # A retried record stays before later records.
        config["enable.gapless.guarantee"] = True
    config |= user
    _number(config, settings)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    refuse_for_producer(translation.java, config, weak)
    limit_delivery(config)
    return config


def admin_config(settings: Settings) -> Config:
    """Return the AdminClient's configuration.

    Args:
        settings: The settings.

    Raises:
        SettingsError: A property cannot be used.
    """
    config: Config = _RECONNECT | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"admin-{settings.application_name}-{settings.instance_index + 1}",
        # A question about a topic would create the topic where the broker allows it.
        "allow.auto.create.topics": False,
    }
    config |= Translation("a", settings).config
    _number(config, settings)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    return config


def warnings(settings: Settings) -> tuple[str, ...]:
    """Return a line for each property that is dropped or weakens a guarantee.

    Args:
        settings: The settings.

    Raises:
        SettingsError: A property cannot be used.
    """
    # These three refuse properties that do not go together.
    given = {
        "c": consumer_config(settings),
        "p": producer_config(settings),
        "a": admin_config(settings),
    }
    lines: dict[str, None] = {}
    for client in "cpa":
        translation = Translation(client, settings)
        lines |= dict.fromkeys(translation.warnings)
        lines |= dict.fromkeys(changed(client, translation.java, given[client]))
        if client == "p" and (weak := weaknesses(translation.config)):
            lines[f"{weak}: a record can be lost, doubled or out of order when a broker fails"] = (
                None
            )
    return tuple(lines)


def max_poll_records(settings: Settings) -> int | None:
    """Return the size of a batch if a client property sets it.

    Args:
        settings: The settings.
    """
    found = Translation("c", settings).java.get("max.poll.records")
    return found.parse(TABLE["max.poll.records"].kind) if found else None


def masked_config(config: Config) -> dict[str, str]:
    """Return a client's configuration with secrets masked."""
    return {name: mask(name, str(value)) for name, value in config.items()}


def _number(config: Config, settings: Settings) -> None:
    """Add the process's number to the ids. Each of several processes needs ids of its own."""
    for name in ("client.id", "group.instance.id"):
        if name in config:
            config[name] = f"{config[name]}{settings.suffix}"


def _widen(config: Config, longer: str, shorter: str, default: int = 0) -> None:
    """Raise the maximum to the minimum. librdkafka refuses a smaller maximum, and Java does not."""
    if float(config.get(shorter, 0)) > float(config.get(longer, default)):
        config[longer] = config[shorter]
