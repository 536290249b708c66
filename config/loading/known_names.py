"""The names of properties that are read here, and those that are known and unused."""

import re
from functools import cache
from typing import get_origin

from config.loading import binders
from config.settings import Settings, properties
from config.spring.names import uniform
from config.spring.sources.application_json import JSON_PROPERTY
from config.support import Support
from config.unsupported.table import SECURITY, UNSUPPORTED, Unsupported

# Every name below these prefixes is known here, so another one is a mistake.
OURS = ("pythonprocessor.", "python.processor.")  # the second as in a variable
_LISTS_READ = (
    "spring.profiles.active",
    "spring.profiles.default",
    "spring.profiles.include",
    "spring.config.activate.on-profile",
    "spring.config.import",
    "spring.config.location",
    "spring.config.additional-location",
    "spring.config.name",
)
_ALSO_READ = (
    *_LISTS_READ,
    JSON_PROPERTY,
    "spring.config.activate.on-cloud-platform",
    "spring.main.cloud-platform",
    "spring.config.on-not-found",
    *binders.READ,
)
_MAPS_READ = (binders.READ_MAP, "spring.profiles.group")
# Keys of a client's configuration about the protection of connections.
_SECURITY = re.compile(r"(?:^|\.)(?:ssl|sasl|security|jaas)")


@cache
def list_names() -> dict[str, str]:
    """Return the properties that are lists, by their spellings."""
    lists = (
        prop
        for field, prop in properties().items()
        if prop.kind.java.startswith("java.util.List") and not _is_map(field)
    )
    names = [*_LISTS_READ, *(name for prop in lists for name in (prop.name, *prop.fallbacks))]
    return {spelling: name for name in names for spelling in spellings(name)}


def is_read(form: str, *, variable: bool = True) -> bool:
    """Return whether a field of Settings, or the loader itself, reads the name.

    Args:
        form: The uniform name.
        variable: Whether an environment variable has it. A dash may have become a dot there.
    """
    names, maps = read_names(variable=variable)
    item = without_index(form)
    return form in names or (item in names and item in list_names()) or form.startswith(maps)


def without_index(form: str) -> str:
    """Return the list's name for an item of a list, and any other name unchanged."""
    name, _, index = form.rpartition(".")
    return name if name and index.isdecimal() else form


def unused_at(form: str) -> Unsupported | None:
    """Return why the property has no effect, or None for a name that is not in the table.

    A map that is ignored has no key about security: the key is refused.

    Args:
        form: The uniform name.
    """
    names, maps = unused_names()
    if form in names:
        return names[form]
    for (prefix, end), unused in maps.items():
        if form.startswith(prefix) and form.endswith(end):
            is_security = _SECURITY.search(form.removeprefix(prefix))
            return SECURITY if is_security and unused.verdict is Support.IGNORED else unused
    return None


def entry_below(form: str, *, variable: bool = True) -> str | None:
    """Return an entry of the map, or a property of the group, that the name is for.

    Args:
        form: The uniform name.
        variable: Whether an environment variable has it. A dash may have become a dot there.

    Returns:
        A canonical name, or None for a name that is no map and no group.
    """
    return _groups(variable=variable).get(form)


@cache
def _groups(*, variable: bool) -> dict[str, str]:
    """Return an entry's canonical name by the uniform names of the maps and groups above it."""
    names, maps = _names_and_maps()
    maps += [
        name.removesuffix(".*")
        for name, unused in UNSUPPORTED.items()
        if name.endswith(".*") and unused.verdict is not Support.NO_EFFECT
    ]
    below = [(f"{name}.name", name) for name in maps]
    for entry in (*names, *(f"{name}.name" for name in maps)):
        below += [(entry, entry.rsplit(".", dots)[0]) for dots in range(1, entry.count(".") + 1)]
    found: dict[str, str] = {}
    for entry, group in below:
        for form in spellings(group) if variable else (uniform(group),):
            found.setdefault(form, entry)
    return found


def spellings(name: str) -> tuple[str, str]:
    """Return the uniform name, and the uniform name of its variable with underscores for dashes."""
    return uniform(name), uniform(name.replace("-", "."))


@cache
def read_names(*, variable: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the names that are read, and the prefixes of maps that are read.

    Args:
        variable: Whether to include the spellings of environment variables.

    Returns:
        Canonical names by uniform name, and uniform prefixes with a dot at the end.
    """
    names, maps = _names_and_maps()
    spelt = spellings if variable else lambda name: (uniform(name),)
    return {form: name for name in names for form in spelt(name)}, tuple(
        f"{form}." for name in maps for form in spelt(name)
    )


def _names_and_maps() -> tuple[list[str], list[str]]:
    """Return the canonical names that are read, and those of the maps that are read."""
    names, maps = list(_ALSO_READ), list(_MAPS_READ)
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        names += [f"{prop.name}.{key}" for key in prop.keys] if _is_map(field) else roots
        if _is_map(field) and (prop.inner or not prop.keys):
            maps += [f"{root}.{prop.inner}".removesuffix(".") for root in roots]
    return names, maps


def _is_map(field: str) -> bool:
    return get_origin(Settings.model_fields[field].annotation) is dict


@cache
def unused_names() -> tuple[dict[str, Unsupported], dict[tuple[str, str], Unsupported]]:
    """Return the table of unused properties.

    Returns:
        The rows by uniform name, and the rows of maps by uniform prefix and by the end of keys,
        those with an end first.
    """
    names: dict[str, Unsupported] = {}
    maps: dict[tuple[str, str], Unsupported] = {}
    for name, unused in UNSUPPORTED.items():
        prefix, star, end = name.partition(".*")
        for spelling, tail in zip(spellings(prefix), spellings(end), strict=True):
            if star:
                maps[f"{spelling}.", tail] = unused
            else:
                names[spelling] = unused
    return names, dict(sorted(maps.items(), key=lambda item: not item[0][1]))
