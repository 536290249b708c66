"""Refuses what is no value here in any property: a colon in place of `=`, and encrypted text."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import get_origin

from config.errors import SettingsError, shown_name
from config.secrets import is_secret_name
from config.sections.kafka_clients import CLIENT_MAPS
from config.settings import Settings, properties
from config.spring.names import is_critical, uniform
from config.spring.sources.source import Entry, Environment, Source
from config.spring.usable_text import ENCRYPTED, unusable_text
from config.unsupported import spring_names


def refuse_values(sources: Sequence[Source], is_known: Callable[[str], bool]) -> None:
    """Refuse a name with a colon and a value behind it, and a value that is to be decrypted.

    Args:
        sources: The sources, the highest first.
        is_known: Whether a uniform name is one of this program's properties.

    Raises:
        SettingsError: There is one. The text does not have the value.
    """
    for source in sources:
        for entry in map(source.entry, source.values):
            if _is_misspelt(source, entry, is_known):
                name = shown_name(entry.name)
                sign = "a colon" if entry.name[len(name)] == ":" else "another sign than ="
                raise SettingsError(
                    f"{name} ({source.origin}) is not allowed with {sign} behind the name: write "
                    f"{name}=..."
                )
            if entry.value.lstrip().startswith(ENCRYPTED):
                raise SettingsError(
                    f"{shown_name(entry.name)} ({entry.origin}) is not allowed: "
                    f"{unusable_text(ENCRYPTED)}"
                )


def _is_misspelt(source: Source, entry: Entry, is_known: Callable[[str], bool]) -> bool:
    """Return whether another sign stands where `=` belongs. A map's key may have one."""
    name = shown_name(entry.name)
    if name == entry.name or "[" in name:
        return False
    form = uniform(name)
    if form.startswith(spring_names.PREFIXES) and (is_secret_name(name) or is_critical(name)):
        return True
    if is_known(form) and not form.startswith(_free_maps()):
        return True
    if entry.name[len(name)] != ":" and source.name != "commandLineArgs":
        return False  # a key such as `info.build notes`
    secret = is_secret_name(name) and not isinstance(source, Environment)
    # The rest of base64 behind the colon ends in `=`.
    return (secret or is_known(form)) and not entry.value.strip("=")


@cache
def _free_maps() -> tuple[str, ...]:
    """Return the prefixes of the maps whose keys are the user's own."""
    return tuple(
        f"{uniform(prop.name)}."
        for field, prop in properties().items()
        if get_origin(Settings.model_fields[field].annotation) is dict
        and not prop.keys
        and field not in CLIENT_MAPS
    )
