"""Command line and environment in, Settings out."""

from collections.abc import Mapping, Sequence
from typing import Any, get_origin

from config import kafka
from config.convert import FALSE, TRUE, Kind
from config.errors import SettingsError, shown
from config.names import canonical
from config.placeholders import resolve
from config.property import Property
from config.settings import Settings, properties
from config.sources import JSON_PROPERTY, Entry, Source, application_json, command_line, environment

# These would join processes into a cluster of workers, which the guarantees rule out, or open a port nobody asked for.
_BYTEWAX = (
    "BYTEWAX_PROCESS_ID",
    "BYTEWAX_ADDRESSES",
    "BYTEWAX_POD_NAME",
    "BYTEWAX_STATEFULSET_NAME",
    "BYTEWAX_HOSTFILE_PATH",
    "BYTEWAX_RECOVERY_DIRECTORY",
    "BYTEWAX_DATAFLOW_API_ENABLED",
)


def load(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """The settings that `argv` (without the program's name) and `environ` give. Raises SettingsError with one line for the user."""
    _refuse_bytewax_cluster(environ)
    loader = _Loader(property_sources(argv, environ))
    values = {field: loader.value(field, prop) for field, prop in properties().items()}
    settings = Settings(
        **{field: value for field, value in values.items() if value is not None},  # type: ignore[arg-type]  # checked by pydantic
        origins=loader.origins,
        sources=tuple(loader.sources),
    )
    warnings = (*loader.warnings, *kafka.warnings(settings))
    batch_size = kafka.max_poll_records(settings) if "batch_size" not in settings.model_fields_set else None
    return settings.model_copy(update={"warnings": warnings} | ({"batch_size": batch_size} if batch_size else {}))


def property_sources(argv: Sequence[str], environ: Mapping[str, str]) -> list[Source]:
    """All sources, the highest first."""
    arguments, variables = command_line(argv), environment(environ)
    document = arguments.find(JSON_PROPERTY) or variables.find(JSON_PROPERTY)
    json = [application_json(document.value, document.name)] if document and document.value.strip() else []
    return [arguments, *json, variables]


class _Loader:
    def __init__(self, sources: list[Source]) -> None:
        self.sources = sources
        self.origins: dict[str, Entry] = {}
        self.warnings: list[str] = []

    def value(self, field: str, prop: Property) -> object:
        """The value for a field of Settings, or None for its default."""
        if get_origin(Settings.model_fields[field].annotation) is dict:
            texts = self._client(prop) if prop.keys else self._map(prop.name)
            return {key: self._parsed(prop.kind, f"{prop.name}.{key}", text) for key, text in texts.items()}
        found = next(filter(None, map(self._find, (prop.name, *prop.fallbacks))), None)
        if not found:
            return None
        text = resolve(found.value, self._lookup)
        self.origins[prop.name] = found
        if field == "reversestring" and text.strip().lower() not in TRUE | FALSE:
            self.warnings.append(f"{_told(prop.name, text, found)} is neither true nor false: records pass untouched")
        if not (text := "" if text == '""' else text).strip():  # Data Flow writes an empty value as two quotation marks
            return None
        return self._parsed(prop.kind, prop.name, text)

    def _parsed(self, kind: Kind[Any], name: str, text: str) -> Any:
        try:
            return kind.parse(text)
        except ValueError:
            raise SettingsError(f"{_told(name, text, self.origins[name])} is not allowed; allowed is {kind.allowed}") from None

    def _map(self, prefix: str) -> dict[str, str]:
        """The map `prefix`; a key comes from the highest source that has it."""
        entries: dict[str, Entry] = {}
        for source in self.sources:
            for key, entry in source.entries(prefix):
                entries.setdefault(key, entry)
        self.origins |= {f"{prefix}.{key}": entry for key, entry in entries.items()}
        return {key: resolve(entry.value, self._lookup) for key, entry in entries.items()}

    def _client(self, prop: Property) -> dict[str, str]:
        """Spring Boot's settings for a Kafka client: the names it knows, and whatever is in its `properties`."""
        found = {key: entry for key in prop.keys if (entry := self._find(f"{prop.name}.{key}"))}
        self.origins |= {f"{prop.name}.{key}": entry for key, entry in found.items()}
        properties = self._map(f"{prop.name}.properties")
        named = {key: resolve(entry.value, self._lookup) for key, entry in found.items()}
        return named | {f"properties.{key}": value for key, value in properties.items()}

    def _find(self, name: str) -> Entry | None:
        """A canonical name in any spelling, another one only as it is written: Spring's rule for placeholders."""
        found = (source.find(name) if canonical(name) else source.literal(name) for source in self.sources)
        return next(filter(None, found), None)

    def _lookup(self, name: str) -> str | None:
        entry = self._find(name)
        return entry.value if entry else None


def _told(name: str, text: str, entry: Entry) -> str:
    """`server.port: "x" (environment variable PORT)`."""
    return f"{name}: {shown(name, text)} ({entry.origin})"


def _refuse_bytewax_cluster(environ: Mapping[str, str]) -> None:
    for name in _BYTEWAX:
        if environ.get(name):
            raise SettingsError(f"environment variable {name} is not allowed: this is one Bytewax worker; {_SCALE}")
    if (workers := environ.get("BYTEWAX_WORKERS_PER_PROCESS", "1")) not in {"", "1"}:
        name = "BYTEWAX_WORKERS_PER_PROCESS"
        raise SettingsError(f"environment variable {name}: {shown(name, workers)} is not allowed; allowed is 1; {_SCALE}")


_SCALE = "to scale, run more processes or replicas in the same consumer group"
