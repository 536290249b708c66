"""The log texts on the pages are the code's own, letter for letter."""

import re
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError

import config
from connectors.cluster.broker_status import BrokerStatus
from connectors.errors.connection_errors import explain
from tests.support.brokers.refusals import REFUSALS
from tests.support.docs.markdown import Part, read_page
from tests.unit.docs.log_texts import is_written, pieces_of, quoted_texts

PRODUCT = ("actuator", "config", "connectors", "runtime")
PAGE = "docs/troubleshooting.md"
SECTION = "A broker refuses the connection"
BINDER = "spring.cloud.stream.kafka.binder"
PIECES = pieces_of(PRODUCT)
TRANSPORT, RESOLVE = KafkaError._TRANSPORT, KafkaError._RESOLVE
AUTHENTICATION, ALL_DOWN = KafkaError._AUTHENTICATION, KafkaError._ALL_BROKERS_DOWN


@pytest.mark.parametrize("text", quoted_texts(PAGE), ids=str)
def test_quoted_text_is_in_code(text: Part) -> None:
    assert is_written(text.text, PIECES), f"{text}: no source has this text"


@pytest.mark.parametrize(
    "text", ["the brokers are away", "is larger than ... allows it", "refuses the credential of"]
)
def test_other_text_is_found(text: str) -> None:
    assert not is_written(text, PIECES)


def lines() -> list[Part]:
    """The lines in the tables of the section about connections."""
    page = read_page(PAGE)
    (first,) = [each.line for each in page.headings if each.text == SECTION]
    end = min(each.line for each in page.headings if each.line > first)
    return [
        Part(cell.page, cell.line, cell.text.strip("`"))
        for cell in page.cells
        if first < cell.line < end and re.fullmatch("`[^`]*`", cell.text)
    ]


def refused_settings(given: dict[str, str]) -> str:
    """The line that ends the start."""
    arguments = [f"--{BINDER}.configuration.{name}={value}" for name, value in given.items()]
    with pytest.raises(config.SettingsError) as refused:
        config.load(arguments, {})
    return str(refused.value)


def away(address: str, *errors: KafkaError) -> str:
    """What health and log say of a broker that the client cannot reach."""
    brokers = BrokerStatus([address])
    for error in errors:
        brokers.on_error(error)
    assert brokers.trouble
    return brokers.trouble.what


def explained(code: int, text: str, endpoint: str = "") -> str:
    return explain(KafkaError(code, text), {"sasl.oauthbearer.token.endpoint.url": endpoint}) or ""


DOWN = KafkaError(ALL_DOWN, "1/1 brokers are down")
WRITTEN_BY: list[Callable[[], str]] = [
    lambda: explained(
        AUTHENTICATION,
        "sasl_ssl://kafka:9094/1: SASL GSSAPI mechanism handshake failed: Broker: Unsupported "
        "SASL mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-256 (after 2ms in state "
        "AUTH_HANDSHAKE)",
    ),
    lambda: explained(
        AUTHENTICATION,
        'Failed to acquire SASL OAUTHBEARER token: {"error":"invalid_client"}',
        "https://login.example.com/token",
    ),
    lambda: away("kafka:9094", DOWN),
    lambda: away(
        "kafka:9092",
        KafkaError(
            TRANSPORT,
            "kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused "
            "(after 0ms in state CONNECT)",
        ),
        DOWN,
    ),
    lambda: away(
        "kafka:9092",
        KafkaError(
            RESOLVE,
            "kafka:9092/bootstrap: Failed to resolve 'kafka:9092': Name or service not known "
            "(after 3ms in state CONNECT)",
        ),
        DOWN,
    ),
    lambda: refused_settings({"sasl.mechanism": "PLAIN"}),
    lambda: refused_settings({"security.protocol": "SASL_SSL", "sasl.jaas.config": "x"}),
    lambda: refused_settings({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}),
]


def by_a_broker(line: str) -> list[str]:
    """The patterns that the line of a real broker is held against, and that this line matches."""
    address = r"(?:kafka|localhost):\d+"
    places = dict.fromkeys(("sasl", "tls", "expired", "bootstrap"), address)
    return [each for _, each in REFUSALS if re.fullmatch(each.format(**places) + ".*", line)]


@pytest.mark.parametrize("line", lines(), ids=str)
def test_line_is_what_code_writes(line: Part) -> None:
    assert by_a_broker(line.text) or any(line.text in written() for written in WRITTEN_BY)


@pytest.mark.parametrize("pattern", [each for _, each in REFUSALS])
def test_broker_refusals_are_on_page(pattern: str) -> None:
    assert any(pattern in by_a_broker(line.text) for line in lines())


def test_check_answer_is_in_code() -> None:
    (said,) = [each.text for each in read_page(PAGE).spans if each.text.startswith("answers over")]
    assert is_written(re.sub(r"SASL_SSL|PLAIN\b", "...", said), PIECES)
