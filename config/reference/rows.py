"""Every supported property, as rows for the help, the pages and the image's label."""

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
# The order of the documents. The settings that people look for come first.
_ORDER = (
    "function",
    "python-processor",
    "spring.cloud.stream.",
    "spring.kafka",
    "spring",
    "server",
    "management",
)


# The ten settings that people set: README's table and --help.
TEN = (
    "function",
    "spring.cloud.stream.bindings.input.destination",
    "spring.cloud.stream.bindings.input.group",
    "spring.cloud.stream.bindings.output.destination",
    "spring.cloud.stream.kafka.binder.brokers",
    "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",
    "spring.cloud.stream.bindings.input.consumer.max-attempts",
    "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq",
    "server.port",
    "logging.level.*",
)


class Row(NamedTuple):
    """One supported property. The name of a map ends in `.*`."""

    name: str
    kind: PropertyType[Any] | None  # None for a map
    default: str  # "" for none
    description: str
    # Properties and variables that count before the default.
    fallbacks: tuple[str, ...] = ()


def own_rows(*own: OwnProperty) -> list[Row]:
    """Return the properties that functions declare: these, or those of the default function."""
    return [
        Row(
            each.name,
            each.prop.kind,
            _default(each.prop.kind, None if each.default is REQUIRED else each.default),
            each.description,
        )
        for each in own or load([], {}).own
    ]


def rows(*own: OwnProperty) -> list[Row]:
    """Return every supported property, `own_rows` first."""
    fields = Settings.model_fields
    found = [
        row for field, prop in properties().items() for row in _rows(field, fields[field], prop)
    ]
    found.sort(key=_rank)
    return [*own_rows(*own), *found]


def ten() -> list[Row]:
    """Return the ten settings that people set, in their order."""
    named = {row.name: row for row in rows()}
    return [named[name] for name in TEN]


def _rank(row: Row) -> int:
    starts = (number for number, prefix in enumerate(_ORDER) if row.name.startswith(prefix))
    return next(starts, len(_ORDER))


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
    """Return a default as people would write it."""
    if value is None or value in ("", ()):
        return ""
    if kind.java == "java.time.Duration":
        return f"{value:g}s" if value >= 1 else f"{value * 1000:g}ms"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
