"""A binder's environment that variables set: errors name these variables."""

import pytest

import config
from config.errors import SettingsError

BINDER = "spring.cloud.stream.kafka.binder"
PREFIX = "SPRING_CLOUD_STREAM_BINDERS_B_ENVIRONMENT"
BROKERS = f"{PREFIX}_SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS"


@pytest.mark.parametrize(
    "variable",
    [
        f"{PREFIX}_SPRING_CLOUD_STREAM_KAFKA_BINDER_REQUIREDACKS",
        f"spring.cloud.stream.binders.b.environment.{BINDER}.required-acks",
    ],
)
def test_error_names_the_variable(variable: str) -> None:
    with pytest.raises(SettingsError) as error:
        config.load([], {variable: "many"})
    assert f"(environment variable {variable})" in str(error.value)


def test_origin_is_the_variable() -> None:
    settings = config.load([], {BROKERS: "b:1"})
    assert settings.origin_of(f"{BINDER}.brokers") == f"environment variable {BROKERS}"


@pytest.mark.parametrize(
    ("argv", "environ", "origin"),
    [
        ([], {BROKERS: ""}, f"environment variable {BROKERS}"),
        (
            [f"--spring.cloud.stream.binders.b.environment.{BINDER}.brokers="],
            {},
            "the command line, binder b",
        ),
        ([f"--{BINDER}.brokers="], {}, "the command line"),
    ],
)
def test_empty_brokers_are_refused(argv: list[str], environ: dict[str, str], origin: str) -> None:
    with pytest.raises(SettingsError) as error:
        config.load(argv, environ)
    assert f"{BINDER}.brokers ({origin}) is set to nothing" in str(error.value)


def test_service_links_stay_without_inheritance() -> None:
    """A placeholder names a Service's variable, also if the binder inherits nothing."""
    environ = {
        "KAFKA_PORT": "tcp://10.0.0.1:9092",
        "KAFKA_SERVICE_HOST": "10.0.0.1",
        "KAFKA_SERVICE_PORT": "9092",
        "KAFKA_PORT_9092_TCP": "tcp://10.0.0.1:9092",
        f"{PREFIX.removesuffix('_ENVIRONMENT')}_INHERITENVIRONMENT": "false",
        BROKERS: "${KAFKA_SERVICE_HOST}:1",
    }
    assert config.load([], environ).brokers == ("10.0.0.1:1",)
