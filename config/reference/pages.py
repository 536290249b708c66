"""The pages of properties: README's table, docs/settings.md and docs/spring-names.md."""

from config.kafka.java_properties import TABLE
from config.reference.markdown import code_span, markdown_table
from config.reference.rows import Row, rows
from config.unsupported.table import UNSUPPORTED

_NAMES = """\
Names are relaxed as in Spring Boot: `batch-size`, `batchSize`, `BATCH_SIZE`. A name that ends in `.*` is a map. What is set under
`spring.cloud.stream.default` and `spring.cloud.stream.kafka.default` counts for both bindings, as in Spring Cloud Stream."""  # noqa: E501 - lines of a page
_CLIENTS = """\
As keys of `spring.cloud.stream.kafka.binder.configuration`, `.consumer-properties` and `.producer-properties`, of `spring.kafka.properties`
(also under `.consumer`, `.producer` and `.admin`) and of the bindings' `configuration`. `translated`: what librdkafka is given, if it has
another name there. `needless`: dropped without a warning."""  # noqa: E501 - lines of a page
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


def table(*names: str) -> str:
    """A Markdown table of these properties, or of all."""
    shown = [row for row in rows() if not names or row.name in names]
    return markdown_table(
        ("property", "default", ""),
        ((f"`{row.name}`", _else(row), row.description) for row in shown),
    )


def readme() -> str:
    """README's table: the thirty properties that matter."""
    return table(*_README)


def docs() -> str:
    """The page of all settings."""
    clients = (
        (f"`{name}`", row.verdict, code_span(row.native) if row.native else row.why)
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
            markdown_table(("property", "", "librdkafka, or why not"), clients),
            "## What Spring knows and is not used here",
            (
                "`ignored` is reported by one warning, `needless` at DEBUG; with `refused` the "
                "processor "
                "does not start."
            ),
            markdown_table(("property", "", "why"), unused),
        ]
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
    return ", else ".join(map(code_span, (*fallbacks, *filter(None, [row.default]))))
