"""The queries of the monitoring page and of the alert rules ask for meters that are there."""

import re
from collections.abc import Callable

import pytest

from runtime.metrics.meter import Kind
from runtime.metrics.meters import METERS
from tests.support.docs.monitoring import alert_queries, page_queries

NAME = re.compile(r"\b(?:kafka|python|spring|jvm|process|system|logback)_\w+")


def series_names() -> set[str]:
    """The names that Prometheus knows the meters by; a timer has three."""
    return {
        f"{meter.prometheus_name}{ending}"
        for meter in METERS.values()
        for ending in (("_count", "_sum", "_max") if meter.kind is Kind.TIMER else ("",))
    }


@pytest.mark.parametrize("queries", [page_queries, alert_queries])
def test_queries_name_meters(queries: Callable[[], dict[str, str]]) -> None:
    found = queries()
    assert len(found) >= 5
    for title, query in found.items():
        names = set(NAME.findall(query))
        assert names, title
        assert names <= series_names(), title
