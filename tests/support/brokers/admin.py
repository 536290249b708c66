"""Clients for brokers that come and go, and a short question to one of them."""

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def quick(bootstrap: str) -> dict[str, str | int | float | bool]:
    """Settings of a client for brokers that come and go: quiet, quick to try again.

    Without the last one librdkafka 2.16 drops the coordinator of a group in an outage of some
    seconds, and requests to it hang.
    """
    return {
        "bootstrap.servers": bootstrap,
        "log_level": 0,
        "reconnect.backoff.max.ms": 200,
        "metadata.recovery.strategy": "none",
    }


def quick_admin(bootstrap: str) -> AdminClient:
    return AdminClient(quick(bootstrap))


def brokers_seen(address: str) -> int:
    """Count the brokers that the node at `address` reports to a new client.

    A client to which a node has reported none may never ask again (librdkafka issue 5301).
    """
    try:
        return len(quick_admin(address).list_topics(timeout=2).brokers)
    except KafkaException:
        return 0
