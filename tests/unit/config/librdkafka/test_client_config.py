"""Spring's and Java's properties in librdkafka's words."""

import pytest

import config
from config.errors import SettingsError
from config.librdkafka import client_config
from tests.support.config.clients import (
    BINDER,
    GROUP,
    INPUT,
    OUTPUT,
    consumer,
    producer,
    warnings,
)


def test_consumer_defaults() -> None:
    assert consumer(GROUP) == {
        "bootstrap.servers": "localhost:9092",
        "group.id": "g",
        "client.id": "consumer-g-1",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": 45_000,
        "fetch.queue.backoff.ms": 20,
        "fetch.wait.max.ms": 100,
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 32_768,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
    }


def test_producer_defaults() -> None:
    assert producer() == {
        "bootstrap.servers": "localhost:9092",
        "client.id": "producer-python-processor-1",
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,
        "acks": "all",
        "max.in.flight.requests.per.connection": 1,
        "partitioner": "murmur2_random",
        "message.timeout.ms": 0,
        "linger.ms": 5,
        "message.max.bytes": 1_048_576,
        "delivery.report.only.error": True,
        "queue.buffering.max.messages": 100_000,
        "queue.buffering.max.kbytes": 65_536,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
    }


def test_anonymous_starts_at_end() -> None:
    settings = config.load([], {})
    given = client_config.consumer_config(settings)
    assert given["auto.offset.reset"] == "latest"
    assert str(given["group.id"]).startswith("anonymous.")
    assert (
        given["group.id"]
        == settings.input_group
        == client_config.consumer_config(settings)["group.id"]
    )


PREFIX = "--spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix=tx-"


CONSUMER_LAYERS = (
    "--spring.kafka.properties.fetch.min.bytes=1",
    "--spring.kafka.consumer.fetch-min-size=2B",
    "--spring.kafka.consumer.properties.fetch.min.bytes=3",
    f"{BINDER}.configuration.fetch.min.bytes=4",
    f"{BINDER}.consumer-properties.fetch.min.bytes=5",
    f"{INPUT}.configuration.fetch.min.bytes=6",
)
PRODUCER_LAYERS = (
    f"{OUTPUT}.buffer-size=1",
    "--spring.kafka.properties.batch.size=2",
    "--spring.kafka.producer.batch-size=3",
    "--spring.kafka.producer.properties.batch.size=4",
    f"{BINDER}.configuration.batch.size=5",
    f"{BINDER}.producer-properties.batch.size=6",
    f"{OUTPUT}.configuration.batch.size=7",
)


@pytest.mark.parametrize("layers", range(1, len(CONSUMER_LAYERS) + 1))
def test_consumer_precedence(layers: int) -> None:
    assert consumer(*reversed(CONSUMER_LAYERS[:layers]))["fetch.min.bytes"] == layers


@pytest.mark.parametrize("layers", range(1, len(PRODUCER_LAYERS) + 1))
def test_producer_precedence(layers: int) -> None:
    assert producer(*reversed(PRODUCER_LAYERS[:layers]))["batch.size"] == layers


def test_start_offset_precedence() -> None:
    latest = f"{BINDER}.configuration.auto.offset.reset=latest"
    assert consumer(GROUP, latest)["auto.offset.reset"] == "latest"
    assert (
        consumer(GROUP, latest, f"{INPUT}.start-offset=earliest")["auto.offset.reset"] == "earliest"
    )
    assert (
        consumer(GROUP, "--spring.kafka.consumer.auto-offset-reset=none")["auto.offset.reset"]
        == "error"
    )


def test_required_acks_is_lowest_layer() -> None:
    assert producer(f"{BINDER}.required-acks=1")["acks"] == "1"
    assert (
        producer(f"{BINDER}.required-acks=1", "--spring.kafka.producer.acks=all")["acks"] == "all"
    )


def test_other_clients_property_is_ignored() -> None:
    argv = (
        f"{BINDER}.configuration.linger.ms=7",
        f"{BINDER}.configuration.max.poll.interval.ms=90000",
    )
    assert "linger.ms" not in consumer(*argv)
    assert "max.poll.interval.ms" not in producer(*argv)
    assert warnings(*argv) == ()


def test_acks_follow_spring() -> None:
    assert warnings(f"{BINDER}.required-acks=1") == (
        "acks=1: a record can be lost, doubled or out of order when a broker fails",
    )


@pytest.mark.parametrize(
    "layer",
    [
        f"{BINDER}.configuration",
        f"{INPUT}.configuration",
        f"{OUTPUT}.configuration",
        "--spring.kafka.properties",
    ],
)
def test_brokers_in_configuration_are_refused(layer: str) -> None:
    with pytest.raises(
        SettingsError, match=r"set spring\.cloud\.stream\.kafka\.binder\.brokers instead"
    ):
        config.load([f"{layer}.bootstrap.servers=x"], {})


def test_delivery_timeout_below_linger_fails() -> None:
    with pytest.raises(
        SettingsError,
        match=r"delivery.timeout.ms \(5\) is not allowed: it must be more than linger.ms \(7\)",
    ):
        config.load(
            [
                f"{BINDER}.configuration.delivery.timeout.ms=5",
                f"{BINDER}.configuration.linger.ms=7",
            ],
            {},
        )


def test_exactly_once_requires_stable_offsets() -> None:
    with pytest.raises(
        SettingsError,
        match=r"isolation.level=read_uncommitted is not allowed with a transaction-id-prefix",
    ):
        config.load((GROUP, PREFIX, "--spring.kafka.consumer.isolation-level=read_uncommitted"), {})
