"""The settings as documents, made from the model: tables for README and docs, metadata for Data Flow.

python -m config.reference write           README's table and docs/settings.md; `make docs`
python -m config.reference metadata        the image's label
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from config.documented import Row, own_rows, rows, ten
from config.kafka.java_properties import TABLE
from config.loading.loader import load
from config.loading.unknown import is_read, unused_at
from config.spring.names import uniform
from config.unsupported import spring_names
from config.unsupported.table import UNSUPPORTED

_NAMES_INTRODUCTION = """\
Made by `python -m config.reference names` (config/unsupported/spring-names.txt) from the
configuration metadata of Spring's projects. They are Spring Boot 3.5 and 4.1, Spring Cloud
Stream 4.3 and 5.0, its Kafka binder and Spring Boot Admin's client.
(3.5) and (4.1): only in that generation."""
_NAMES_ANSWERS = """\
`ignored` is reported by one warning, `needless` at DEBUG. With `refused` the processor does
not start, unless the value asks for what is done in any case (`false`). Another name under
`spring.`, `server.`, `management.`, `logging.` or `endpoints.` is reported by a warning,
with the nearest known name."""
_SOURCES = """\
Every spelling of Spring's names works: `batch-size`, `batchSize`, `BATCH_SIZE`.

| place | form | Data Flow uses it |
| --- | --- | --- |
| command line | `--server.port=8081` | on Kubernetes, entry point style `exec` |
| `SPRING_APPLICATION_JSON` | `{"server.port": 8081}` | local, Cloud Foundry, and style `boot` |
| environment | `SERVER_PORT=8081` | on Kubernetes, entry point style `shell` |
| files | `application.properties`, `application.yml` | |

- The processor looks for files in the working directory, in its folder `config`, and in `/config`.
- Files may have profiles and conditions. `spring.config.import` takes `file:` and `configtree:`.
- A place of this table overrides those below it.
- What is set under `spring.cloud.stream.default` and `spring.cloud.stream.kafka.default` counts
  for both bindings."""
_ANSWERS = """\
A name of Spring's, and a name that resembles a known one, has one of three answers. It is
honoured, refused in one line with exit code 1, or reported in one warning. Other names are
left alone: they may be for another program.

- Names for security, addresses and settings files are honoured or refused.
- [Spring's names](spring-names.md) has the answer for each name of Spring Boot 3.5 and 4.1,
  Cloud Stream 4.3 and 5.0, and the Kafka binder."""
_CHECK = """\
`python dataflow.py --check` prints warnings, tries brokers, credentials and topics, and prints
the settings that differ from the defaults. `--check --all` prints all of them.
It joins the group for a moment, as `<group>.check` if the group has members. It reads and
commits nothing. `python dataflow.py --help --all` lists every setting."""
_CLIENTS = """\
They are keys of these maps:

- `spring.cloud.stream.kafka.binder.configuration`, `.consumer-properties`, `.producer-properties`
- `spring.kafka.properties`, also under `.consumer`, `.producer` and `.admin`
- `configuration` of the two bindings

`translated`: what librdkafka is given, if it has another name there. `needless`: dropped
without a warning."""
_UNUSED = """\
`ignored` is reported by one warning, `needless` at DEBUG. With `refused` the processor does
not start."""
# Sections of the page, and the beginnings of the names in them; the first that fits counts.
_SECTIONS = (
    ("Function", ("function", "python-processor.function-path", "python-processor.async-limit")),
    ("Processor", ("python-processor.",)),
    ("Input", ("spring.cloud.stream.bindings.input", "spring.cloud.stream.kafka.bindings.input")),
    (
        "Output",
        ("spring.cloud.stream.bindings.output", "spring.cloud.stream.kafka.bindings.output"),
    ),
    ("Kafka binder", ("spring.cloud.stream.kafka.binder",)),
    ("Instances", ("spring.cloud.stream.",)),
    ("Spring Boot's Kafka settings", ("spring.kafka.",)),
    ("HTTP", ("server.",)),
    ("Actuator", ("management.", "endpoints.", "info.")),
    ("Users of the actuator", ("spring.security.", "spring.cloud.streamapp.security.")),
    ("Spring Boot Admin", ("spring.boot.admin.",)),
    ("Logs", ("logging.",)),
    ("Application", ("spring.",)),
)
_JAVA = "Properties of Kafka's Java clients"
_NOT_USED = "What Spring knows and is not used here"
BEGIN, END = "<!-- settings: made by `make docs` -->", "<!-- /settings -->"  # of README's table
_ANY = {"type": "java.util.Map<java.lang.String,java.lang.String>"}


def table(found: Iterable[Row]) -> str:
    """A Markdown table of these properties."""
    lines = ((f"`{row.name}`", _else(row), row.description) for row in found)
    return _markdown(("property", "default", "meaning"), lines)


def readme() -> str:
    """README's table: the ten settings that people set."""
    return table(ten())


def docs() -> str:
    """The page of all settings."""
    clients = (
        (f"`{name}`", row.verdict, _code(row.native) if row.native else row.why)
        for name, row in sorted(TABLE.items())
    )
    unused = ((f"`{name}`", each.verdict, each.why) for name, each in sorted(UNSUPPORTED.items()))
    sections = _sections()
    titles = [*sections, _JAVA, _NOT_USED]
    return "\n\n".join(
        [
            "# Settings",
            "Made by `python -m config.reference docs`; a test fails when this page is not what that prints.",
            "\n".join(f"- [{title}](#{_anchor(title)})" for title in titles),
            "## Where settings come from",
            _SOURCES,
            "## What becomes of a name",
            _ANSWERS,
            "## Try settings",
            _CHECK,
            *(part for title, found in sections.items() for part in (f"## {title}", table(found))),
            f"## {_JAVA}",
            _CLIENTS,
            _markdown(("property", "", "librdkafka, or why not"), clients),
            f"## {_NOT_USED}",
            _UNUSED,
            _markdown(("property", "", "why"), unused),
        ]
    )


def section_of(name: str) -> str:
    """The section of the page that has this property. StopIteration if no section takes it."""
    return next(title for title, starts in _SECTIONS if name.startswith(starts))


def _sections() -> dict[str, list[Row]]:
    """The rows of each section, in the order of the page; a name that ends in `.*` is a map."""
    own = own_rows()
    found: dict[str, list[Row]] = {title: [] for title, _ in _SECTIONS}
    found[_SECTIONS[0][0]] += own
    for row in rows()[len(own) :]:
        found[section_of(row.name)].append(row)
    return found


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
    """spring-configuration-metadata.json: ASCII, one line, without placeholders, as an image label needs it."""
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


def _anchor(title: str) -> str:
    """What GitHub makes of a heading."""
    return title.lower().replace("'", "").replace(" ", "-")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    cells = [head, ["---" for _ in head], *lines]
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
            "docs": docs,
            "names": names_page,
            "metadata": partial(metadata, *sys.argv[2:]),
        }
        print(made[sys.argv[1]]())  # noqa: T201 - a command
