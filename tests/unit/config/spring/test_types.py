"""Values and their types."""

import pytest

import config
from config.errors import SettingsError


@pytest.mark.parametrize("empty", ["", '""', "  "])
def test_empty_value_is_default(empty: str) -> None:
    argv = [
        f"--server.port={empty}",
        f"--spring.cloud.stream.bindings.input.group={empty}",
        f"--server.address={empty}",
    ]
    settings = config.load(argv, {"SERVER_PORT": "81"})  # the empty one hides it
    assert (settings.server_port, settings.input_anonymous, settings.server_address) == (
        8080,
        True,
        None,
    )


@pytest.mark.parametrize(
    ("brokers", "expected"),
    [
        ("a", "a:9092"),
        ("a:1,b", "a:1 b:9092"),
        ("PLAINTEXT://kafka:9092", "kafka:9092"),
        ("SASL_SSL://a:1, SASL_SSL://b:2", "a:1 b:2"),
        ("[::1]:9093", "[::1]:9093"),
    ],
)
def test_brokers_get_default_port(brokers: str, expected: str) -> None:
    assert (
        " ".join(config.load([f"--spring.cloud.stream.kafka.binder.brokers={brokers}"], {}).brokers)
        == expected
    )


def test_boot_brokers_need_default_binder() -> None:
    boot = ["--spring.kafka.bootstrap-servers=k:1"]
    assert config.load(boot, {}).brokers == ("k:1",)
    assert config.load(
        [*boot, "--spring.cloud.stream.kafka.binder.brokers=localhost"], {}
    ).brokers == ("k:1",)
    assert config.load([*boot, "--spring.cloud.stream.kafka.binder.brokers=b"], {}).brokers == (
        "b:9092",
    )
    port = "--spring.cloud.stream.kafka.binder.defaultBrokerPort=9"
    assert config.load([*boot, port], {}).brokers == ("localhost:9",)


@pytest.mark.parametrize(
    ("word", "reverses", "warned"),
    [
        *((word, True, False) for word in ("true", "TRUE", " yes ", "on", "1")),
        *((word, False, False) for word in ("false", "No", "off", "0")),
        *((word, False, True) for word in ("", "maybe", "tru", "2")),
    ],
)
def test_reversestring_is_boolean(word: str, *, reverses: bool, warned: bool) -> None:
    settings = config.load([f"--reversestring={word}"], {})
    assert settings.own_values["reversestring"] is reverses
    assert bool(settings.warnings) is warned


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("500ms", 0.5),
        ("1500", 1.5),
        ("2m", 120),
        ("PT1M30S", 90),
        ("pt0.5s", 0.5),
        ("1H", 3600),
    ],
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert config.load(
        [f"--spring.lifecycle.timeout-per-shutdown-phase={text}"], {}
    ).shutdown_timeout == pytest.approx(seconds)


def test_empty_value_is_none_unless_text() -> None:
    environ = {
        "SPRING_CLOUD_STREAM_DEFAULT_CONSUMER_MAXATTEMPTS": "8",
        "SPRING_CLOUD_STREAM_DEFAULT_GROUP": "g",
    }
    empty = [
        "--spring.cloud.stream.bindings.input.consumer.max-attempts=",
        "--management.endpoint.shutdown.enabled=",
    ]
    settings = config.load([*empty, "--spring.cloud.stream.bindings.input.group="], environ)
    assert (settings.max_attempts, settings.endpoints_enabled, settings.input_anonymous) == (
        8,
        {},
        True,
    )


def test_empty_list_is_none() -> None:
    settings = config.load(["--spring.cloud.stream.bindings.input.destination= ,"], {})
    assert settings.input_destinations == ("input",)


def test_list_with_gap_is_refused() -> None:
    environ = {"SPRING_KAFKA_BOOTSTRAP_SERVERS_0": "a", "SPRING_KAFKA_BOOTSTRAP_SERVERS_2": "c"}
    with pytest.raises(
        SettingsError,
        match=r'^SPRING_KAFKA_BOOTSTRAP_SERVERS_2: "c" .* is not allowed: .* without a gap$',
    ):
        config.load([], environ)
