"""Client properties that Java's client or librdkafka does not have together."""

from collections.abc import Iterator, Mapping

from config.errors import SettingsError
from config.kafka.assignors import left_out
from config.kafka.java_properties import TABLE
from config.kafka.java_property import ClientProperty, Config
from config.spring.types import FLAG

Java = Mapping[str, ClientProperty]
_ASSIGNORS = "partition.assignment.strategy"
# Properties that Java refuses with a group protocol, and what to do.
_NOT_WITH = {
    "consumer": {
        "session.timeout.ms": "the broker decides by the group's consumer.session.timeout.ms",
        "heartbeat.interval.ms": "the broker decides by the group's consumer.heartbeat.interval.ms",
        _ASSIGNORS: "the broker assigns; group.remote.assignor names how",
    },
    "classic": {"group.remote.assignor": f"the members assign; {_ASSIGNORS} names how"},
}
# A property, and the one that librdkafka wants to be no longer. client_config raises the first.
_NO_LESS = {
    "reconnect.backoff.max.ms": "reconnect.backoff.ms",
    "max.poll.interval.ms": "session.timeout.ms",
}
# Java's defaults, in milliseconds.
_SESSION_MS, _HEARTBEAT_MS = 45_000, 3000


def refuse_for_consumer(java: Java) -> None:
    """Refuse what Java's consumer refuses: another group protocol's properties, a late heartbeat.

    Args:
        java: The consumer's properties by Java's names.

    Raises:
        SettingsError: Two properties contradict each other.
    """
    protocol = _word(java, "group.protocol", "classic")
    for name, instead in _NOT_WITH[protocol].items():
        if name in java and java[name].value:
            raise SettingsError(
                f"{java[name].describe()} is not allowed with group.protocol={protocol}: "
                f"{instead}. Leave it out, or set another group.protocol"
            )
    session = _number(java, "session.timeout.ms", _SESSION_MS)
    heartbeat = _number(java, "heartbeat.interval.ms", _HEARTBEAT_MS)
    if protocol == "classic" and heartbeat >= session:
        given = java.get("session.timeout.ms") or java["heartbeat.interval.ms"]
        raise SettingsError(
            f"{given.describe()} is not allowed: session.timeout.ms ({session}) must be more than "
            f"heartbeat.interval.ms ({heartbeat})"
        )


def weaknesses(user: Config) -> str:
    """Return the properties that rule out idempotence, or "". Java then switches it off silently.

    Args:
        user: The producer's properties that are set, by librdkafka's names.
    """
    weak = {
        "acks": user.get("acks", "all") != "all",
        "enable.idempotence": user.get("enable.idempotence") is False,
        "retries": user.get("retries") == 0,
    }
    return ", ".join(f"{name}={user[name]}" for name, found in weak.items() if found)


def refuse_for_producer(java: Java, config: Config, weak: str) -> None:
    """Refuse what Java's producer refuses: idempotence that cannot be, a time-out below linger.ms.

    Args:
        java: The producer's properties by Java's names.
        config: All properties of librdkafka's producer.
        weak: The properties that rule out idempotence, or "".

    Raises:
        SettingsError: Two properties contradict each other.
    """
    if weak and "transactional.id" in config:
        raise SettingsError(
            f"{weak} is not allowed with a transaction-id-prefix: exactly once needs an "
            f"idempotent producer"
        )
    given = java.get("enable.idempotence")
    if weak and given and given.value and given.parse(FLAG):
        raise SettingsError(
            f"{given.describe()} is not allowed with {weak}: an idempotent producer has acks=all "
            f"and retries; leave one of them out"
        )
    timeout, linger = config.get("message.timeout.ms"), config["linger.ms"]
    if timeout and float(timeout) <= float(linger):  # 0 is no time-out
        raise SettingsError(
            f"delivery.timeout.ms ({timeout}) is not allowed: it must be more than linger.ms "
            f"({linger})"
        )
    longest = config.get("transaction.timeout.ms") if "transactional.id" in config else None
    if longest and float(longest) <= float(linger):
        raise SettingsError(
            f"{java['linger.ms'].describe()} is not allowed: it must be less than "
            f"transaction.timeout.ms ({longest})"
        )


def limit_delivery(config: Config) -> None:
    """Leave out a time-out of a delivery that is longer than the transaction's.

    librdkafka refuses such a time-out. Without one it takes the transaction's.

    Args:
        config: All properties of librdkafka's producer.
    """
    longest = config["transaction.timeout.ms"] if "transactional.id" in config else float("inf")
    if float(config.get("message.timeout.ms", 0)) > float(longest):
        del config["message.timeout.ms"]


def changed(client: str, java: Java, config: Config) -> Iterator[str]:
    """Yield a line for each property that the client is given otherwise than it is set.

    Args:
        client: "c" for the consumer, "p" for the producer, "a" for the admin client.
        java: The client's properties by Java's names.
        config: What librdkafka's client is given.
    """
    for longer, shorter in _NO_LESS.items():
        given = java.get(longer)
        if given and given.value and client in TABLE[longer].clients:
            value = _number(java, longer, 0)
            if value < int(config[longer]):
                yield (
                    f"{given.describe()} is {config[longer]} here: the client wants no less than "
                    f"{shorter}"
                )
    given = java.get(_ASSIGNORS)
    if client == "c" and given and given.value and (unused := left_out(given.value)):
        yield (
            f"{given.name} ({given.origin}): {', '.join(unused)} is left out, as librdkafka cannot "
            f"use it beside the others: every member needs one of {config[_ASSIGNORS]}"
        )
    given = java.get("delivery.timeout.ms")
    if client == "p" and given and given.value and "message.timeout.ms" not in config:
        yield (
            f"{given.describe()} is {config['transaction.timeout.ms']} here: a delivery ends with "
            f"its transaction, after transaction.timeout.ms"
        )


def _word(java: Java, name: str, default: str) -> str:
    given = java.get(name)
    return str(given.parse(TABLE[name].kind)) if given and given.value else default


def _number(java: Java, name: str, default: int) -> int:
    given = java.get(name)
    return int(given.parse(TABLE[name].kind)) if given and given.value else default
