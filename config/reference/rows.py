"""Every property that is honoured, as rows for the help, the pages and the image's label."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_origin

from pydantic.fields import FieldInfo

from config.kafka import boot_names
from config.loading.loader import load
from config.settings import Settings, properties
from config.spring.own_property import OwnProperty
from config.spring.property import Property
from config.spring.types import PropertyType
from python_processor.properties import REQUIRED

_BOOT = {
    "boot_common": boot_names.COMMON,
    "boot_consumer": boot_names.CONSUMER,
    "boot_producer": boot_names.PRODUCER,
    "boot_admin": boot_names.ADMIN,
}
# The order of the documents: what people look for first.
_ORDER = (
    "function",
    "python-processor",
    "spring.cloud.stream.",
    "spring.kafka",
    "spring",
    "server",
    "management",
)


class Row(NamedTuple):
    """One honoured property; a map ends in `.*`."""

    name: str
    kind: PropertyType[Any] | None  # None for a map
    default: str  # "" for none
    description: str
    # Properties and variables that are looked at before the default.
    fallbacks: tuple[str, ...] = ()


def rows(*own: OwnProperty) -> list[Row]:
    """Return every honoured property; those of functions (`own`, else the default's) first."""
    found = [
        row
        for field, prop in properties().items()
        for row in _rows(field, Settings.model_fields[field], prop)
    ]
    found.sort(
        key=lambda row: next(
            (n for n, prefix in enumerate(_ORDER) if row.name.startswith(prefix)), len(_ORDER)
        )
    )
    first = (
        Row(
            each.name,
            each.prop.kind,
            _default(each.prop.kind, None if each.default is REQUIRED else each.default),
            each.description,
        )
        for each in own or load([], {}).own
    )
    return [*first, *found]


def _rows(field: str, info: FieldInfo, prop: Property) -> Iterator[Row]:
    description = info.description or ""
    if get_origin(info.annotation) is not dict:
        yield Row(
            prop.name,
            prop.kind,
            _default(prop.kind, info.get_default(call_default_factory=False)),
            description,
            prop.fallbacks,
        )
        return
    for key in prop.keys:
        java, kind = _BOOT.get(field, {}).get(key, ("", prop.kind))
        yield Row(
            f"{prop.name}.{key}", kind, "", f"The Java property {java}." if java else description
        )
    if prop.inner or not prop.keys:
        yield Row(f"{prop.name}.{prop.inner}".removesuffix(".") + ".*", None, "", description)


def _default(kind: PropertyType[Any], value: Any) -> str:
    """A default as people would write it."""
    if value is None or value in ("", ()):
        return ""
    if kind.java == "java.time.Duration":
        return f"{value:g}s" if value >= 1 else f"{value * 1000:g}ms"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
