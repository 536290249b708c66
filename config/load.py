"""Command line, environment and files in, Settings out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_origin

from config import kafka
from config.cluster import refuse_cluster
from config.convert import FALSE, TEXT, TRUE, TRUTHY, Kind, items
from config.errors import SettingsError, shown
from config.files import file_sources
from config.https import refuse_tls
from config.leftover import leftovers
from config.names import canonical
from config.place import Place
from config.placeholders import resolve
from config.property import Property
from config.settings import Settings, properties
from config.sources import JSON_PROPERTY, Entry, Source, application_json, cloud_foundry, command_line, environment

T = TypeVar("T")
_PROFILES = "spring.profiles.active"


def load(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """The settings that `argv` (without the program's name), `environ` and the files in Spring's places give.

    Raises SettingsError with one line for the user.
    """
    refuse_cluster(environ)
    sources, warnings = property_sources(argv, environ)
    resolver = Resolver(sources)
    values = {field: resolver.value(field, prop) for field, prop in properties().items()}
    settings = Settings(
        **{field: value for field, value in values.items() if value is not None},  # type: ignore[arg-type]  # checked by pydantic
        origins=resolver.origins,
        sources=tuple(sources),
    )
    settings.check_bindings()
    settings.check_paths()
    refuse_tls(sources, resolver.find, resolver.text)
    more, notices = leftovers(sources, resolver.text)
    batch_size = kafka.max_poll_records(settings) if "batch_size" not in settings.model_fields_set else None
    all_warnings = (*warnings, *resolver.warnings, *more, *kafka.warnings(settings))
    place = Place.of(environ)
    return settings.model_copy(
        update={
            "warnings": () if place else all_warnings,  # its parent has told them
            "notices": tuple(notices),
            "batch_size": batch_size or settings.batch_size,
            "place": place,
            "instance_id": place.instance_id if place else settings.instance_id,
        }
    )


def property_sources(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[list[Source], list[str]]:
    """All sources, the highest first, and warnings."""
    arguments, variables = command_line(argv), environment(environ)
    document = arguments.find(JSON_PROPERTY) or variables.find(JSON_PROPERTY)
    json = [application_json(document.value, document.name)] if document and document.value.strip() else []
    vcap, warnings = cloud_foundry(environ)
    above = [arguments, *json, variables, *vcap]
    return [*above, *file_sources(_profiles([*above, *file_sources(())]))], warnings


def _profiles(sources: list[Source]) -> tuple[str, ...]:
    """The active profiles; the files that apply depend on them, and so one without a profile may name them."""
    resolver = Resolver(sources)
    found = resolver.find(_PROFILES)
    return (resolver.parsed(_PROFILE_NAMES, _PROFILES, found) if found else ()) or ("default",)


def _profile_names(text: str) -> tuple[str, ...]:
    """Names that can be part of a file's name."""
    names = items(text)
    if not all(re.fullmatch(r"[\w.@+-]{1,100}", name) for name in names):
        raise ValueError(text)
    return names


_PROFILE_NAMES = Kind(_profile_names, "a comma-separated list of names", "java.util.List<java.lang.String>")


class Resolver:
    """Finds properties in the sources, with placeholders resolved, and remembers who set them."""

    def __init__(self, sources: list[Source]) -> None:
        self.origins: dict[str, Entry] = {}
        self.warnings: list[str] = []
        self._sources = sources

    def value(self, field: str, prop: Property) -> object:
        """The value for a field of Settings, or None for its default."""
        if get_origin(Settings.model_fields[field].annotation) is dict:
            return self._map(prop)
        entries = filter(None, map(self.find, (prop.name, *prop.fallbacks)))
        found = next((entry for entry in entries if self._counts(prop.kind, entry)), None)
        if not found:
            return None
        self.origins[prop.name] = found
        text = self.text(found)
        if field == "reversestring" and text.strip().lower() not in TRUE | FALSE:
            self.warnings.append(f"{_told(prop.name, text, found)} is neither true nor false: records pass untouched")
        value = self.parsed(prop.kind, prop.name, found) if text.strip() else None
        return None if value == () else value  # a list of nothing but commas

    def find(self, name: str) -> Entry | None:
        """A canonical name in any spelling, another one only as it is written: Spring's rule for placeholders."""
        found = (source.find(name) if canonical(name) else source.literal(name) for source in self._sources)
        return next(filter(None, found), None)

    def text(self, entry: Entry) -> str:
        """What the entry's text stands for. Data Flow writes an empty value as two quotation marks."""
        text = resolve(entry.value, self._lookup)
        return "" if text == '""' else text

    def _lookup(self, name: str) -> str | None:
        entry = self.find(name)
        return entry.value if entry else None

    def _map(self, prop: Property) -> dict[str, object]:
        """All of the map that is set: names that Spring knows in any spelling, free ones from the highest source that has them."""
        entries = {key: entry for key in prop.keys if (entry := self.find(f"{prop.name}.{key}"))}
        if prop.inner or not prop.keys:
            inner = f"{prop.inner}." if prop.inner else ""
            for name in (prop.name, *prop.fallbacks):
                for source in self._sources:
                    for key, entry in source.entries(f"{name}.{inner}".removesuffix(".")):
                        entries.setdefault(f"{inner}{key}", entry)
        entries = {key: entry for key, entry in entries.items() if self._counts(prop.kind, entry)}
        self.origins |= {f"{prop.name}.{key}": entry for key, entry in entries.items()}
        return {key: self.parsed(prop.kind, f"{prop.name}.{key}", entry) for key, entry in entries.items()}

    def _counts(self, kind: Kind[Any], entry: Entry) -> bool:
        """An empty text is a text, and nothing to other kinds, as in Spring; for reversestring it is worth a warning."""
        return kind in (TEXT, TRUTHY) or bool(self.text(entry).strip())

    def parsed(self, kind: Kind[T], name: str, entry: Entry) -> T:
        text = self.text(entry)
        try:
            return kind.parse(text)
        except ValueError:
            raise SettingsError(f"{_told(name, text, entry)} is not allowed; allowed is {kind.allowed}") from None


def _told(name: str, text: str, entry: Entry) -> str:
    """`server.port: "x" (environment variable PORT)`."""
    return f"{name}: {shown(name, text)} ({entry.origin})"
