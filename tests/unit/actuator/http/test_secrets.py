"""No answer shows a secret."""

from dataclasses import replace

import pytest

from config.errors import SettingsError
from runtime.metrics.meter import Sample
from tests.fakes.actuator.actuator_app import App
from tests.fakes.actuator.loaded_app import SECRET, loaded

# F4, secrets

KAFKA = "spring.cloud.stream.kafka"
CONFIGURATIONS = [
    f"{KAFKA}.bindings.input.consumer.configuration",
    f"{KAFKA}.bindings.output.producer.configuration",
]
NAMES = [
    "ssl.key-store-pasword",
    "basic.auth.user.info",
    "proxy.pwd",
    "schema.registry.basic.auth.user.info",
    "sasl.jaas.confg",
    "x",
]
SHOWING = [
    "--management.endpoints.web.exposure.include=*",
    "--management.endpoint.env.show-values=always",
    "--management.endpoint.configprops.show-values=always",
    "--management.endpoint.health.show-details=always",
    "--management.info.env.enabled=true",
]
PUBLIC = [
    "bindings",
    "bindings/input",
    "bindings/output",
    "info",
    "health",
    "env",
    "configprops",
    "metrics",
    "prometheus",
]


def all_answers(app: App) -> str:
    return "\n".join(app.get(f"/actuator/{path}").text for path in PUBLIC)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "prefix",
    [*CONFIGURATIONS, f"{KAFKA}.binder.configuration", "spring.kafka.properties", "some.one.else"],
)
def test_unknown_names_are_masked(prefix: str, name: str) -> None:
    try:
        shown = all_answers(loaded(*SHOWING, f"--{prefix}.{name}={SECRET}"))
    except SettingsError as refusal:  # a misspelt name about security
        shown = str(refusal)
    assert name in shown or prefix == "some.one.else"
    assert SECRET not in shown


@pytest.mark.parametrize("secret", ["db.password", "MY_API_TOKEN", "app.secret-key"])
@pytest.mark.parametrize(
    "property_name",
    [
        f"{CONFIGURATIONS[0]}.client.id",
        "spring.cloud.stream.bindings.input.group",
        "spring.cloud.stream.bindings.output.destination",
        f"{KAFKA}.bindings.input.consumer.dlq-name",
        "info.app.name",
        "management.metrics.tags.team",
        "spring.application.name",
    ],
)
def test_values_from_secrets_are_masked(property_name: str, secret: str) -> None:
    app = loaded(*SHOWING, f"--{secret}={SECRET}", f"--{property_name}=x-${{{secret}}}-y")
    assert SECRET not in all_answers(app)


def test_labels_hold_no_secret() -> None:
    app = loaded(*SHOWING, f"--db.password={SECRET}")
    app.handle.publish(
        replace(
            app.handle.status,
            samples=(Sample("python.processor.batches", 1, (("client.id", f"c-{SECRET}"),)),),
        )
    )
    assert 'client_id="c-******"' in app.get("/actuator/prometheus").text
    assert SECRET not in all_answers(app)


def test_known_values_are_shown() -> None:
    app = loaded(
        *SHOWING,
        f"--{CONFIGURATIONS[0]}.client.id=mine",
        "--server.port=1234",
        environ={"SERVER_PORT": "1"},
    )
    assert app.json("/actuator/bindings")[0]["extension"]["configuration"] == {"client.id": "mine"}
    sources = app.json("/actuator/env")["propertySources"]
    assert sources[0]["properties"]["server.port"]["value"] == "1234"
    assert sources[1]["properties"]["SERVER_PORT"]["value"] == "1"
