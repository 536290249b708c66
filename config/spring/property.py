"""Attaches a property to a field of Settings."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

from config.spring.types import TEXT, PropertyType


@dataclass(frozen=True)
class Property:
    """A field's property: its canonical name, or the prefix of a map."""

    name: str
    kind: PropertyType[Any] = TEXT
    fallbacks: tuple[str, ...] = ()  # used next, as Spring's `${PORT}`
    # For a map: the keys that are looked up relaxed. Free keys are in `inner`.
    keys: tuple[str, ...] = ()
    inner: str = ""  # for a map with keys: the inner map whose keys are free
    lists: bool = False  # for a map: whether its values may be lists


def prop(
    name: str, kind: PropertyType[Any], description: str, *fallbacks: str, default: Any
) -> Any:
    """Make a field of Settings for a property.

    Args:
        name: The canonical name.
        kind: Parses the text.
        description: For the settings page.
        fallbacks: Properties and variables that count next, in this order.
        default: The value if none of them is set.
    """
    return _field(default, description, Property(name, kind, (*fallbacks, *_binding_default(name))))


def prop_map(
    name: str,
    description: str,
    *keys: str,
    inner: str = "",
    kind: PropertyType[Any] = TEXT,
    lists: bool = False,
) -> Any:
    """Make a field of Settings for all properties `name.<key>`, as a dictionary.

    Args:
        name: The canonical name, without a key.
        description: For the settings page.
        keys: If given, only these keys, and `inner.<key>`.
        inner: The inner map whose keys are free.
        kind: Parses each text.
        lists: Whether values may be lists.
    """
    return _field({}, description, Property(name, kind, _binding_default(name), keys, inner, lists))


def property_of(field: FieldInfo) -> Property | None:
    """Return the property of a field, or None for a field without one.

    Args:
        field: A field of Settings.
    """
    extra = field.json_schema_extra
    return extra["property"] if isinstance(extra, dict) else None  # type: ignore[return-value]  # put there by _field


def _field(default: Any, description: str, described: Property) -> Any:
    return Field(default, description=description, json_schema_extra={"property": described})  # type: ignore[dict-item]  # carried, never serialised


def _binding_default(name: str) -> tuple[str, ...]:
    """Return Spring Cloud Stream's name of the default for all bindings.

    `...bindings.input.group` has `...default.group`.
    """
    for binding in ("bindings.input.", "bindings.output."):
        prefix, found, rest = name.partition(binding)
        if found and prefix.startswith("spring.cloud.stream.") and rest != "destination":
            return (f"{prefix}default.{rest}",)
    return ()
