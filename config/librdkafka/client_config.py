"""librdkafka's configurations for consumer, producer and admin client, without callbacks."""

from config.errors import SettingsError, mask
from config.kafka.java_properties import TABLE
from config.kafka.java_property import Config
from config.librdkafka.translation import Translation
from config.settings import Settings

# As Java's client: back within a second of the broker, without a flood of attempts before that.
_RECONNECT: Config = {"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000}
_CONSUMER: Config = {
    "enable.auto.commit": False,  # the task commits, after delivery
    "enable.auto.offset.store": False,  # the task commits, after delivery
    # The end of a partition is past the control records of transactions, which are no messages.
    "enable.partition.eof": True,
    "isolation.level": "read_committed",  # two processors in a row must not copy aborted output
    # The protocol a Java and a Python member have in common by default.
    "partition.assignment.strategy": "range",
    "session.timeout.ms": 45_000,  # Java's since Kafka 3.0
    # Default 1000: the fetcher would sleep that long whenever its queue is full, a quarter of the
    # speed.
    "fetch.queue.backoff.ms": 20,
    # How long an idle fetch may hold up a leave or a pause; 10 requests a second when idle.
    "fetch.wait.max.ms": 100,
    # Fetched ahead per partition; 100 000 was no faster and took 40 MB more.
    "queued.min.messages": 20_000,
    # Bounds what is fetched ahead, whatever the size of records.
    "queued.max.messages.kbytes": 32_768,
    **_RECONNECT,
}
_PRODUCER: Config = {
    "enable.idempotence": True,  # a retry never doubles or reorders
    "acks": "all",  # confirmed is safe
    # A leader that does not know the producer may refuse the first of two requests and take the
    # second: Kafka before 4.5 (KAFKA-15591), and 4.5 on a partition with records. librdkafka 2.16
    # then believes that both were taken.
    "max.in.flight.requests.per.connection": 1,
    "partitioner": "murmur2_random",  # Java's placement of keys
    "message.timeout.ms": 0,  # deliveries never expire: an outage of any length is waited out
    "linger.ms": 1,  # batches fill fast enough under load, and a lone record hardly waits
    "message.max.bytes": 1_048_576,  # Java's max.request.size
    # The task flushes and looks for errors; a report per record costs more than the record.
    "delivery.report.only.error": True,
    # Bounds memory: about half a second of records at full speed.
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 65_536,  # bounds the memory for large records
    **_RECONNECT,
}

# With the default (rebootstrap) a call to the transaction's coordinator was seen to hang for ever
# after an outage of every broker. The price: a client does not fall back to the configured brokers
# when every address it has learnt since has changed.
_TRANSACTIONS: Config = {"metadata.recovery.strategy": "none"}
# Librdkafka (2.16) puts no time-out on its search for the group's coordinator in
# send_offsets_to_transaction: after three answers that there is none yet, as for a second or two
# after a broker has died, it waits for a connection to come or go, for ever if all of them are well
# (65 s were seen). Connections that are closed when idle put an end to that wait: while it lasts,
# all of them are.
_TRANSACTIONAL_PRODUCER: Config = _TRANSACTIONS | {"connections.max.idle.ms": 10_000}


def consumer_config(settings: Settings) -> Config:
    """Return the Consumer's configuration.

    Args:
        settings: All of them.

    Raises:
        SettingsError: A property cannot be used.
    """
    config: Config = _CONSUMER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "group.id": settings.input_group,
        # Like Java's, with the instance's number.
        "client.id": f"consumer-{settings.input_group}-{settings.instance_index + 1}",
        "auto.offset.reset": "latest" if settings.input_anonymous else "earliest",
    }
    if settings.transactional_id:
        config |= _TRANSACTIONS
    if settings.destination_is_pattern:
        # Kafka's own topics, which Java's consumer leaves out as well.
        config["topic.blacklist"] = "^__.*"
    config |= Translation("c", settings).config
    if settings.transactional_id and config["isolation.level"] != "read_committed":
        # it also decides whether a new owner of a partition waits for the offsets of a commit that
        # is under way
        raise SettingsError(
            "isolation.level=read_uncommitted is not allowed with a transaction-id-prefix: "
            "exactly once needs read_committed"
        )
    _number(config, settings)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    _widen(config, "max.poll.interval.ms", "session.timeout.ms", 300_000)
    # The broker decides these then, and librdkafka refuses them.
    if config.get("group.protocol") == "consumer":
        for name in (
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "partition.assignment.strategy",
        ):
            config.pop(name, None)
    return config


def member_config(settings: Settings) -> Config:
    """Return the group.instance.id of a static member. Empty with fixed partitions, KIP-848, or an
    id that the user has set.

    After an outage longer than the session, librdkafka joins as a new member, and the broker waits
    until the old one expires. A static member takes the old one's place at once. With KIP-848 the
    broker refuses a static member's new consumer until the session of the old one is over.

    Args:
        settings: All of them.
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
        settings: All of them.

    Raises:
        SettingsError: A property cannot be used.
    """
    user = Translation("p", settings).config
    config: Config = _PRODUCER | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"producer-{settings.application_name}-{settings.instance_index + 1}",
    }
    weak = _weak(user)
    if settings.transactional_id:
        if weak:
            raise SettingsError(
                f"{weak} is not allowed with a transaction-id-prefix: exactly once needs an "
                f"idempotent producer"
            )
        del config["message.timeout.ms"]  # librdkafka bounds it by the transaction's time-out
        config |= _TRANSACTIONAL_PRODUCER | {
            "transactional.id": settings.transactional_id,
            "transaction.timeout.ms": 60_000,
        }
    elif weak:
        config["enable.idempotence"] = False
        user.pop("enable.idempotence", None)
    else:
        # A retried record stays before the later ones.
        config["enable.gapless.guarantee"] = True
    config |= user
    _number(config, settings)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    timeout, linger = config.get("message.timeout.ms"), config["linger.ms"]
    if timeout and float(timeout) <= float(linger):  # 0 is none; Java refuses it as well
        raise SettingsError(
            f"delivery.timeout.ms ({timeout}) is not allowed: it must be more than linger.ms "
            f"({linger})"
        )
    return config


def admin_config(settings: Settings) -> Config:
    """Return the AdminClient's configuration.

    Args:
        settings: All of them.

    Raises:
        SettingsError: A property cannot be used.
    """
    config: Config = _RECONNECT | {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": f"admin-{settings.application_name}-{settings.instance_index + 1}",
    }
    config |= Translation("a", settings).config
    _number(config, settings)
    _widen(config, "reconnect.backoff.max.ms", "reconnect.backoff.ms")
    return config


def warnings(settings: Settings) -> tuple[str, ...]:
    """Return a line for each property that is dropped or costs a guarantee.

    Args:
        settings: All of them.

    Raises:
        SettingsError: A property cannot be used.
    """
    consumer_config(settings)  # these two refuse what does not go together
    producer_config(settings)
    lines: dict[str, None] = {}
    for client in "cpa":
        translation = Translation(client, settings)
        lines |= dict.fromkeys(translation.warnings)
        if client == "p" and (weak := _weak(translation.config)):
            lines[f"{weak}: a record can be lost, doubled or out of order when a broker fails"] = (
                None
            )
    return tuple(lines)


def _weak(user: Config) -> str:
    """Return the setting that rules out idempotence; Java then switches it off in silence."""
    weak = {
        "acks": user.get("acks", "all") != "all",
        "enable.idempotence": user.get("enable.idempotence") is False,
        "retries": user.get("retries") == 0,
    }
    return ", ".join(f"{name}={user[name]}" for name, found in weak.items() if found)


def max_poll_records(settings: Settings) -> int | None:
    """Return the size of a batch if a client property sets it."""
    found = Translation("c", settings).java.get("max.poll.records")
    return found.parse(TABLE["max.poll.records"].kind) if found else None


def masked_config(config: Config) -> dict[str, str]:
    """Return a client's configuration as it may be shown."""
    return {name: mask(name, str(value)) for name, value in config.items()}


def _number(config: Config, settings: Settings) -> None:
    """Each of several processes has ids of its own, also where the user has set one for all."""
    for name in ("client.id", "group.instance.id"):
        if name in config:
            config[name] = f"{config[name]}{settings.suffix}"


def _widen(config: Config, longer: str, shorter: str, default: int = 0) -> None:
    """Raise the maximum to the minimum: librdkafka refuses a smaller one, Java does not."""
    if float(config.get(shorter, 0)) > float(config.get(longer, default)):
        config[longer] = config[shorter]
