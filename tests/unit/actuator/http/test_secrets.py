"""No answer shows a secret."""

from dataclasses import replace

import pytest

import config
from config.errors import SettingsError
from config.report import changed_lines
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


METADATA = "spring.boot.admin.client.instance.metadata"
OWN = ["--function=orders:enrich"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        *((f"info.{key}", "some-thing", False) for key in ("db.pass", "auth", "dsn", "x.pin")),
        *((f"{METADATA}.{key}", "some-thing", False) for key in ("user.pass", "auth.value")),
        *((f"info.{key}", "some-thing", True) for key in ("git.branch", "author", "url")),
        ("info.url", "http://user:some-thing@host/", False),
        ("info.queue", "Endpoint=sb://h/;SharedAccessKey=some-thing", False),
        ("info.x", "x-${DB_PASS}", False),
        ("info.x", "x-some-thing", True),
        ("spring.cloud.stream.bindings.input.group", "some-thing", True),
        ("spring.cloud.stream.bindings.input.group", "${vcap.services.k.credentials.pass}", False),
        ("spring.kafka.properties.key.serializer", "some-thing", True),
        ("spring.kafka.properties.sasl.jaas.confg2", "some-thing", False),
        ("threshold", "12345", True),
    ],
)
def test_report_and_endpoints_agree(name: str, value: str, *, shown: bool) -> None:
    """What --check masks is masked in every endpoint, and nothing else is."""
    argv = [*SHOWING, *OWN, f"--{name}={value}"]
    environ = {"DB_PASS": "its-password"}
    try:
        settings = config.load(argv, environ)
    except SettingsError as refusal:
        assert not shown
        assert "some-thing" not in str(refusal)  # noqa: PT017 - a misspelt name about security
        return
    app = loaded(*argv, environ=environ)
    [line] = [line for line in changed_lines(settings) if line.startswith(f"  {name} = ")]
    sources = app.json("/actuator/env")["propertySources"]
    written = sources[0]["properties"][name]["value"]
    beans = app.json("/actuator/configprops")["contexts"]["application"]["beans"]
    bean = beans.get(name.rpartition(".")[0] or "python-processor")
    resolved = bean["properties"][name.rpartition(".")[2]] if bean else None
    assert ("******" not in line) == shown
    assert (written == value) == shown
    assert (str(resolved) == value) == shown or bean is None
    assert shown or "some-thing" not in all_answers(app)


def test_environment_without_utf_8() -> None:
    """A variable that a higher source hides is shown as JSON can."""
    app = loaded(
        *SHOWING,
        "--server.address=127.0.0.1",
        environ={"SERVER_ADDRESS": "a\udcff", "FOREIGN_\udcff": "x"},
    )
    sources = app.json("/actuator/env")["propertySources"]
    assert sources[1]["properties"]["SERVER_ADDRESS"]["value"] == "a\udcff"


def test_name_with_a_colon_in_env() -> None:
    answer = loaded(*SHOWING, f"--some.name:{SECRET}").get("/actuator/env")
    assert "some.name" in answer.text
    assert SECRET not in answer.text


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
