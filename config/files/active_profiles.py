"""The active profiles, by the properties spring.profiles.*."""

from typing import NamedTuple

from config.errors import shown_name
from config.files.document import Values, refuse_in_conditional
from config.files.profiles import expand_profiles, profile_names


class Profiles(NamedTuple):
    """The profiles, each followed by those of its group, as /actuator/env shows them."""

    active: tuple[str, ...] = ()
    default: tuple[str, ...] = ("default",)

    @property
    def accepted(self) -> tuple[str, ...]:
        """The profiles whose documents apply: the default ones if none is active."""
        return self.active or self.default


def find_profiles(values: Values) -> Profiles:
    """Return the active profiles, of `include` and `active`, and the default ones.

    Args:
        values: Looks up the properties.

    Raises:
        SettingsError: A name is not allowed, or a document with a condition has `include`.
    """
    groups = _groups(values)
    active = expand_profiles(
        tuple(dict.fromkeys((*_included(values), *_named(values, "spring.profiles.active")))),
        groups,
    )
    name = "spring.profiles.default"
    default = _named(values, name) if values.first(name) else ("default",)
    return Profiles(active, expand_profiles(default, groups))


def _named(values: Values, name: str) -> tuple[str, ...]:
    """Return a property's profiles. Documents with a condition count, too, as in Spring Boot."""
    entry = values.first(name)
    return profile_names(name, values.text(entry), entry) if entry else ()


def _groups(values: Values) -> dict[str, tuple[str, ...]]:
    """Return spring.profiles.group.*: the profiles that a profile brings with it."""
    prefix = "spring.profiles.group"
    found: dict[str, tuple[str, ...]] = {}
    documents = [(each.source, each) for each in values.documents() if each.source]
    for source, document in [*((source, None) for source in values.above), *documents]:
        for key, entry in source.lists(prefix).items():
            if key not in found:
                name = shown_name(entry.name)
                found[key] = profile_names(name, values.text(entry, document), entry)
    return found


def _included(values: Values) -> tuple[str, ...]:
    """Return spring.profiles.include, which adds up over all sources."""
    name = "spring.profiles.include"
    found: dict[str, None] = {}
    for source, document in [
        *((source, None) for source in values.above),
        *((d.source, d) for d in values.documents()),
    ]:
        if source and (entry := source.find(name)):
            if document and not document.is_active(values.context):
                refuse_in_conditional(document, name)
            found |= dict.fromkeys(profile_names(name, values.text(entry, document), entry))
    return tuple(found)
