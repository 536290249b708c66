"""Named binders, with environments of their own."""

import pytest

import config
from config.errors import SettingsError

STREAM = "spring.cloud.stream"


BINDER = f"{STREAM}.kafka.binder"


def test_binder_environment_wins() -> None:
    environment = f"--{STREAM}.binders.b.environment.{BINDER}"
    argv = [
        f"{environment}.brokers=b:1",
        f"--{STREAM}.bindings.input.binder=b",
        f"--{STREAM}.bindings.output.binder=b",
    ]
    settings = config.load(
        [*argv, f"--{STREAM}.binders.b.type=kafka", f"--{BINDER}.brokers=low:2"], {}
    )
    assert settings.brokers == ("b:1",)
    assert settings.warnings == ()
    assert config.load([argv[0]], {}).brokers == ("b:1",)
    assert config.load(
        [], {"SPRING_CLOUD_STREAM_BINDERS_B_ENVIRONMENT_SPRING_KAFKA_BOOTSTRAP_SERVERS": "v:1"}
    ).brokers == ("v:1",)


def test_binder_without_inherited_environment() -> None:
    argv = [
        f"--{STREAM}.binders.b.environment.{BINDER}.brokers=b:1",
        f"--{STREAM}.binders.b.inherit-environment=false",
        "--spring.kafka.client-id=x",
    ]
    assert config.load(argv, {}).boot_common == {}
    assert config.load([argv[0], argv[2]], {}).boot_common == {"client-id": "x"}


@pytest.mark.parametrize(
    "argv",
    [
        ("binders.a.type=kafka", "binders.b.type=kafka"),
        (
            "binders.a.type=kafka",
            "binders.b.type=kafka",
            "bindings.input.binder=a",
            "bindings.output.binder=b",
        ),
        ("binders.a.type=kafka", "bindings.input.binder=kafka"),
        ("binders.a.type=rabbit",),
        ("bindings.input.binder=nope",),
        ("default-binder=rabbit",),
        ("binders.a.enviroment.spring.kafka.bootstrap-servers=x",),
        ("binders.a.environment.server.port=1",),
    ],
)
def test_refused_binders(argv: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match=r"is not allowed|are not allowed"):
        config.load([f"--{STREAM}.{each}" for each in argv], {})
