"""Finds out what a listener requires of a client whose security.protocol is too weak for it.

Such a listener closes the connection at the client's first request. A stopping broker does so, too.
librdkafka reports nothing else.
"""

import socket
import ssl
import struct

from config.kafka.java_property import Config

_TIMEOUT_S = 2.0  # for one broker's connection, and for its answer
_SASL_HANDSHAKE, _VERSION = 17, 1  # of the Kafka protocol
_UNSUPPORTED_SASL_MECHANISM = 33
_LONGEST_BYTES = 10_000
_MOST_BROKERS = 3  # a stop may wait for all of them


def explain_silence(brokers: list[str], client: Config) -> str | None:
    """Return one line if a listener requires TLS or a login that the client does not use.

    Blocks for some seconds at most.

    Args:
        brokers: Each as "host:port". The first one that answers counts.
        client: librdkafka's configuration of that client.
    """
    protocol = str(client.get("security.protocol", "plaintext")).lower()
    for broker in brokers[:_MOST_BROKERS]:
        if "ssl" not in protocol and _speaks_tls(broker):
            login = " or SASL_SSL" if "sasl" not in protocol else ""
            return f"{broker} speaks TLS: security.protocol must be SSL{login} for this listener"
        if "sasl" not in protocol and (names := _mechanisms(broker, tls="ssl" in protocol)):
            wanted = "SASL_SSL" if "ssl" in protocol else "SASL_PLAINTEXT"
            return (
                f"{broker} wants a login ({', '.join(names)}): security.protocol must be {wanted} "
                "for this listener"
            )
    return None


def _speaks_tls(broker: str) -> bool:
    try:
        with connect(broker, _any_certificate()):
            return True
    except (OSError, ValueError):
        return False


def _mechanisms(broker: str, *, tls: bool) -> list[str]:
    """Return the SASL mechanisms that a listener names, or none if it does not speak SASL."""
    name = b"none"
    request = struct.pack(">hhih", _SASL_HANDSHAKE, _VERSION, 0, -1)
    request += struct.pack(">h", len(name)) + name
    try:
        with (
            connect(broker, _any_certificate() if tls else None) as connection,
            connection.makefile("rb") as answer,
        ):
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", answer.read(4))
            body = answer.read(min(size, _LONGEST_BYTES))
            code, count = struct.unpack_from(">hi", body, 4)
            found, position = [], 10
            for _ in range(count if code == _UNSUPPORTED_SASL_MECHANISM else 0):
                (length,) = struct.unpack_from(">h", body, position)
                found.append(body[position + 2 : position + 2 + length].decode())
                position += 2 + length
    except (OSError, ValueError, struct.error):
        return []
    return sorted(found)


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connect(broker: str, context: ssl.SSLContext | None) -> socket.socket:
    """Return a connection to a broker. Blocks for some seconds at most.

    Args:
        broker: "host:port".
        context: For TLS; None for a plain connection.

    Raises:
        OSError: There is no connection, or the handshake has failed.
        ValueError: The text is no address.
    """
    host, _, port = broker.rpartition(":")
    name = host.strip("[]")
    plain = socket.create_connection((name, int(port)), _TIMEOUT_S)
    if not context:
        return plain
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise
