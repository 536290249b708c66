"""Why a broker and a client do not get together, in the words of the properties a user sets.

librdkafka's own text names its own properties, and blames the trust store for a wrong host name as well.
"""

import re
import socket
import ssl

from confluent_kafka import KafkaError

_FORM = re.compile(r"(?:\w+://)?(?P<broker>[^/\s]+)/\S+: (?P<problem>.*?)(?: \(after \d+ms in state .*)?", re.DOTALL)
_ALERT = re.compile(r"alert ([a-z ]+)(?::|$)")
_PATIENCE = 2.0  # seconds for the one handshake that finds out what is wrong with a certificate
_TRUST = "ssl.truststore.location"
_IDENTITY = "ssl.keystore.location"


def refusal(error: KafkaError, authorities: str) -> str | None:
    """One line for a failure that no waiting helps; None for any other. `authorities` are the trusted ones, as PEM ("" for all).

    Asks the broker once more when its certificate is the problem, for two seconds at most.
    """
    found = _FORM.fullmatch(error.str())
    if not found:
        return None
    broker, what = found["broker"], found["problem"]
    if error.code() == KafkaError._AUTHENTICATION:
        return f"{broker} refuses the credentials of sasl.jaas.config: {what.removeprefix('SASL authentication error: ')}"
    if "certificate verify failed" in what:
        return f"the certificate of {broker} is refused: {_verification(broker, authorities)}"
    if alert := _ALERT.search(what):
        return f"{broker} refuses this client's certificate, or misses one ({_IDENTITY}): {alert[1]}"
    if "PLAINTEXT broker listener" in what:
        return f"{broker} does not speak TLS, which security.protocol asks for"
    return None


def problem(error: KafkaError) -> str:
    """What went wrong with a connection, without librdkafka's name for it and how long it took."""
    found = _FORM.fullmatch(error.str())
    return found["problem"] if found else error.str()


def speaks_tls(broker: str) -> bool:
    """Whether the broker answers a TLS greeting, whoever it is; asked for two seconds at most."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        _greet(broker, context)
    except (OSError, ValueError):
        return False
    return True


def _verification(broker: str, authorities: str) -> str:
    """What Python's TLS says of the certificate: it tells an unknown authority, a wrong name and a past date apart."""
    try:
        _greet(broker, ssl.create_default_context(cadata=authorities or None))
    except ssl.SSLCertVerificationError as error:
        which = "ssl.endpoint.identification.algorithm" if "mismatch" in error.verify_message else _TRUST
        return f"{error.verify_message.removesuffix('.')} ({which})"
    except (OSError, ValueError):
        return f"it is not trusted, or not for that host ({_TRUST})"
    return f"it is not trusted ({_TRUST})"


def _greet(broker: str, context: ssl.SSLContext) -> None:
    """A TLS handshake. Raises OSError, or ValueError for what is no address."""
    host, _, port = broker.rpartition(":")
    name = host.strip("[]")
    with socket.create_connection((name, int(port)), _PATIENCE) as plain, context.wrap_socket(plain, server_hostname=name):
        pass
