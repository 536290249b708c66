"""The settings as documents, made from the model: help text, tables for README and docs, metadata
for Data Flow.

python -m config.reference write           README's table and docs/settings.md; `make docs`
python -m config.reference metadata        the image's label
"""

import json
import platform
import sys
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, get_origin

from pydantic.fields import FieldInfo

from config.kafka import boot_names
from config.kafka.java_properties import TABLE
from config.loading.loader import load
from config.loading.unknown import is_read, unused_at
from config.settings import Settings, properties
from config.spring.names import uniform
from config.spring.own_property import OwnProperty
from config.spring.property import Property
from config.spring.types import PropertyType
from config.unsupported import spring_names
from config.unsupported.table import UNSUPPORTED
from python_processor.properties import REQUIRED

_NAMES_INTRODUCTION = """\
Made by `python -m config.reference names` (config/unsupported/spring-names.txt) from the configuration metadata of Spring's projects. They
are Spring Boot 3.5 and 4.1, Spring Cloud Stream 4.3 and 5.0, its Kafka binder and Spring Boot Admin's client.
(3.5) and (4.1): only in that generation."""  # noqa: E501 - lines of a page
_NAMES_ANSWERS = """\
`ignored` is reported by one warning, `needless` at DEBUG. With `refused` the processor does not start, unless the value asks for
what is done in any case (`false`). Another name under `spring.`, `server.`, `management.`, `logging.` or `endpoints.` is reported by a
warning, with the nearest known name."""  # noqa: E501 - lines of a page
VERSION = "1.0.0"  # pyproject.toml's
_BOOT = {
    "boot_common": boot_names.COMMON,
    "boot_consumer": boot_names.CONSUMER,
    "boot_producer": boot_names.PRODUCER,
    "boot_admin": boot_names.ADMIN,
}
_NAMES = """\
Names are relaxed as in Spring Boot: `batch-size`, `batchSize`, `BATCH_SIZE`. A name that ends in `.*` is a map. What is set under
`spring.cloud.stream.default` and `spring.cloud.stream.kafka.default` counts for both bindings, as in Spring Cloud Stream."""  # noqa: E501 - lines of a page
_CLIENTS = """\
As keys of `spring.cloud.stream.kafka.binder.configuration`, `.consumer-properties` and `.producer-properties`, of `spring.kafka.properties`
(also under `.consumer`, `.producer` and `.admin`) and of the bindings' `configuration`. `translated`: what librdkafka is given, if it has
another name there. `needless`: dropped without a warning."""  # noqa: E501 - lines of a page
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
BEGIN, END = "<!-- settings: made by `make docs` -->", "<!-- /settings -->"  # of README's table
# The properties that matter: README's table.
_README = [
    "reversestring",
    "spring.cloud.stream.bindings.input.destination",
    "spring.cloud.stream.bindings.input.group",
    "spring.cloud.stream.bindings.input.content-type",
    "spring.cloud.stream.bindings.input.consumer.auto-startup",
    "spring.cloud.stream.bindings.input.consumer.max-attempts",
    "spring.cloud.stream.bindings.input.consumer.back-off-initial-interval",
    "spring.cloud.stream.bindings.input.consumer.retryable-exceptions.*",
    "spring.cloud.stream.bindings.output.destination",
    "spring.cloud.stream.bindings.output.content-type",
    "spring.cloud.stream.bindings.output.producer.partition-key-expression",
    "spring.cloud.stream.bindings.output.producer.partition-count",
    "spring.cloud.stream.instance-index",
    "spring.cloud.stream.kafka.binder.brokers",
    "spring.cloud.stream.kafka.binder.auto-create-topics",
    "spring.cloud.stream.kafka.binder.min-partition-count",
    "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",
    "spring.cloud.stream.kafka.binder.configuration.*",
    "spring.cloud.stream.kafka.binder.consumer-properties.*",
    "spring.cloud.stream.kafka.binder.producer-properties.*",
    "spring.cloud.stream.kafka.bindings.input.consumer.start-offset",
    "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq",
    "spring.cloud.stream.kafka.bindings.input.consumer.dlq-name",
    "python-processor.commit-interval",
    "python-processor.batch-size",
    "spring.lifecycle.timeout-per-shutdown-phase",
    "server.port",
    "management.endpoints.web.exposure.include",
    "management.endpoint.health.show-details",
    "logging.level.*",
]
_ANY = {"type": "java.util.Map<java.lang.String,java.lang.String>"}


class Row(NamedTuple):
    """One honoured property; a map ends in `.*`."""

    name: str
    kind: PropertyType[Any] | None  # None for a map
    default: str  # "" for none
    description: str
    # Properties and variables that are looked at before the default.
    fallbacks: tuple[str, ...] = ()


def rows(*own: OwnProperty) -> list[Row]:
    """Every honoured property; those that functions declare (`own`, else those of the default
    function) first.
    """
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


def help_text(*own: OwnProperty) -> str:
    """What --help prints."""
    lines = [
        (
            "python-processor: a stream processor between two Kafka topics, configured as a Spring "
            "Cloud Stream application."
        ),
        "",
        (
            "Settings are given as --name=value, in SPRING_APPLICATION_JSON, as environment "
            "variables "
            "(NAME_WITH_UNDERSCORES) or in"
        ),
        (
            "application.properties or application.yml in the working directory, in its folder "
            "config, or in /config."
        ),
        "",
        "  --help, -h      print this",
        "  --version, -V   print the version",
        (
            "  --check         print warnings, try the brokers, print what differs from the "
            "defaults, "
            "and end; --all: all settings"
        ),
    ]
    for row in rows(*own):
        default = f" [{row.default}]" if row.default else ""
        lines += [
            "",
            f"  --{row.name}{default}",
            *textwrap.wrap(row.description, 110, initial_indent=" " * 6, subsequent_indent=" " * 6),
        ]
    return "\n".join(lines)


def version_text() -> str:
    """What --version prints."""
    parts = [f"python-processor {VERSION}", f"Python {platform.python_version()}"]
    return ", ".join(parts + [f"{name} {version(name)}" for name in ("bytewax", "confluent-kafka")])


def table(*names: str) -> str:
    """A Markdown table of these properties, or of all."""
    shown = [row for row in rows() if not names or row.name in names]
    return _markdown(
        ("property", "default", ""),
        ((f"`{row.name}`", _else(row), row.description) for row in shown),
    )


def readme() -> str:
    """README's table: the thirty properties that matter."""
    return table(*_README)


def docs() -> str:
    """The page of all settings."""
    clients = (
        (f"`{name}`", row.verdict, _code(row.native) if row.native else row.why)
        for name, row in sorted(TABLE.items())
    )
    unused = ((f"`{name}`", each.verdict, each.why) for name, each in sorted(UNSUPPORTED.items()))
    return "\n\n".join(
        [
            "# Settings",
            (
                "Made by `python -m config.reference docs`; a test fails when this page is not "
                "what "
                "that prints."
            ),
            "## What is honoured",
            _NAMES,
            table(),
            "## Properties of Kafka's Java clients",
            _CLIENTS,
            _markdown(("property", "", "librdkafka, or why not"), clients),
            "## What Spring knows and is not used here",
            (
                "`ignored` is told by one warning, `needless` at DEBUG; with `refused` the "
                "processor "
                "does not start."
            ),
            _markdown(("property", "", "why"), unused),
        ]
    )


def answer_of(name: str) -> tuple[str, str]:
    """What becomes of a name of Spring's, and why."""
    if is_read(uniform(name)):
        return "honoured", ""
    unused = unused_at(uniform(name)) or spring_names.rule(uniform(name))
    return (unused.verdict, unused.why) if unused else ("honoured", "")


def names_page() -> str:
    """The page of every name that Spring's metadata has."""
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for name, mark in spring_names.known_names():
        prefix, _, last = name.rpartition(".")
        verdict, why = answer_of(name)
        counts[verdict] += 1
        grouped[prefix, verdict, why].append(last + {"": "", "<": " (3.5)", ">": " (4.1)"}[mark])
    lines = (
        (_code(prefix), ", ".join(lasts), verdict, why)
        for (prefix, verdict, why), lasts in sorted(grouped.items())
    )
    total = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return "\n\n".join(
        [
            "# Every name that Spring knows",
            _NAMES_INTRODUCTION,
            f"{sum(counts.values())} names: {total}. {_NAMES_ANSWERS}",
            _markdown(("prefix", "names", "", "why"), lines),
        ]
    )


def metadata(*arguments: str) -> str:
    """spring-configuration-metadata.json: ASCII, one line, without placeholders, as an image label
    needs it.
    """
    described, hints = [], []
    for row in rows(*load(arguments, {}).own):
        kind = {"type": row.kind.java} if row.kind else _ANY
        default = {"defaultValue": row.default} if row.default else {}
        described.append(
            {"name": row.name.removesuffix(".*"), **kind, "description": row.description, **default}
        )
        if row.kind and row.kind.words:
            hints.append({"name": row.name, "values": [{"value": word} for word in row.kind.words]})
    return json.dumps(
        {"groups": [], "properties": described, "hints": hints}, separators=(",", ":")
    )


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


def _else(row: Row) -> str:
    """`PORT`, else `8080`; what Spring takes for every binding is not repeated at each."""
    fallbacks = (
        name
        for name in row.fallbacks
        if not name.startswith(
            ("spring.cloud.stream.default.", "spring.cloud.stream.kafka.default.")
        )
    )
    return ", else ".join(map(_code, (*fallbacks, *filter(None, [row.default]))))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _markdown(head: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells
    )


def write(root: Path) -> None:
    """Bring README's table and docs/settings.md up to date."""
    (root / "docs" / "settings.md").write_text(docs() + "\n")
    (root / "docs" / "spring-names.md").write_text(names_page() + "\n")
    before, _, rest = (root / "README.md").read_text().partition(BEGIN)
    (root / "README.md").write_text(
        f"{before}{BEGIN}\n\n{readme()}\n\n{END}{rest.partition(END)[2]}"
    )


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(__file__).parents[1])
    else:
        made: dict[str, Callable[[], str]] = {
            "help": help_text,
            "docs": docs,
            "names": names_page,
            "metadata": partial(metadata, *sys.argv[2:]),
        }
        print(made[sys.argv[1]]())  # noqa: T201 - a command
