"""A real Prometheus scrapes the processor; each dashboard query returns data or says why not."""

import math
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.support import children
from tests.support.brokers.kafka import Kafka
from tests.support.docs.monitoring import ALERTS, alert_queries, page_queries
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.waiting import wait_for
from tests.system.ops.dashboards import Panel, applications, kafka_streams, streams
from tests.system.ops.prometheus import Prometheus

STREAM = "text-reversal"
# As Data Flow passes them, besides those that the tests' deployment has.
SETTINGS = {
    "management.endpoints.web.exposure.include": "health,info,bindings,prometheus",
    "management.metrics.tags.application.name": "${vcap.application.application_name:${spring.cloud.dataflow.stream.app.label:unknown}}",  # noqa: E501 - one text
    "management.metrics.tags.application.type": "${spring.cloud.dataflow.stream.app.type:unknown}",
    "management.metrics.tags.application.guid": "${spring.cloud.application.guid:unknown}",
}
RATE = 200  # records a second


@pytest.fixture(scope="module")
def prometheus(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It has watched a processor at work for some seconds, a dead letter among the records."""
    folder = tmp_path_factory.mktemp("ops")
    stream = Stream(kafka, folder, STREAM)
    stream.create()
    port = children.free_port()
    stream.processor(SETTINGS | {"server.port": str(port)}).start().running()
    numbers = stream.numbers(RATE)
    try:
        with Prometheus(folder / "prometheus", port) as running:
            stream.send(Record(b"\xff"))
            numbers.advance(5 * RATE)
            # series that are there after the first error: a rate needs them in two scrapes
            failures = f'rate(spring_integration_send_seconds_count{{stream_name="{STREAM}",result="failure"}}[60s])'  # noqa: E501 - one text
            wait_for(lambda: running.query(failures), 60, "failures in two scrapes")
            numbers.advance(3 * RATE)
            yield running
    finally:
        numbers.finish()
        stream.end()


PANELS = {
    "applications": applications(STREAM),
    "streams": streams(STREAM),
    "kafka-streams": kafka_streams(STREAM),
}


@pytest.mark.parametrize("dashboard", PANELS)
def test_dashboard_queries_answer(
    prometheus: Prometheus, dashboard: str, report_figure: Callable[[str], None]
) -> None:
    assert prometheus.error() == ""
    wrong: list[Panel] = []
    for panel in PANELS[dashboard]:
        values = [float(series["value"][1]) for series in prometheus.query(panel.query)]
        shown = ", ".join(f"{value:.4g}" for value in values[:6]) or f"none: {panel.why}"
        report_figure(f"{panel.title}: {shown}")
        if bool(values) == bool(panel.why) or any(map(math.isnan, values)):
            wrong.append(panel)
    assert wrong == []


@pytest.mark.parametrize("title", page_queries())
def test_query_of_the_page_answers(
    prometheus: Prometheus, title: str, report_figure: Callable[[str], None]
) -> None:
    values = [float(series["value"][1]) for series in prometheus.query(page_queries()[title])]
    report_figure(f"{title}: {values}")
    assert values
    assert not any(map(math.isnan, values))


def test_alert_rules(prometheus: Prometheus) -> None:
    """Prometheus takes the rules. The dead letter raises its alert, and no other rule has one."""
    subprocess.run(["promtool", "check", "rules", ALERTS], check=True)
    raised = [name for name, query in alert_queries().items() if prometheus.query(query)]
    assert raised == ["ProcessorGivesUpRecords"]
