"""/actuator/prometheus, read by the reference implementation's own parsers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text

from actuator.endpoints.prometheus import OPEN_METRICS, TEXT
from runtime.metrics.meter import Kind
from runtime.metrics.meters import METERS
from tests.fakes.actuator.actuator_app import App
from tests.fakes.actuator.metrics_app import TAGS, app

# Name and type of every series of a stock processor (transform) on Spring Boot 3.5, each client's
# among them.
STOCK = Path(__file__).parents[3] / "fixtures" / "actuator" / "transform-prometheus-types.txt"
# It has no types of its own.
parse_open_metrics: Callable[[str], Iterator[Metric]] = text_string_to_metric_families
LABELS = {tag.replace(".", "_"): value for tag, value in TAGS.items()}
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def text(accept: str | None = None, query: str = "", **settings: Any) -> str:
    made = app() if not settings else App(exposure_include=("prometheus",), **settings)
    answer = made.get(f"/actuator/prometheus{query}", accept)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def families(body: str) -> dict[str, Metric]:
    found = list(parse_text(body))
    assert len({family.name for family in found}) == len(found)
    return {family.name: family for family in found}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, TEXT),
        ("*/*", TEXT),
        ("text/plain", TEXT),
        ("text/html,*/*;q=0.1", TEXT),
        ("application/openmetrics-text; version=1.0.0", OPEN_METRICS),
        (PROMETHEUS, OPEN_METRICS),
        ("application/json", None),
    ],
)
def test_accept_chooses_the_format(accept: str | None, kind: str | None) -> None:
    answer = app().get("/actuator/prometheus", accept)
    assert answer.status_code == (200 if kind else 406)
    assert not kind or answer.headers["Content-Type"] == kind


def test_series_have_common_tags() -> None:
    for family in families(text()).values():
        for sample in family.samples:
            assert sample.labels.items() >= LABELS.items(), sample


def test_data_flow_dashboards_count_apps() -> None:
    found = families(text())["spring_integration_send_seconds"]
    assert found.type == "summary"
    values = {
        (
            sample.name.removeprefix("spring_integration_send_seconds"),
            sample.labels["name"],
            sample.labels["result"],
        ): sample.value
        for sample in found.samples
        if sample.labels["type"] == "channel"
    }
    assert values == {
        ("_count", "input", "success"): 10,
        ("_sum", "input", "success"): 3,
        ("_count", "input", "failure"): 3,
        ("_sum", "input", "failure"): 0,
        ("_count", "output", "success"): 9,
        ("_sum", "output", "success"): 1,
        ("_count", "errorChannel", "success"): 2,
        ("_sum", "errorChannel", "success"): 0,
    }


def test_open_metrics_says_same() -> None:
    body = text("application/openmetrics-text")
    assert body.endswith("\n# EOF\n")
    opened = {sample.name for family in parse_open_metrics(body) for sample in family.samples}
    assert opened == {
        sample.name for family in families(text()).values() for sample in family.samples
    }


def test_names_and_types_match_stock_app() -> None:
    """But for `python_*`, there is none of ours that a Spring app has under another type."""
    stock = dict(line.split() for line in STOCK.read_text().splitlines())
    own = {
        meter.prometheus_name: meter.kind.value
        for meter in METERS.values()
        if not meter.name.startswith("python.")
    }
    different = {name for name, kind in own.items() if name in stock and stock[name] != kind}
    unknown = own.keys() - stock.keys()
    assert different == set()
    # per partition or per topic where that app had read nothing yet
    assert unknown == {
        "kafka_consumer_fetch_manager_records_lag",
        "kafka_consumer_fetch_manager_records_lag_avg",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?includedNames=process_uptime_seconds", {"process_uptime_seconds"}),
        (
            "?includedNames=logback_events_total,system_cpu_count",
            {"logback_events", "system_cpu_count"},
        ),
        (
            "?includedNames=logback_events&includedNames=system_cpu_count",
            {"logback_events", "system_cpu_count"},
        ),
        (
            "?includedNames=spring_integration_send_seconds_count",
            {"spring_integration_send_seconds"},
        ),
        ("?includedNames=nope", set()),
    ],
)
def test_included_names(query: str, names: set[str]) -> None:
    assert families(text(query=query)).keys() == names


@given(
    st.dictionaries(
        st.text(min_size=1), st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=4
    )
)
def test_any_tags_stay_parsable(tags: dict[str, str]) -> None:
    tags = {name.encode("utf-8", "replace").decode(): value for name, value in tags.items()}
    body = text(metric_tags=tags)
    (sample,) = families(body)["process_uptime_seconds"].samples
    assert set(sample.labels.values()) <= set(tags.values())
    assert bool(sample.labels) == bool(tags)
    list(parse_open_metrics(text("application/openmetrics-text", metric_tags=tags)))


def test_help_is_one_line() -> None:
    assert all("\n" not in meter.help and meter.help.endswith(".") for meter in METERS.values())
    assert all(meter.unit == "seconds" for meter in METERS.values() if meter.kind is Kind.TIMER)
