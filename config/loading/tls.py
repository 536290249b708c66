"""Refuses TLS of the actuator: the server speaks plain HTTP."""

from collections.abc import Callable, Sequence

from config.errors import SettingsError, shown_name
from config.spring.sources.source import Entry, Source
from config.spring.types import FALSE

_PREFIXES = ("server.ssl", "management.server.ssl")


def refuse_tls(
    sources: Sequence[Source], find: Callable[[str], Entry | None], text: Callable[[Entry], str]
) -> None:
    """Refuse every property of TLS, unless `enabled` beside it is false, as in Spring Boot.

    Args:
        sources: The sources, the highest first.
        find: Returns the property of a canonical name.
        text: Returns a property's value with placeholders resolved.

    Raises:
        SettingsError: One of the properties is set.
    """
    for prefix in _PREFIXES:
        enabled = find(f"{prefix}.enabled")
        if enabled and text(enabled).strip().lower() in FALSE:
            continue
        for entry in (entry for source in sources for _, entry in source.entries(prefix)):
            raise SettingsError(
                f"{shown_name(entry.name)} ({entry.origin}) is not allowed: the actuator speaks "
                f"plain HTTP. Have a sidecar (Envoy, nginx) "
                f"do TLS in front of it, set server.address=127.0.0.1 so that nobody else reaches "
                f"it, and {prefix}.enabled=false"
            )
