"""Names that are nearly a property: what is meant is named."""

import json

import pytest

import config
from tests.support.config.refusals import INPUT, KAFKA_INPUT, SECRET, refusal


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("management.endpoint.health.show-detail", "management.endpoint.health.show-details"),
        ("logging.structured.format.consol", "logging.structured.format.console"),
        (
            "spring.lifecycle.timeout-per-shutdown-phas",
            "spring.lifecycle.timeout-per-shutdown-phase",
        ),
        ("spring.datasource.urll", "spring.datasource.url"),
    ],
)
def test_misspelt_name(written: str, meant: str) -> None:
    [warning] = config.load([f"--{written}={SECRET}"], {}).warnings
    assert warning == (
        f"{written} (the command line) is ignored: there is no such property; did you mean {meant}?"
    )


BINDINGS = "spring.cloud.stream.bindings"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("max-attempts", f"{INPUT}.consumer.max-attempts"),
        ("maxAttempts", f"{INPUT}.consumer.max-attempts"),
        ("consumer.max-attempts", f"{INPUT}.consumer.max-attempts"),
        ("brokers", "spring.cloud.stream.kafka.binder.brokers"),
        (
            "transaction-id-prefix",
            "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",
        ),
        ("batch-size", "python-processor.batch-size"),
        ("destination", f"{BINDINGS}.input.destination or {BINDINGS}.output.destination"),
    ],
)
def test_last_elements_of_a_name(written: str, meant: str) -> None:
    """Short names are for people; the whole name has to be given."""
    line = f"is ignored: there is no such property; did you mean {meant}?"
    [warning] = config.load([f"--{written}={SECRET}"], {}).warnings
    assert warning == f"{written} (the command line) {line}"
    [warning] = config.load([], {"SPRING_APPLICATION_JSON": json.dumps({written: SECRET})}).warnings
    assert warning.endswith(line)
    assert SECRET not in warning


def test_placeholder_short_name() -> None:
    assert not config.load(
        ["--brokers=a:1", "--spring.kafka.bootstrap-servers=${brokers}"], {}
    ).warnings


@pytest.mark.parametrize("variable", ["GROUP", "BROKERS", "DESTINATION", "MAX_ATTEMPTS"])
def test_short_name_of_a_variable(variable: str) -> None:
    """A variable may be for another program of the container."""
    assert not config.load([], {variable: SECRET}).warnings


@pytest.mark.parametrize(
    "written",
    [
        *(
            "server.prot",
            "spring.boot.admin.client.urls",
            "spring.security.user.pasword",
            "spring.kafka.bootstrap-server",
        ),
        *(
            "spring.kafka.security.protocl",
            "spring.kafka.ssl.trust-store-locatoin",
            "management.endpoints.web.exposure.includes",
        ),
        *(
            "spring.cloud.streamapp.security.admin-pasword",
            "spring.cloud.stream.kafka.binder.broker",
            "spring.config.imports",
        ),
        *(
            "server.ssl.enabeld",
            "spring.cloud.stream.kafka.binder.configuration.ssl.truststore.locatoin",
        ),
        *("spring.kafka.properties.sasl.mechansim", "spring.kafka.properties.security.protocoll"),
        *(
            f"{INPUT}.destinaton",
            f"{INPUT}.gruop",
            "spring.cloud.stream.bindings.orders.destination",
            f"{KAFKA_INPUT}.dlq-nam",
        ),
    ],
)
def test_misspelt_security_or_address(written: str) -> None:
    """What is nearly a name about security, an address or a place of settings is refused."""
    assert "is not allowed" in refusal(f"--{written}={SECRET}")
