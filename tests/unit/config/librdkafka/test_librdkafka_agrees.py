"""The real client takes what the translation makes."""

import itertools

import confluent_kafka
import pytest

import config
from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.kafka.java_property import Native
from config.librdkafka import client_config
from config.support import Support
from tests.support.config.clients import (
    BINDER,
    OUTPUT,
    QUIET,
)


def candidates(name: str) -> list[str]:
    """Values that may be at the edge of what a property allows."""
    words = [
        *TABLE[name].kind.words,
        "true",
        "earliest",
        "org.apache.kafka.clients.consumer.RangeAssignor",
        "DefaultPartitioner",
        "all",
        "text",
    ]
    return [
        *words,
        *map(
            str,
            (
                -131072,
                -1,
                0,
                1,
                9,
                10,
                12,
                17,
                22,
                999,
                1000,
                100_000,
                300_000,
                3_600_000,
                1_000_000_000,
                2**31 - 1,
            ),
        ),
    ]


MAPPED = [
    name
    for name, row in TABLE.items()
    if row.verdict is Support.MAPPED and not name.startswith(("ssl.", "sasl."))
]


@pytest.mark.parametrize(
    "name", [name for name in MAPPED if name not in {"security.protocol", "client.dns.lookup"}]
)
def test_librdkafka_accepts_allowed_values(name: str) -> None:
    """security.protocol needs credentials, and one value of client.dns.lookup needs Kerberos.

    They have tests of their own.
    """
    taken: set[Native] = set()
    for value, codec in itertools.product(
        candidates(name), ("gzip", "zstd") if "level" in name else ("",)
    ):
        argv = [f"{BINDER}.configuration.{name}={value}", f"{OUTPUT}.compression-type={codec}"]
        if name == "group.remote.assignor":
            argv.append(f"{BINDER}.configuration.group.protocol=consumer")
        try:
            settings = config.load(argv, {})
        except SettingsError:
            continue
        if "c" in TABLE[name].clients:
            confluent_kafka.Consumer(client_config.consumer_config(settings) | QUIET).close()
        if "p" in TABLE[name].clients:
            confluent_kafka.Producer(client_config.producer_config(settings) | QUIET)
        taken.add(value)
    assert taken


def test_librdkafka_knows_every_property() -> None:
    natives = {
        (row.native or name)
        for name, row in TABLE.items()
        if row.verdict is Support.MAPPED and " " not in row.native
    }
    for native in natives:
        try:
            confluent_kafka.Producer({native: "x"} | QUIET)
        except (confluent_kafka.KafkaException, ValueError) as error:
            assert "No such configuration property" not in str(error)  # noqa: PT017 - other complaints are about the value
