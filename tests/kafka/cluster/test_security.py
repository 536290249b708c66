"""A Kafka with TLS and credentials; the processor gets Spring's and Java's properties only."""

import json
import re

import pytest
from confluent_kafka.admin._acl import AclOperation

from tests.support.brokers.certificates import STORE_PASSWORD, keytool
from tests.support.brokers.logins import (
    CONFIGURATION,
    Make,
    Settings,
    mutual_tls,
    mutual_tls_with_pem_by_spring_boot,
    plain,
    scram_256,
    scram_512_by_spring_boot,
    scram_512_by_the_binders_jaas,
    wrong_host_name,
)
from tests.support.brokers.refusals import REFUSALS, pattern
from tests.support.brokers.secured import PASSWORD, SecuredKafka
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW, SECONDS, By, Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for

SHOW_ALL = {
    "management.endpoints.web.exposure.include": "*",
    "management.endpoint.health.show-details": "always",
    "management.endpoint.env.show-values": "always",
    "management.endpoint.configprops.show-values": "always",
}


@pytest.fixture
def kafka(secured: SecuredKafka) -> SecuredKafka:
    """What `stream` is on."""
    return secured


@pytest.fixture(autouse=True)
def _topics(stream: Stream) -> None:
    stream.create()


def assert_no_secret(processor: Processor) -> None:
    """None in the log, none over HTTP."""
    shown = processor.output + "".join(
        json.dumps(processor.get(f"/actuator/{name}"))
        for name in ("env", "configprops", "bindings")
    )
    for secret in ("ss;word", "wr0ng", STORE_PASSWORD, "PRIVATE KEY"):
        assert secret not in shown


WORKING: list[Make] = [
    plain,
    scram_256,
    scram_512_by_the_binders_jaas,
    scram_512_by_spring_boot,
    mutual_tls,
    mutual_tls_with_pem_by_spring_boot,
]


@pytest.mark.parametrize("by", [By.JSON, By.ARGUMENTS])
@pytest.mark.parametrize("make", WORKING)
def test_records_flow_secured(stream: Stream, secured: SecuredKafka, make: Make, by: By) -> None:
    processor = stream.processor(SHOW_ALL | make(secured), by=by).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]
    assert_no_secret(processor)


def test_variables_set_security(stream: Stream, secured: SecuredKafka) -> None:
    """Names of Kafka properties lose nothing in capitals.

    Their words are separated by dots, never by dashes.
    """
    stream.processor(scram_256(secured), by=By.ENVIRONMENT).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_host_check_can_be_off(stream: Stream, secured: SecuredKafka) -> None:
    unchecked = {f"{CONFIGURATION}.ssl.endpoint.identification.algorithm": ""}
    stream.processor(wrong_host_name(secured) | unchecked).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


@pytest.mark.parametrize(("make", "line"), REFUSALS)
def test_refusal_is_one_line(stream: Stream, secured: SecuredKafka, make: Make, line: str) -> None:
    """It says who refuses what, with the property to look at, and the same in the health."""
    wanted = pattern(secured, line)
    processor = stream.processor(SHOW_ALL | make(secured)).start().first_answer()

    def troubles() -> list[str]:
        """An answer of 200 or 503."""
        health = processor.request("GET", "/actuator/health")[1]
        return [
            each["what"]
            for each in health["components"]["binders"]["components"]["kafka"]["details"].get(
                "troubles", []
            )
        ]

    reported = wait_for(troubles, SECONDS, "a trouble in the health")
    assert wanted.search(reported[0]), reported
    lines = [
        each
        for each in processor.output.splitlines()
        # The settings report a store that this protocol leaves out.
        if " INFO " not in each and " processor.settings " not in each
    ]
    assert len(lines) == 1, lines
    assert wanted.search(lines[0]), lines
    assert_no_secret(processor)


def test_credentials_change_while_running(stream: Stream, secured: SecuredKafka) -> None:
    """The processor waits, DOWN with the reason, until the broker accepts its credentials again."""
    processor = stream.processor(SHOW_ALL | scram_256(secured)).start().running()
    secured.set_password("an0ther")
    try:
        secured.kill()
        secured.restart()

        def is_refused() -> bool:
            code, whole = processor.request("GET", "/actuator/health")
            kafka = whole["components"]["binders"]["components"]["kafka"]
            return (code, kafka["status"]) == (503, "DOWN") and "refuses the credentials" in str(
                kafka["details"]
            )

        wait_for(is_refused, SECONDS, "DOWN with the reason")
        assert processor.request("GET", "/actuator/health/readiness")[0] == 503
        processor.assert_alive()
    finally:
        secured.set_password(PASSWORD)
    processor.running()
    stream.send(Record(b"abc"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"cba"]


# ---- what cannot be used at all


def test_jks_store_refusal_shows_conversion(stream: Stream, secured: SecuredKafka) -> None:
    jks = {f"{CONFIGURATION}.ssl.truststore.location": str(secured.stores / "old.jks")}
    refused = stream.processor(mutual_tls(secured) | jks).start()
    assert refused.exit_code() == 1
    assert len(refused.output.splitlines()) == 1
    command = re.search(
        r"keytool (-importkeystore .* -destkeystore (\S+) -deststoretype PKCS12)", refused.output
    )
    assert command, refused.output
    assert STORE_PASSWORD not in refused.output

    keytool(*command[1].split(), "-srcstorepass", STORE_PASSWORD)
    converted = {f"{CONFIGURATION}.ssl.truststore.location": command[2]}
    stream.processor(mutual_tls(secured) | converted).start().running()


def test_wrong_store_password_is_refused(stream: Stream, secured: SecuredKafka) -> None:
    wrong = {f"{CONFIGURATION}.ssl.keystore.password": "wr0ng"}
    refused = stream.processor(mutual_tls(secured) | wrong).start()
    assert refused.exit_code() == 1
    (line,) = refused.output.splitlines()
    assert "client.p12 is not a PKCS12 store, or its password is wrong" in line
    assert "wr0ng" not in line


# ---- --check


def tried(stream: Stream, settings: Settings) -> tuple[int, list[str]]:
    """The exit code of --check, and what it has tried."""
    checked = stream.processor(settings, (str(DATAFLOW), "--check")).start()
    code = checked.exit_code()
    for secret in ("ss;word", "wr0ng", STORE_PASSWORD, "PRIVATE KEY", "Traceback"):
        assert secret not in checked.output
    return code, f"\n{checked.output}".partition("\nTried\n")[2].partition(
        "\nSettings that differ"
    )[0].splitlines()[1:]  # the first one names the steps


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (scram_256, "SASL_SSL, accepts the credentials (SCRAM-SHA-256)"),
        (mutual_tls, "SSL"),
        (plain, "SASL_SSL, accepts the credentials (PLAIN)"),
    ],
)
def test_check_shows_protocol(stream: Stream, secured: SecuredKafka, make: Make, how: str) -> None:
    code, lines = tried(stream, make(secured))
    assert f": answers over {how};" in lines[0]
    assert (code, [line for line in lines if "FAILED" in line]) == (0, [])


@pytest.mark.parametrize(("make", "line"), REFUSALS)
def test_check_names_refusals(stream: Stream, secured: SecuredKafka, make: Make, line: str) -> None:
    code, (reported,) = tried(stream, make(secured))
    assert code == 1
    assert reported.startswith("  FAILED broker ")
    assert pattern(secured, line).search(reported)


def test_check_finds_what_is_not_allowed(stream: Stream, secured: SecuredKafka) -> None:
    secured.allow_only(AclOperation.WRITE, stream.source)
    secured.allow_only(AclOperation.READ, stream.target)
    code, lines = tried(stream, plain(secured))
    assert code == 1
    assert [line for line in lines if "FAILED" in line] == [
        f"  FAILED input {stream.source}: 1 partition(s), but the operation READ is not allowed",
        f"  FAILED output {stream.target}: 1 partition(s), but the operation WRITE is not allowed",
    ]
