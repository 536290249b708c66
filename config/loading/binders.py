"""spring.cloud.stream.binders.*: one named Kafka binder. Its environment has precedence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from config.errors import SettingsError, mask_secrets, shown_name
from config.loading.resolver import Resolver
from config.spring.names import uniform
from config.spring.sources.source import Entry, Environment, Source
from config.spring.types import FLAG

_STREAM = "spring.cloud.stream"
_BINDERS = f"{_STREAM}.binders"
_PREFIXES = ("spring.kafka.", f"{_STREAM}.kafka.")  # what a binder's environment may set
# Names that this module reads, for the report of unused properties.
READ = (
    f"{_STREAM}.default-binder",
    *(f"{_STREAM}.{each}.binder" for each in ("bindings.input", "bindings.output", "default")),
)
READ_MAP = _BINDERS
_KEYS = ("type", "inheritenvironment", "defaultcandidate")
# Uniform name of the binder -> uniform key -> the property that sets it.
Declared = dict[str, dict[str, Entry]]


def binder_sources(sources: Sequence[Source], resolver: Resolver) -> tuple[list[Source], list[str]]:
    """Return the sources, with the environment of the bindings' binder before them.

    Args:
        sources: The sources, the highest first.
        resolver: Looks up properties.

    Returns:
        The sources, and a warning for each other binder.

    Raises:
        SettingsError: The bindings have two binders, or one that is not declared or not Kafka's.
    """
    declared = _declared(sources)
    name = _chosen(declared, resolver)
    given = declared.get(name)
    candidates = [each for each in declared if _is_candidate(resolver, declared, each)]
    unused = [
        f"{_BINDERS}.{each} is ignored: the binder of both bindings is {name}"
        for each in candidates
        if each != name
    ]
    if given is None:
        return list(sources), unused
    if (kind := given.get("type")) and resolver.text(kind).strip().lower() != "kafka":
        raise SettingsError(
            f"{_BINDERS}.{name}.type: {mask_secrets('type', resolver.text(kind))} ({kind.origin}) "
            f"is not allowed; allowed is kafka"
        )
    inherits = _flag(
        resolver, given.get("inheritenvironment"), f"{_BINDERS}.{name}.inherit-environment"
    )
    overlays = [overlay for source in sources if (overlay := _overlay(source, name)).values]
    return [*overlays, *(sources if inherits else map(_without_kafka, sources))], unused


def _declared(sources: Sequence[Source]) -> Declared:
    declared: Declared = {}
    for source in sources:
        for key, entry in source.entries(_BINDERS):
            binder, _, rest = key.partition(".")
            found = declared.setdefault(uniform(binder), {})
            if not rest.lower().startswith("environment."):
                if uniform(rest).replace(".", "") not in _KEYS:
                    allowed = "type, environment.*, inherit-environment and default-candidate"
                    raise SettingsError(
                        f"{shown_name(entry.name)} ({entry.origin}) is not allowed; a binder has "
                        f"{allowed}"
                    )
                found.setdefault(uniform(rest).replace(".", ""), entry)
    return declared


def _chosen(declared: Declared, resolver: Resolver) -> str:
    """Return the uniform name of the binder of both bindings."""
    names = {binding: _of_binding(binding, declared, resolver) for binding in ("input", "output")}
    if names["input"] != names["output"]:
        raise SettingsError(
            f"{_STREAM}.bindings: the input has the binder {names['input']!r} and the output "
            f"{names['output']!r}, which is not allowed: "
            "one binder serves both"
        )
    return names["input"]


def _of_binding(binding: str, declared: Declared, resolver: Resolver) -> str:
    for name in (
        f"{_STREAM}.bindings.{binding}.binder",
        f"{_STREAM}.default.binder",
        f"{_STREAM}.default-binder",
    ):
        if (entry := resolver.find(name)) and (text := resolver.text(entry).strip()):
            if uniform(text) not in {"kafka", *declared}:
                known = ", ".join(["kafka", *(each for each in declared if each != "kafka")])
                raise SettingsError(
                    f"{shown_name(entry.name)}: {mask_secrets(name, text)} ({entry.origin}) is "
                    f"not allowed; allowed is {known}"
                )
            return uniform(text)
    candidates = [name for name in declared if _is_candidate(resolver, declared, name)]
    if len(candidates) > 1:
        raise SettingsError(
            f"{_BINDERS}: {' and '.join(candidates)} are not allowed together: set "
            f"{_STREAM}.default-binder to one of them"
        )
    return candidates[0] if candidates else "kafka"


def _is_candidate(resolver: Resolver, declared: Declared, name: str) -> bool:
    return _flag(
        resolver, declared[name].get("defaultcandidate"), f"{_BINDERS}.{name}.default-candidate"
    )


def _flag(resolver: Resolver, entry: Entry | None, name: str) -> bool:
    text = resolver.text(entry) if entry else ""
    try:
        return FLAG.parse(text) if text.strip() else True
    except ValueError:
        raise SettingsError(
            f"{name}: {mask_secrets(name, text)} is not allowed; allowed is {FLAG.allowed}"
        ) from None


@dataclass(frozen=True)
class _BinderVariables(Environment):
    """Variables of a binder's environment, by the names of the properties that they set."""

    # The name of each property -> the variable as it is written. An error names that variable.
    variables: Mapping[str, str] = field(default_factory=dict)

    def entry(self, written: str) -> Entry:
        """Return the property. Its origin is the variable that sets it."""
        origin = f"environment variable {self.variables[written]}"
        return Entry(written, self.values[written], origin)


def _overlay(source: Source, binder: str) -> Source:
    """Return the binder's environment in one source, as a source of the plain names."""
    values: dict[str, str] = {}
    variables: dict[str, str] = {}
    for key, entry in source.entries(_BINDERS):
        name, _, rest = key.partition(".")
        if uniform(name) == binder and rest.lower().startswith("environment."):
            inner = rest.partition(".")[2]
            if not f"{uniform(inner)}.".startswith(
                tuple(f"{uniform(prefix)}." for prefix in _PREFIXES)
            ):
                raise SettingsError(
                    f"{shown_name(entry.name)} ({entry.origin}) is not allowed: a binder's "
                    f"environment has {' and '.join(_PREFIXES)}"
                )
            plain = inner.replace(".", "_").upper() if isinstance(source, Environment) else inner
            values[plain], variables[plain] = entry.value, entry.name
    named = f"binder {binder}: {source.name}", f"{source.origin}, binder {binder}"
    if isinstance(source, Environment):
        return _BinderVariables(*named, values, variables=variables)
    return Source(*named, values)


def _without_kafka(source: Source) -> Source:
    """Return the source without Kafka's properties. A binder may not inherit them."""
    prefixes = tuple(f"{uniform(prefix)}." for prefix in _PREFIXES)
    kept = {
        name: value
        for name, value in source.values.items()
        if not any(form.startswith(prefixes) for form in source.forms(name))
    }
    return replace(source, values=kept)
