"""A real Prometheus scrapes the processor; each dashboard query returns data or says why not."""

import math
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # has no types

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


RULES_TEST = """\
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: '{letters}{{job="p",instance="former",name="errorChannel"}}'
        values: "{former}"
      - series: '{letters}{{job="p",instance="new",name="errorChannel"}}'
        values: "{new}"
    alert_rule_test:
      - eval_time: 28m
        alertname: ProcessorGivesUpRecords
        exp_alerts: [{alert}]
"""
LETTERS = "spring_integration_send_seconds_count"


@pytest.mark.parametrize(
    ("former", "new", "is_raised"),
    [
        ("8x20 _x15", "_x20 3x15", True),  # a rollout: the new pod has fewer than the former had
        ("8x20 1x15", "_x35", True),  # a restart in the same place
        ("8x20 8x2 9x13", "_x35", True),
        ("8x35", "_x35", False),  # letters of long ago
        ("_x35", "_x35", False),
    ],
)
def test_new_dead_letter_raises_alert(
    tmp_path: Path, former: str, new: str, *, is_raised: bool
) -> None:
    """`former` and `new`: a value a minute, `_` where the process is not there."""
    alert = "{exp_labels: {job: p}}" if is_raised else ""
    file = tmp_path / "rules_test.yaml"
    rules = yaml.safe_load(ALERTS.read_text())
    for rule in rules["groups"][0]["rules"]:
        del rule["annotations"]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    file.write_text(
        RULES_TEST.format(rules="rules.yaml", letters=LETTERS, former=former, new=new, alert=alert)
    )
    tested = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_alert_rules(prometheus: Prometheus) -> None:
    """Prometheus takes the rules. The dead letter raises its alert, and no other rule has one."""
    subprocess.run(["promtool", "check", "rules", ALERTS], check=True)
    raised = [name for name, query in alert_queries().items() if prometheus.query(query)]
    assert raised == ["ProcessorGivesUpRecords"]
