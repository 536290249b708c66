"""TLS that is set in part: what Java's client refuses is refused here, too."""

from collections.abc import Mapping

from config.errors import SettingsError
from config.kafka.java_property import ClientProperty
from config.spring.types import items

# A property, and those of which one has to be set beside it.
_NEEDS = {
    "ssl.truststore.password": ("ssl.truststore.location", "ssl.truststore.certificates"),
    "ssl.keystore.password": ("ssl.keystore.location", "ssl.keystore.key"),
    "ssl.key.password": ("ssl.keystore.location", "ssl.keystore.key"),
    "ssl.keystore.certificate.chain": ("ssl.keystore.key",),
    "ssl.keystore.key": ("ssl.keystore.certificate.chain",),
}
_EITHER = (
    ("ssl.truststore.location", "ssl.truststore.certificates"),
    ("ssl.keystore.location", "ssl.keystore.key"),
)


def refuse_half_set(java: Mapping[str, ClientProperty]) -> None:
    """Refuse properties of TLS of which the other half is missing, or that exclude each other.

    A missing key of a ConfigMap makes them. The rest would leave the operating system's trust
    store, or no identity.

    Args:
        java: The properties with a value, by Java's names.

    Raises:
        SettingsError: One of them cannot be honoured.
    """
    for name, others in _NEEDS.items():
        if name in java and not any(other in java for other in others):
            given = java[name]
            raise SettingsError(
                f"{given.name} ({given.origin}) has no effect without {' or '.join(others)}, "
                f"which is not set: set it, too, or leave both out"
            )
    for first, second in _EITHER:
        if first in java and second in java:
            raise SettingsError(
                f"{java[first].name} ({java[first].origin}) and {java[second].name} "
                f"({java[second].origin}) are not allowed together: set one of them"
            )
    protocols = java.get("ssl.enabled.protocols")
    if protocols and "TLSv1.2" not in protocols.used(items):
        raise SettingsError(
            f"{protocols.describe()} is not allowed: OpenSSL agrees with the broker on TLS 1.2 or "
            f"1.3; allowed is a list with TLSv1.2. The broker's ssl.enabled.protocols can refuse it"
        )


def unused_security(java: Mapping[str, ClientProperty], protocol: str) -> list[str]:
    """Return a warning for TLS, and one for a login, that the protocol leaves out.

    Args:
        java: The properties with a value, by Java's names.
        protocol: The value of security.protocol, in lower case.
    """
    if protocol == "plaintext":
        return []  # it is how a user says that nothing of it is wanted
    unused = {
        "ssl.": () if protocol.endswith("ssl") else ("location", "key", "chain", "certificates"),
        "sasl.": () if protocol.startswith("sasl") else ("mechanism", "jaas.config"),
    }
    lines: list[str] = []
    for prefix, endings in unused.items():
        names = (name for name in java if name.startswith(prefix) and name.endswith(endings))
        if first := next(names, None) if endings else None:
            given = java[first]
            lines.append(
                f"{given.name} ({given.origin}) has no effect: security.protocol is "
                f"{protocol.upper()}"
            )
    return lines
