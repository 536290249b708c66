"""Which names of properties are read here, and which are known and not used."""

from functools import cache
from typing import get_origin

from config.loading import binders
from config.settings import Settings, properties
from config.spring.application_json import JSON_PROPERTY
from config.spring.names import uniform
from config.unsupported.table import UNSUPPORTED, Unsupported

_ALSO_READ = (
    JSON_PROPERTY,
    "spring.profiles.active",
    "spring.profiles.default",
    "spring.profiles.include",
    "spring.config.activate.on-profile",
    "spring.config.activate.on-cloud-platform",
    "spring.main.cloud-platform",
    "spring.config.import",
    "spring.config.location",
    "spring.config.additional-location",
    "spring.config.name",
    "spring.config.on-not-found",
    *binders.READ,
    "help",
    "check",
    "all",
)
_MAPS_READ = (binders.READ_MAP, "spring.profiles.group")


@cache
def list_names() -> dict[str, str]:
    """Return the properties that are lists, by their spellings."""
    return {
        spelling: prop.name
        for prop in properties().values()
        if prop.kind.java.startswith("java.util.List")
        for spelling in spellings(prop.name)
    }


def is_read(form: str) -> bool:
    """Whether a field of Settings, or the loader itself, reads the name."""
    names, maps = read_names()
    return form in names or form.rstrip("0123456789").rstrip(".") in names or form.startswith(maps)


def unused_at(form: str) -> Unsupported | None:
    """Return why the property of this uniform name has no effect; None for another name."""
    names, maps = unused_names()
    return names.get(form) or next(
        (unused for prefix, unused in maps.items() if form.startswith(prefix)), None
    )


def spellings(name: str) -> tuple[str, str]:
    """As written anywhere, and as environment variables have it whose dashes became underscores."""
    return uniform(name), uniform(name.replace("-", "."))


@cache
def read_names() -> tuple[dict[str, str], tuple[str, ...]]:
    """Uniform names that are read, with their canonical form, and the uniform prefixes of maps."""
    names = {spelling: name for name in _ALSO_READ for spelling in spellings(name)}
    maps = [f"{spelling}." for name in _MAPS_READ for spelling in spellings(name)]
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        if get_origin(Settings.model_fields[field].annotation) is not dict:
            names |= {spelling: name for name in roots for spelling in spellings(name)}
            continue
        names |= {
            spelling: f"{prop.name}.{key}"
            for key in prop.keys
            for spelling in spellings(f"{prop.name}.{key}")
        }
        if prop.inner or not prop.keys:
            inner = f".{prop.inner}" if prop.inner else ""
            maps += (f"{spelling}." for root in roots for spelling in spellings(root + inner))
    return names, tuple(maps)


@cache
def unused_names() -> tuple[dict[str, Unsupported], dict[str, Unsupported]]:
    """The table of unused properties by uniform name, and by uniform prefix for whole maps."""
    spelled = [
        (name, spelling, unused)
        for name, unused in UNSUPPORTED.items()
        for spelling in spellings(name.removesuffix("*"))
    ]
    names = {spelling: unused for name, spelling, unused in spelled if not name.endswith("*")}
    return names, {
        f"{spelling}.": unused for name, spelling, unused in spelled if name.endswith("*")
    }
