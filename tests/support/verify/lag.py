"""The lag that the gauge reports."""

from tests.support.processor import Processor

GAUGE = "spring.cloud.stream.binder.kafka.offset"


def lag(processor: Processor) -> float:
    """As the gauge says; no other than none where it is not there yet."""
    status, body = processor.request("GET", f"/actuator/metrics/{GAUGE}")
    return float(body["measurements"][0]["value"]) if status == 200 else -1
