"""The page of all metrics, made from their declarations."""

from pathlib import Path

from actuator import metric_docs
from runtime.metrics.meters import METERS, SECTIONS

DOCS = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_metrics_page_is_current() -> None:
    assert DOCS.read_text() == metric_docs.docs() + "\n", "run: make docs"


def test_each_meter_is_in_one_section() -> None:
    assert sum(map(len, SECTIONS.values())) == len(METERS)
    names = [meter.prometheus_name for meter in METERS.values()]
    assert len(set(names)) == len(names)
    assert not set(names) & metric_docs.WITHOUT_MEANING.keys()
