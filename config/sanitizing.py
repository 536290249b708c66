"""Masks values for endpoints and log lines. They show known properties without secrets."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from config.errors import MASK, SHORTEST_SECRET, hide, mask
from config.kafka.java_properties import row_of
from config.settings import Settings, properties
from config.spring.names import uniform
from config.spring.sources.source import Source
from config.spring.types import FALSE, TRUE


class Sanitizer:
    """Masks values by their property's name, their origin, and this process's secrets."""

    def __init__(self, settings: Settings) -> None:
        """Collect the secrets of this process.

        Args:
            settings: The processor's settings.
        """
        self._settings = settings
        self._canonical = {uniform(name): name for name in settings.origins}
        self._secrets = _secrets(settings)
        self._tags = settings.metric_tags

    def shown(self, name: str, value: str) -> str:
        """Return the value of a property, or MASK.

        Args:
            name: The property's canonical name.
            value: Its value.
        """
        return self.clean_text(self._settings.shown(name, value))

    def written(self, source: Source, name: str, value: str) -> str:
        """Return the value of a property as a source has it, or MASK for an unknown property.

        Args:
            source: The source that has the property.
            name: The property's name in the source.
            value: Its value there.
        """
        forms = (
            form.rstrip("0123456789").rstrip(".") if form not in self._canonical else form
            for form in source.forms(name)
        )
        found = next((self._canonical[form] for form in forms if form in self._canonical), None)
        return self.shown(found, mask(name, value)) if found else MASK

    def client_property(self, prefix: str, name: str, value: str) -> str:
        """Return the value of a Kafka client's property, or MASK.

        Args:
            prefix: The property that is the map.
            name: The key in the map, which is Java's name.
            value: Its value.
        """
        return self.shown(f"{prefix}.{name}", mask(name, value)) if row_of(name) else MASK

    def metric_tags(self) -> dict[str, str]:
        """Return management.metrics.tags as metrics and logs carry them, without secrets."""
        prefix = properties()["metric_tags"].name
        private = {name for name in self._tags if self._settings.names_secret(f"{prefix}.{name}")}
        return {
            name: MASK if name in private else self.clean_text(value)
            for name, value in self._tags.items()
        }

    def clean_text(self, text: str) -> str:
        """Return the text with MASK in place of every secret.

        Args:
            text: Any text.
        """
        return hide(text, self._secrets)

    def clean(self, body: Any) -> Any:
        """Return a JSON document with MASK in place of every secret in its texts.

        Args:
            body: The document.
        """
        if isinstance(body, str):
            return self.clean_text(body)
        if isinstance(body, Mapping):
            return {key: self.clean(value) for key, value in body.items()}
        return [self.clean(each) for each in body] if isinstance(body, (list, tuple)) else body


def _secrets(settings: Settings) -> list[str]:
    """Return all secrets, also those of other programs. The longest come first.

    A secret may be part of a longer one. The longer one is then masked as a whole.
    """
    values = (getattr(settings, field) for field in properties())
    passwords = (each.get_secret_value() for each in values if isinstance(each, SecretStr))
    usable = (
        each
        for each in passwords
        if len(each.strip()) >= SHORTEST_SECRET and each.strip().lower() not in TRUE | FALSE
    )
    return sorted({*settings.secrets, *usable}, key=len, reverse=True)
