"""The pages of properties: README's table and docs/settings.md."""

from collections.abc import Iterable

from config.kafka.java_properties import TABLE
from config.reference.markdown import code_span, markdown_table
from config.reference.rows import Row, own_rows, rows, ten
from config.unsupported.table import UNSUPPORTED

_MADE_BY = (
    "Made by `python -m config.reference docs`; a test fails when this page is not what that "
    "prints."
)
_SOURCES = """\
Every spelling of Spring's names works: `batch-size`, `batchSize`, `BATCH_SIZE`.

| place | form | Data Flow uses it |
| --- | --- | --- |
| command line | `--server.port=8081` | on Kubernetes, entry point style `exec` |
| `SPRING_APPLICATION_JSON` | `{"server.port": 8081}` | local, Cloud Foundry, and style `boot` |
| environment | `SERVER_PORT=8081` | on Kubernetes, entry point style `shell` |
| files | `application.properties`, `application.yml` | |

- The processor looks for files in the working directory, in its folder `config`, and in `/config`.
- Files may have profiles and conditions.
- `spring.config.import` takes `file:`, `configtree:` and `env:`.
- A place of this table overrides those below it.
- What is set under `spring.cloud.stream.default` and `spring.cloud.stream.kafka.default` counts
  for both bindings."""
_ANSWERS = """\
A name of Spring's, and a name that resembles a known one, has one of three answers. It is
honoured, refused in one line with exit code 1, or reported in one warning. Other names are
left alone: they may be for another program.

- Names for security, addresses, settings files and exactly once are honoured or refused.
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
without a warning. `refused`: the processor does not start, unless the value is one that is
named as allowed."""
_UNUSED = """\
`ignored` is reported by one warning, `needless` at DEBUG. With `refused` the processor does
not start."""
# Sections of the page, and the prefixes of their names. The first that fits counts.
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
BEGIN, END = "<!-- settings: made by `make docs` -->", "<!-- /settings -->"  # around README's table


def table(found: Iterable[Row]) -> str:
    """Return a Markdown table of these properties."""
    lines = ((f"`{row.name}`", _else(row), row.description) for row in found)
    return markdown_table(("property", "default", "meaning"), lines)


def readme() -> str:
    """Return README's table: the ten settings that people set."""
    return table(ten())


def docs() -> str:
    """Return the page of all settings."""
    clients = (
        (f"`{name}`", row.verdict, code_span(row.native) if row.native else row.why)
        for name, row in sorted(TABLE.items())
    )
    unused = ((f"`{name}`", each.verdict, each.why) for name, each in sorted(UNSUPPORTED.items()))
    sections = _sections()
    titles = [*sections, _JAVA, _NOT_USED]
    return "\n\n".join(
        [
            "# Settings",
            _MADE_BY,
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
            markdown_table(("property", "", "librdkafka, or why not"), clients),
            f"## {_NOT_USED}",
            _UNUSED,
            markdown_table(("property", "", "why"), unused),
        ]
    )


def section_of(name: str) -> str:
    """Return the section of the page that has this property.

    Raises StopIteration if no section has it.
    """
    return next(title for title, starts in _SECTIONS if name.startswith(starts))


def _sections() -> dict[str, list[Row]]:
    """Return the rows of each section, in the page's order. A name that ends in `.*` is a map."""
    own = own_rows()
    found: dict[str, list[Row]] = {title: [] for title, _ in _SECTIONS}
    found[_SECTIONS[0][0]] += own
    for row in rows()[len(own) :]:
        found[section_of(row.name)].append(row)
    return found


def _else(row: Row) -> str:
    """Return `PORT`, else `8080`. Spring's defaults for all bindings are left out."""
    fallbacks = (
        name
        for name in row.fallbacks
        if not name.startswith(
            ("spring.cloud.stream.default.", "spring.cloud.stream.kafka.default.")
        )
    )
    return ", else ".join(map(code_span, (*fallbacks, *filter(None, [row.default]))))


def _anchor(title: str) -> str:
    """Return GitHub's anchor of a heading."""
    return title.lower().replace("'", "").replace(" ", "-")
