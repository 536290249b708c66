"""Java classes, and references to them, that decide about security are refused, not dropped."""

import pytest

from config.kafka.java_properties import TABLE
from config.support import Support
from tests.support.config.clients import BINDER, warnings
from tests.support.config.security import PLAIN, SECRET, argv, refusal

SASL = argv(
    security__protocol="SASL_SSL",
    sasl__mechanism="PLAIN",
    sasl__jaas__config=f'{PLAIN} required username="u" password="p";',
)
SECURITY = [name for name in TABLE if name.startswith(("ssl.", "sasl.", "security."))]
WITH_CHOICE = [name for name in SECURITY if TABLE[name].verdict is Support.REJECTED]
LAYERS = (
    f"{BINDER}.configuration",
    f"{BINDER}.consumer-properties",
    f"{BINDER}.producer-properties",
    "--spring.kafka.properties",
    "--spring.kafka.admin.properties",
)
# Dropping these changes neither who is trusted nor where credentials come from.
HARMLESS = (
    "ssl.enabled.protocols",  # judged with TLS: a list without TLSv1.2 is refused
    "ssl.secure.random.implementation",
    "sasl.kerberos.",
    "sasl.login.refresh.",
    "sasl.login.connect.timeout.ms",
    "sasl.login.read.timeout.ms",
    "sasl.login.retry.backoff.",
    "sasl.oauthbearer.scope.claim.name",
    "sasl.oauthbearer.expected.",
    "sasl.oauthbearer.jwks.",
    "sasl.oauthbearer.clock.skew.seconds",
)


@pytest.mark.parametrize("name", SECURITY)
def test_security_is_not_dropped(name: str) -> None:
    assert TABLE[name].verdict in {Support.MAPPED, Support.REJECTED} or name.startswith(HARMLESS)


@pytest.mark.parametrize("name", WITH_CHOICE)
@pytest.mark.parametrize("protocol", ["", "PLAINTEXT", "SSL", "SASL_SSL"])
def test_foreign_class_is_refused(name: str, protocol: str) -> None:
    given = {
        "": [],
        "SASL_SSL": SASL,
    }.get(protocol, argv(security__protocol=protocol))
    line = refusal([*given, f"{BINDER}.configuration.{name}=com.acme.Other"])
    assert f"{name}: " in line
    assert "(the command line) is not allowed: " in line


@pytest.mark.parametrize("layer", LAYERS)
def test_foreign_class_in_any_layer(layer: str) -> None:
    name = "sasl.client.callback.handler.class"
    assert f"{name}: " in refusal([*SASL, f"{layer}.{name}=com.acme.Handler"])


@pytest.mark.parametrize("name", WITH_CHOICE)
def test_javas_own_class_is_silent(name: str) -> None:
    for value in TABLE[name].accepted_values:
        assert warnings(*SASL, f"{BINDER}.configuration.{name}={value}") == ()


@pytest.mark.parametrize(
    "name",
    [
        "sasl.login.callback.handler.class",
        "sasl.oauthbearer.jwt.validator.class",
        "ssl.engine.factory.class",
    ],
)
def test_class_of_another_package(name: str) -> None:
    simple = TABLE[name].accepted_values[1].rpartition(".")[2]
    for value in (simple, f"com.acme.{simple}"):
        assert "is not allowed" in refusal([*SASL, f"{BINDER}.configuration.{name}={value}"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sasl.jaas.config", rf'{PLAIN} required username="u" password="\${{file:/opt/x:pw}}";'),
        ("ssl.truststore.password", r"\${vault:secret/kafka:password}"),
        ("ssl.key.password", r"\${env:PASSWORD}"),
        ("client.id", r"\${dir:/opt:id}"),
    ],
)
@pytest.mark.parametrize("providers", [(), (f"{BINDER}.configuration.config.providers=file",)])
def test_reference_to_a_provider(name: str, value: str, providers: tuple[str, ...]) -> None:
    """As it is, it would be the password."""
    line = refusal([*SASL, *providers, f"{BINDER}.configuration.{name}={value}"])
    assert f"{name} (the command line) is not allowed: it refers to one of config.provider" in line
    assert "/opt" not in line


@pytest.mark.parametrize(
    "setting", [r"client.id=\${x:}", r"of.no.client=\${x:y}", r"metrics.recording.level=\${x:y}"]
)
def test_text_that_is_no_reference(setting: str) -> None:
    """It names no key, or no client takes it."""
    warnings(f"{BINDER}.configuration.{setting}")


def test_unused_providers_are_logged() -> None:
    [line] = warnings(f"{BINDER}.configuration.config.providers=file")
    assert "config.providers" in line
    assert "is dropped" in line


TLS = {"ssl__truststore__location": "/x", "ssl__cipher__suites": SECRET}
LOGIN = {"sasl__mechanism": "PLAIN", "sasl__jaas__config": SECRET}


@pytest.mark.parametrize(
    ("protocol", "given", "names"),
    [
        ("PLAINTEXT", TLS, ["ssl.truststore.location"]),
        ("PLAINTEXT", LOGIN, ["sasl.mechanism"]),
        ("PLAINTEXT", TLS | LOGIN, ["ssl.truststore.location", "sasl.mechanism"]),
        ("SASL_PLAINTEXT", TLS, ["ssl.truststore.location"]),
        ("SSL", LOGIN, ["sasl.mechanism"]),
        ("PLAINTEXT", {"ssl__endpoint__identification__algorithm": "https"}, ["ssl.endpoint"]),
        ("SSL", {"sasl__oauthbearer__scope": "x"}, ["sasl.oauthbearer.scope"]),
    ],
)
def test_protocol_leaves_security_out(
    protocol: str, given: dict[str, str], names: list[str]
) -> None:
    """Java drops it in silence, once for each client."""
    login = SASL[1:] if protocol == "SASL_PLAINTEXT" else []
    lines = warnings(*login, *argv(security__protocol=protocol, **given))
    assert len(lines) == len(names)
    for line, name in zip(lines, names, strict=True):
        assert name in line
        assert line.endswith(f"has no effect: security.protocol is {protocol}")
