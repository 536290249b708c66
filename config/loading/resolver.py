"""Finds properties in the sources, resolves their placeholders, and keeps their origins."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar, get_origin

from config.errors import MASK, SettingsError, hide, is_secret, mask_secrets, shown_name
from config.settings import Settings
from config.spring.placeholders import Resolution, shown_placeholder
from config.spring.property import Property
from config.spring.random_values import PREFIX, random_value
from config.spring.sources.source import Entry, Source
from config.spring.types import FALSE, LENIENT_BOOL, TEXT, TRUE, PropertyType
from config.spring.usable_text import unusable_text

T = TypeVar("T")
# Their default is nothing, too, and means something else: an anonymous group, every address.
_NEVER_NOTHING = (
    "spring.cloud.stream.bindings.input.group",
    "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",
    "server.address",
    "management.server.address",
)


class Resolver:
    """Finds and parses the values of properties for Settings."""

    def __init__(self, sources: Sequence[Source], seed: str) -> None:
        """Prepare to look up.

        Args:
            sources: The sources, the highest first.
            seed: The seed of ${random.*}.
        """
        self.origins: dict[str, Entry] = {}
        self.warnings: list[str] = []
        # Secrets that placeholders copy into properties that are no secrets.
        self.secrets: dict[str, None] = {}
        self.sources = sources
        self._seed = seed
        self._texts: dict[Entry, str] = {}
        self._random: dict[Entry, None] = {}  # those that ${random.*} is in, or leads to

    def value(self, field: str, prop: Property) -> object:
        """Return the value for a field of Settings, or None for its default.

        Args:
            field: The field's name.
            prop: The field's property.

        Raises:
            SettingsError: The value is not allowed.
        """
        return (
            self._map(prop)
            if get_origin(Settings.model_fields[field].annotation) is dict
            else self._field(field, prop)
        )

    def _field(self, field: str, prop: Property) -> object:
        value = self.single(prop, Settings.model_fields[field].default)
        if found := self.origins.get(prop.name):
            self._note_spellings(prop.name, found)
        return value

    def single(self, prop: Property, default: object = None) -> object:
        """Return the value of a property that is no map, or None for its default.

        Args:
            prop: The property.
            default: Counts where the property is not set, or is set to nothing.
        """
        self._note_nothing(prop, default)
        entries = filter(None, map(self.find, (prop.name, *prop.fallbacks)))
        found = next((entry for entry in entries if self._counts(prop.kind, entry)), None)
        if not found:
            return None
        self.origins[prop.name] = found
        text = self._noted(prop.name, found)
        if prop.kind is LENIENT_BOOL and text.strip().lower() not in TRUE | FALSE:
            self.warnings.append(
                f"{self._describe(prop.name, text, found)} is neither true nor false: it counts "
                f"as false"
            )
        value = self._parsed(prop.kind, prop.name, found) if text.strip() else None
        return None if value == () else value  # a list of commas alone has no value

    def _note_nothing(self, prop: Property, default: object) -> None:
        """Warn of an empty value where the default means something: a missing key of a ConfigMap
        makes one.
        """
        entry = self.find(prop.name) if default or prop.name in _NEVER_NOTHING else None
        if entry and prop.kind is not LENIENT_BOOL and not self.text(entry).strip(" ,\t\r\n"):
            self.warnings.append(
                f"{prop.name} ({entry.origin}) is set to nothing, which counts as not set"
            )

    def _note_spellings(self, name: str, found: Entry) -> None:
        """Warn of another spelling of the property beside it, which Spring drops in silence."""
        source = next(
            (source for source in self.sources if source.placeholder(name) == found), None
        )
        others = [
            each
            for each in (source.alike(name) if source else ())
            if each.name != found.name and each.value not in {found.value, *found.value.split(",")}
        ]
        if others:
            self.warnings.append(
                f"{shown_name(others[0].name)} ({others[0].origin}) is ignored: it is the same "
                f"property as {shown_name(found.name)}, which counts"
            )

    def find(self, name: str) -> Entry | None:
        """Return the property of the highest source that has it.

        Args:
            name: The canonical name.
        """
        return next(filter(None, (source.placeholder(name) for source in self.sources)), None)

    def text(self, entry: Entry) -> str:
        """Return the entry's text with placeholders resolved. Two quotes are an empty value.

        Args:
            entry: The property. Data Flow writes an empty value as two quotes.

        Raises:
            SettingsError: A placeholder is not allowed.
        """
        if entry not in self._texts:
            text, resolution = self._resolved(entry)
            if not is_secret(entry.name):
                self.secrets |= dict.fromkeys(resolution.secrets)
            self._texts[entry] = "" if text == '""' else text
        return self._texts[entry]

    def _resolved(self, entry: Entry) -> tuple[str, Resolution]:
        # The path of a folder, which is an origin, may be no UTF-8 text.
        seed = f"{self._seed} {entry.origin} {entry.name}".encode("utf-8", "surrogatepass")
        source = random.Random(seed)  # noqa: S311 - the seed is secret and long
        resolution = Resolution(lambda name: self._lookup(name, source, entry))
        return resolution.text(entry.value), resolution

    def _lookup(self, name: str, source: random.Random, reader: Entry) -> str | None:
        if entry := self.find(name):
            return entry.value
        if not name.startswith(PREFIX):
            return None
        self._random[reader] = None
        return random_value(name, source)

    def random_names(self) -> frozenset[str]:
        """Return the canonical names of the properties whose values ${random.*} has made."""
        return frozenset(name for name, entry in self.origins.items() if entry in self._random)

    def _noted(self, name: str, entry: Entry) -> str:
        """Return the text. Warn of unresolved placeholders, and note secrets that are copied."""
        if "${" in entry.value:
            _, resolution = self._resolved(entry)
            # The canonical name decides. Another spelling, such as TOKEN_ENDPOINT_URL, may resemble
            # a secret's.
            if not is_secret(name):
                self.secrets |= dict.fromkeys(resolution.secrets)
            for placeholder in resolution.unresolved:
                self._report_unresolved(name, entry, placeholder, resolution)
        return self.text(entry)

    def _report_unresolved(
        self, name: str, entry: Entry, placeholder: str, resolution: Resolution
    ) -> None:
        """Warn of an unresolved placeholder. In a secret, refuse it: it would be the password."""
        remedy = "set that name, or give a default as in ${name:default}"
        whole = (entry.value, *resolution.found.values())
        reference = any(_is_reference(text, placeholder) for text in whole)
        which = "${...}" if is_secret(name) and not reference else shown_placeholder(placeholder)
        line = f"{name} ({entry.origin}): the placeholder {which} is not resolved"
        # A brace that is never closed makes no placeholder, in Spring, too.
        if is_secret(name) and any(f"${{{placeholder}}}" in text for text in whole):
            raise SettingsError(f"{line}: {remedy}")
        self.warnings.append(f"{line} and stays as it is written; {remedy}")

    def secret_texts(self) -> Iterator[tuple[str, str]]:
        """Yield the properties of secret names, with placeholders resolved."""
        for source in self.sources:
            for entry in map(source.entry, source.values):
                if "${" in entry.value and is_secret(entry.name):
                    with suppress(SettingsError):  # one that nothing reads may lead back to itself
                        yield entry.name, self._resolved(entry)[0]

    def _map(self, prop: Property) -> dict[str, object]:
        """Return the map. Known keys are found in any spelling, free keys in the highest source."""
        entries = {key: entry for key in prop.keys if (entry := self.find(f"{prop.name}.{key}"))}
        if prop.inner or not prop.keys:
            inner = f"{prop.inner}." if prop.inner else ""
            for name in (prop.name, *prop.fallbacks):
                for source in self.sources:
                    prefix = f"{name}.{inner}".removesuffix(".")
                    for key, entry in (
                        source.lists(prefix).items() if prop.lists else source.entries(prefix)
                    ):
                        entries.setdefault(f"{inner}{key}", entry)
        entries = {key: entry for key, entry in entries.items() if self._counts(prop.kind, entry)}
        self.origins |= {f"{prop.name}.{key}": entry for key, entry in entries.items()}
        for key, entry in entries.items():
            self._noted(f"{prop.name}.{key}", entry)
        named = frozenset(prop.keys)
        return {
            key: self._parsed(prop.kind, f"{prop.name}.{key}", entry, shows_value=key in named)
            for key, entry in entries.items()
        }

    def _counts(self, kind: PropertyType[Any], entry: Entry) -> bool:
        """Return whether the text is a value. Only text and lenient booleans may be empty."""
        return kind in (TEXT, LENIENT_BOOL) or bool(self.text(entry).strip())

    def _parsed(
        self, kind: PropertyType[T], name: str, entry: Entry, *, shows_value: bool = True
    ) -> T:
        """Parse a value. The SettingsError hides the value if the user has chosen the key."""
        text = self.text(entry)
        if reason := unusable_text(text):
            raise SettingsError(f"{name} ({entry.origin}) is not allowed: {reason}")
        try:
            return kind.parse(text)
        except ValueError:
            described = (
                self._describe(name, text, entry)
                if shows_value
                else f'{name}: "{MASK}" ({entry.origin})'
            )
            raise SettingsError(f"{described} is not allowed; allowed is {kind.allowed}") from None

    def _describe(self, name: str, text: str, entry: Entry) -> str:
        """Return the property for an error: `server.port: "x" (environment variable PORT)`."""
        return f"{name}: {mask_secrets(name, hide(text, self.secrets))} ({entry.origin})"


def _is_reference(text: str, placeholder: str) -> bool:
    """Return whether the placeholder is a whole value and no part of a secret."""
    before, found, after = text.partition(f"${{{placeholder}}}")
    return (
        bool(found)
        and before[-1:] in {"", '"', "'", "=", ":", " "}
        and after[:1] in {"", '"', "'", ";", "}", " "}
    )
