"""Settings that a secured broker refuses, and the line that says so."""

import re

from tests.support.brokers.logins import (
    Make,
    expired_broker,
    expired_client,
    no_client_certificate,
    no_login,
    no_sasl,
    no_security,
    no_tls,
    unknown_broker,
    unknown_client,
    wrong_host_name,
    wrong_password,
    wrong_scram_password,
)
from tests.support.brokers.secured import SecuredKafka

REFUSALS: list[tuple[Make, str]] = [
    (
        wrong_password,
        (
            "{sasl} refuses the credentials of sasl.jaas.config: Authentication failed: Invalid "
            "username or password"
        ),
    ),
    (
        wrong_scram_password,
        "{sasl} refuses the credentials of sasl.jaas.config: Authentication failed .*SCRAM-SHA-256",
    ),
    (
        unknown_broker,
        r"the certificate of {sasl} is refused: self-signed .* \(ssl.truststore.location\)",
    ),
    (
        expired_broker,
        (
            r"the certificate of {expired} is refused: certificate has expired "
            r"\(ssl.truststore.location\)"
        ),
    ),
    (
        wrong_host_name,
        (
            r"the certificate of localhost:\d+ is refused: Hostname mismatch, .*'localhost' "
            r"\(ssl.endpoint.*algorithm\)"
        ),
    ),
    (unknown_client, r"{tls} refuses this client's certificate \(ssl.keystore.location\): [a-z ]+"),
    (
        expired_client,
        (
            r"{tls} refuses this client's certificate \(ssl.keystore.location\): it has expired on "
            r"20\d\d-"
        ),
    ),
    (
        no_client_certificate,
        r"{tls} wants a certificate of this client \(ssl.keystore.location\): [a-z ]+",
    ),
    (
        no_sasl,
        (
            r"{bootstrap} does not speak SASL: security.protocol must be PLAINTEXT or SSL for this "
            r"listener"
        ),
    ),
    (
        no_security,
        r"{tls} speaks TLS: security.protocol must be SSL or SASL_SSL for this listener",
    ),
    (
        no_login,
        (
            r"{sasl} wants a login \(PLAIN, SCRAM-SHA-256, SCRAM-SHA-512\): security.protocol must "
            r"be SASL_SSL for this listener"
        ),
    ),
    (
        no_tls,
        r"{bootstrap} breaks off the TLS handshake; does it speak TLS, as security.protocol says\?",
    ),
]


def pattern(secured: SecuredKafka, line: str) -> re.Pattern[str]:
    addresses = {
        name: re.escape(getattr(secured, name)) for name in ("sasl", "tls", "expired", "bootstrap")
    }
    return re.compile(line.format(**addresses))
