"""Explains why a client cannot connect to a broker, with the properties that a user sets.

librdkafka's text names librdkafka's properties. It blames the trust store for a wrong host name,
too.
"""

import datetime as dt
import re
import ssl

from confluent_kafka import KafkaError

from config.kafka.java_property import Config
from connectors.errors.listener_security import connect
from connectors.errors.lookup import reason

_FORM = re.compile(
    r"(?:\w+://)?(?P<broker>[^/\s]+)/\S+: (?P<problem>.*?)(?: \(after \d+ms in state .*)?",
    re.DOTALL,
)
_ALERT = re.compile(r"alert ([a-z ]+)(?::|$)")
_BROKEN_OFF = re.compile(r"SSL connection closed by peer.*in state SSL_HANDSHAKE")
# OAUTHBEARER: why the endpoint returned no token. librdkafka repeats it for the token's broker.
_TOKEN = re.compile(
    r"(?:acquire SASL OAUTHBEARER token|no token available; last error): (?P<problem>.*?)(?: "
    r"\(after \d+ms in state .*)?$",
    re.DOTALL,
)
_SHOWN = 200  # characters of an endpoint's answer
# RFC 6749: the request itself is wrong, so that no retry helps.
_OAUTH_ERROR = re.compile(r'"error"\s*:\s*"(?:invalid_|unauthorized_|unsupported_)')
_MECHANISMS = re.compile(r"supported mechanisms: ?(?:\(nothing\))?(?P<names>.*)")
_NO_SASL = "SASL Handshake not supported by broker"
_TRUST = "ssl.truststore.location"
_IDENTITY = "ssl.keystore.location"


def explain(error: KafkaError, client: Config) -> str | None:
    """Return one line for a failure that does not pass by itself, or None.

    For a refused certificate one more connection is made. So this blocks for two seconds at most.

    Args:
        error: The client's error.
        client: librdkafka's configuration of that client.
    """
    token, found = _TOKEN.search(error.str()), _FORM.fullmatch(error.str())
    if token or not found:
        return (
            short_reason(error, client) if token and _OAUTH_ERROR.search(token["problem"]) else None
        )
    broker, what = found["broker"], found["problem"]
    if error.code() == KafkaError._AUTHENTICATION:
        return f"{broker} {_login(what)}"
    if "certificate verify failed" in what:
        return (
            f"the certificate of {broker} is refused: "
            f"{_verification(broker, str(client.get('ssl.ca.pem', '')))}"
        )
    if alert := _ALERT.search(what):
        return f"{broker} {_own_certificate(client, alert[1])}"
    if _BROKEN_OFF.search(error.str()):
        return (
            f"{broker} breaks off the TLS handshake; does it speak TLS, as security.protocol says?"
        )
    return None


def _login(what: str) -> str:
    """Return how a broker has answered a login."""
    offered = _MECHANISMS.search(what)
    speaks_sasl = _NO_SASL not in what and not (offered and not offered["names"])
    if not speaks_sasl:
        return "does not speak SASL: security.protocol must be PLAINTEXT or SSL for this listener"
    if not offered:
        return (
            f"refuses the credentials of sasl.jaas.config: "
            f"{what.removeprefix('SASL authentication error: ')}"
        )
    return f"does not take this sasl.mechanism: it takes {offered['names']}"


def short_reason(error: KafkaError, client: Config) -> str:
    """Return why a connection failed, without librdkafka's prefix and the duration.

    Args:
        error: The client's error.
        client: librdkafka's configuration of that client.
    """
    if token := _TOKEN.search(error.str()):
        endpoint = client.get("sasl.oauthbearer.token.endpoint.url", "")
        return (
            f"no token from {endpoint} (sasl.oauthbearer.token.endpoint.url): "
            f"{token['problem'][:_SHOWN]}"
        )
    found = _FORM.fullmatch(error.str())
    return found["problem"] if found else reason(error)


def _own_certificate(client: Config, alert: str) -> str:
    """Return how a broker has answered the client's certificate, and whether it has expired."""
    if "ssl.certificate.pem" not in client:
        return f"wants a certificate of this client ({_IDENTITY}): {alert}"
    from cryptography import x509  # noqa: PLC0415 - importing cryptography takes 40 ms, which only TLS needs

    end = x509.load_pem_x509_certificate(
        str(client["ssl.certificate.pem"]).encode()
    ).not_valid_after_utc
    why = f"it has expired on {end:%Y-%m-%d}" if end < dt.datetime.now(dt.UTC) else alert
    return f"refuses this client's certificate ({_IDENTITY}): {why}"


def _verification(broker: str, authorities: str) -> str:
    """Return the finding of Python's TLS: an unknown authority, a wrong name or a past date.

    `authorities` are the trusted ones, as PEM. "" stands for the system's.
    """
    try:
        connect(broker, ssl.create_default_context(cadata=authorities or None)).close()
    except ssl.SSLCertVerificationError as error:
        which = (
            "ssl.endpoint.identification.algorithm"
            if "mismatch" in error.verify_message
            else _TRUST
        )
        return f"{error.verify_message.removesuffix('.')} ({which})"
    except (OSError, ValueError):
        return f"it is not trusted, or not for that host ({_TRUST})"
    return f"it is not trusted ({_TRUST})"
