"""Makes docs/metrics.md from the declarations of the meters.

python -m actuator.metric_docs        prints it; `make docs` writes it
"""

from collections.abc import Iterable

from runtime.metrics.meter import Meter
from runtime.metrics.meters import SECTIONS

# Meters of Data Flow's dashboards and of Java clients that do not exist here, with the reason.
WITHOUT_MEANING = {
    "jvm_classes_loaded_classes": "There are no Java classes.",
    "tomcat_global_error_total": (
        "There is no Tomcat; what the actuator could not answer is in the log."
    ),
    "spring_integration_receive_total": (
        "Counts sources that are polled; a processor has none, a Java one neither."
    ),
    "kafka_producer_record_size_max": "librdkafka measures batches, not records.",
    "kafka_producer_compression_rate_avg": "librdkafka does not report it.",
    "kafka_producer_io_wait_time_ns_avg": (
        "librdkafka has a thread for each broker, which waits for the network alone."
    ),
    "kafka_producer_io_wait_ratio": (
        "librdkafka has a thread for each broker, which waits for the network alone."
    ),
    "kafka_producer_waiting_threads": (
        "One thread produces; while the queue is full it goes on polling."
    ),
    "kafka_stream_*": "Only Kafka Streams applications have these; this processor is none.",
}

_PUSHED = """\
There are none. One warning reports a registry that is switched on, as a Data Flow with a dashboard does. Such properties are
`management.metrics.export.prometheus.rsocket.enabled`, `management.influx.metrics.export.*` and `management.wavefront.*`.
Let Prometheus scrape `/actuator/prometheus` instead."""  # noqa: E501 - lines of a page

_INTRODUCTION = """\
# Metrics

Made by `python -m actuator.metric_docs`; a test fails when this page is not what that prints.

`GET /actuator/prometheus` has all of them in Prometheus' text format or as OpenMetrics; `GET /actuator/metrics` lists their names and
`GET /actuator/metrics/{name}?tag=key:value` has one. Both are there once `management.endpoints.web.exposure.include` names them, and
ask for a user as soon as one is set. Names, types and tags are those of a Spring Boot app with Micrometer.

Each series carries the tags of `management.metrics.tags.*`; Data Flow sets `stream.name`, `application`, `application.name`,
`application.type`, `application.guid` and `instance.index`.

With `concurrency` these are the figures of all processes together; the tag `client.id` distinguishes those of each process.

No figure costs anything per record: what a batch tells is counted once per batch, the Kafka client's figures come from its own
statistics once a second, the rest is read at a scrape. An average or maximum of the last 30 s is absent while nothing was measured."""  # noqa: E501 - lines of a page


def docs() -> str:
    """Return the text of the page."""
    parts = [_INTRODUCTION]
    for section, meters in SECTIONS.items():
        parts += [f"## {section}", _table(meters)]
    absent = [f"| `{name}` | {why} |" for name, why in WITHOUT_MEANING.items()]
    parts += [
        "## What dashboards ask for and is not here",
        "\n".join(["| Prometheus | why |", "| --- | --- |", *absent]),
    ]
    parts += ["## Registries that metrics are pushed to", _PUSHED]
    return "\n\n".join(parts)


def _table(meters: Iterable[Meter]) -> str:
    lines = ["| Prometheus | Micrometer | type | tags | |", "| --- | --- | --- | --- | --- |"]
    for meter in meters:
        tags = ", ".join(f"`{tag}`" for tag in meter.tags)
        lines.append(
            f"| `{_series(meter)}` | `{meter.name}` | {meter.kind.name.lower()} | {tags} | "
            f"{meter.help} |"
        )
    return "\n".join(lines)


def _series(meter: Meter) -> str:
    return meter.prometheus_name + ("_{count,sum,max}" if meter.kind.name == "TIMER" else "")


if __name__ == "__main__":
    print(docs())  # noqa: T201 - a command
