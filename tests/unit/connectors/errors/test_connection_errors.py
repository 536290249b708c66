"""What a user reads when a broker and a client do not get together."""

import logging

import pytest
from confluent_kafka import KafkaError

from connectors.cluster.broker_status import BrokerStatus
from connectors.errors.connection_errors import explain
from tests.fakes.statistics_documents import with_broker
from tests.support.children import free_port

SSL, AUTHENTICATION, TRANSPORT = KafkaError._SSL, KafkaError._AUTHENTICATION, KafkaError._TRANSPORT
CREDENTIALS = KafkaError(
    AUTHENTICATION,
    "sasl_ssl://k1:9093/bootstrap: SASL authentication error: Authentication failed: Invalid "
    "username or password "
    "(after 102ms in state AUTH_REQ)",
)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            CREDENTIALS,
            (
                "k1:9093 refuses the credentials of sasl.jaas.config: Authentication failed: "
                "Invalid "
                "username or password"
            ),
        ),
        (
            KafkaError(
                SSL,
                "ssl://k1:9093/1: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad "
                "certificate: SSL alert number 42 "
                "(after 0ms in state APIVERSION_QUERY, 3 identical error(s) suppressed)",
            ),
            "k1:9093 wants a certificate of this client (ssl.keystore.location): bad certificate",
        ),
        (
            KafkaError(
                SSL,
                "ssl://[::1]:9093/bootstrap: SSL handshake failed: Disconnected: SSL connection "
                "closed by peer: "
                "connecting to a PLAINTEXT broker listener? (after 25ms in state SSL_HANDSHAKE)",
            ),
            "[::1]:9093 breaks off the TLS handshake; does it speak TLS, as security.protocol says?",  # noqa: E501 - one text
        ),
        (
            KafkaError(
                TRANSPORT, "k1:9092/1: Connect to ipv4#10.0.0.1:9092 failed: Connection refused"
            ),
            None,
        ),
        (KafkaError(TRANSPORT, "something new"), None),
        (
            KafkaError(
                AUTHENTICATION,
                "sasl_plaintext://k1:9092/bootstrap: Failed to initialize SASL authentication: "
                "SASL Handshake "
                "not supported by broker (required by mechanism PLAIN) (after 0ms in state "
                "APIVERSION_QUERY)",
            ),
            (
                "k1:9092 does not speak SASL: security.protocol must be PLAINTEXT or SSL for this "
                "listener"
            ),
        ),
        (
            KafkaError(
                AUTHENTICATION,
                "sasl_plaintext://k1:9092/bootstrap: SASL PLAIN mechanism handshake failed: "
                "Broker: Request not valid in current SASL "
                "state: broker's supported mechanisms:  (after 2ms in state AUTH_HANDSHAKE)",
            ),
            (
                "k1:9092 does not speak SASL: security.protocol must be PLAINTEXT or SSL for this "
                "listener"
            ),
        ),
        (
            KafkaError(
                AUTHENTICATION,
                "sasl_ssl://k1:9093/1: SASL GSSAPI mechanism handshake failed: Broker: "
                "Unsupported SASL mechanism: "
                "broker's supported mechanisms: PLAIN,SCRAM-SHA-256 (after 2ms in state "
                "AUTH_HANDSHAKE)",
            ),
            "k1:9093 does not take this sasl.mechanism: it takes PLAIN,SCRAM-SHA-256",
        ),
        (
            KafkaError(
                AUTHENTICATION,
                "Failed to acquire SASL OAUTHBEARER token: "
                '{"error":"invalid_client","error_description":"bad secret"}',
            ),
            (
                "no token from https://tokens/ (sasl.oauthbearer.token.endpoint.url): "
                '{"error":"invalid_client","error_description":"bad secret"}'
            ),
        ),
        (
            KafkaError(
                AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: Service Unavailable"
            ),
            None,
        ),
    ],
)
def test_reason_names_the_property(error: KafkaError, line: str | None) -> None:
    assert explain(error, {"sasl.oauthbearer.token.endpoint.url": "https://tokens/"}) == line


def test_broker_that_cannot_be_asked_why() -> None:
    where = f"127.0.0.1:{free_port()}"
    error = KafkaError(
        SSL,
        f"ssl://{where}/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate "
        f"verify failed: x",
    )
    expected = (
        f"the certificate of {where} is refused: it is not trusted, or not for that host "
        f"(ssl.truststore.location)"
    )
    assert explain(error, {}) == expected


def test_reason_is_logged_once_per_outage(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    brokers = BrokerStatus(["k1:9093"])
    for _ in range(2):
        brokers.on_error(CREDENTIALS)
        brokers.on_error(KafkaError(TRANSPORT, "k1:9093/bootstrap: Disconnected"))
        brokers.on_error(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    assert brokers.trouble is not None
    assert "refuses the credentials" in brokers.trouble.what
    brokers.on_statistics(with_broker("UP"))
    brokers.on_error(CREDENTIALS)
    assert [line.partition(" ")[2].partition(" ")[0] for line in caplog.messages] == [
        "refuses",
        "broker",
        "refuses",
    ]


def test_missing_token_endpoint_is_awaited(caplog: pytest.LogCaptureFixture) -> None:
    brokers = BrokerStatus(["k1:9093"], {"sasl.oauthbearer.token.endpoint.url": "https://tokens/"})
    for _ in range(2):
        brokers.on_error(
            KafkaError(
                AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: Service Unavailable"
            )
        )
    line = (
        "no token from https://tokens/ (sasl.oauthbearer.token.endpoint.url): Service Unavailable"
    )
    assert caplog.messages == [f"{line}; trying again, nothing is lost"]
    brokers.mark_down("no answer")
    assert brokers.trouble is not None
    assert line in brokers.trouble.what
    assert not brokers.trouble.refused
