"""Metrics of a processor, as Prometheus reads them."""

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.processor import Processor

EXPOSED = {"management.endpoints.web.exposure.include": "health,info,bindings,metrics,prometheus"}


SENDS = "spring_integration_send_seconds"


def families(processor: Processor) -> list[Metric]:
    return list(text_string_to_metric_families(processor.get("/actuator/prometheus")))


def value(processor: Processor, series: str, **labels: str) -> float | None:
    """The one series of that name with these labels."""
    samples = [
        sample
        for family in families(processor)
        for sample in family.samples
        if sample.name == series
    ]
    found = [sample.value for sample in samples if sample.labels.items() >= labels.items()]
    assert len(found) <= 1, (series, labels)
    return found[0] if found else None
