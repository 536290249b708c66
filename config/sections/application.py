"""The properties of the processor itself: its functions, its lifecycle, its name."""

from pydantic import BaseModel

from config.sections.log_levels import LOG_LEVEL
from config.spring.property import prop, prop_map
from config.spring.types import LIST, TEXT, bounded_integer, choice, duration


class Application(BaseModel):
    """The fields of Settings for the processor itself."""

    # what the processor does
    function: str = prop(
        "function",
        TEXT,
        "Function that each record is given to, as module:function; several one after the other "
        "with | between them.",
        "spring.cloud.function.definition",
        "spring.cloud.stream.function.definition",
        default="reverse:reverse",
    )
    function_path: tuple[str, ...] = prop(
        "python-processor.function-path",
        LIST,
        "Folders with functions, besides functions/ of this program and /functions.",
        default=(),
    )
    async_limit: int = prop(
        "python-processor.async-limit",
        bounded_integer(1, 10_000),
        "Most calls of an async function that overlap.",
        default=100,
    )
    batch_size: int = prop(
        "python-processor.batch-size",
        bounded_integer(1, 100_000),
        "Most records taken from Kafka at once.",
        default=1000,
    )

    # its lifecycle, metrics and logs
    shutdown_timeout: float = prop(
        "spring.lifecycle.timeout-per-shutdown-phase",
        duration(0.1, 3600),
        "How long an orderly stop may take.",
        default=25.0,
    )
    metric_tags: dict[str, str] = prop_map("management.metrics.tags", "Tags put on every metric.")
    logging_levels: dict[str, str] = prop_map(
        "logging.level", "Log level of a logger; root is all of them.", kind=LOG_LEVEL
    )
    structured_console: str | None = prop(
        "logging.structured.format.console",
        choice("ecs", "gelf", "logstash"),
        "Log lines as JSON: ecs (Elastic Common Schema), gelf (Graylog) or logstash; unset: "
        "Spring's lines.",
        default=None,
    )

    # who this is
    application_name: str = prop(
        "spring.application.name",
        TEXT,
        "Name of the application.",
        "vcap.application.name",
        "spring.cloud.dataflow.stream.app.label",
        default="python-processor",
    )
    stream_name: str | None = prop(
        "spring.cloud.dataflow.stream.name",
        TEXT,
        "Name of the stream; Data Flow sets it.",
        default=None,
    )
    app_label: str | None = prop(
        "spring.cloud.dataflow.stream.app.label",
        TEXT,
        "Label in the stream; Data Flow sets it.",
        default=None,
    )
    app_type: str | None = prop(
        "spring.cloud.dataflow.stream.app.type",
        TEXT,
        "Kind of application; Data Flow sets it.",
        default=None,
    )
