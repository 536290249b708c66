"""Security that is set in part, or that the protocol leaves out."""

import re
from collections.abc import Mapping

from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.kafka.java_property import ClientProperty
from config.spring.types import items
from config.support import Support

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
# As Kafka's ConfigTransformer finds it.
_REFERENCE = re.compile(r"\$\{[^}:]*:[^}]+\}")


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


def refuse_references(java: Mapping[str, ClientProperty]) -> None:
    """Refuse ${provider:path:key}, which Java's config.providers would replace.

    Args:
        java: The properties by Java's names.

    Raises:
        SettingsError: A value has such a reference. As it is, it would be a password, or a path.
    """
    for name, given in java.items():
        if _is_translated(name) and _REFERENCE.search(given.value):
            raise SettingsError(
                f"{given.name} ({given.origin}) is not allowed: it refers to one of "
                "config.providers, which are Java classes; write a placeholder of Spring's, such "
                "as ${NAME}, and set that name, or import a configtree:"
            )


def unused_security(java: Mapping[str, ClientProperty], protocol: str) -> list[str]:
    """Return a warning for TLS, and one for a login, that the protocol leaves out.

    Java drops them in silence.

    Args:
        java: The properties with a value, by Java's names.
        protocol: The value of security.protocol, in lower case.
    """
    unused = {"ssl.": not protocol.endswith("ssl"), "sasl.": not protocol.startswith("sasl")}
    lines: list[str] = []
    for prefix in (prefix for prefix, left_out in unused.items() if left_out):
        names = (name for name in java if name.startswith(prefix) and _is_translated(name))
        if first := next(names, None):
            given = java[first]
            lines.append(
                f"{given.name} ({given.origin}) has no effect: security.protocol is "
                f"{protocol.upper()}"
            )
    return lines


def _is_translated(name: str) -> bool:
    row = TABLE.get(name)
    return row is not None and row.verdict is Support.MAPPED
