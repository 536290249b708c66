"""The health of a processor in short."""

from tests.support.processor import Processor

DETAILS = {
    "management.endpoint.health.show-details": "always",
    "management.endpoint.health.show-components": "always",
}


def health(processor: Processor) -> tuple[str, str, int, int, str]:
    """Of the binder, its troubles, the probes, and the input's state."""
    _, whole = processor.request("GET", "/actuator/health")
    binder = whole["components"]["binders"]["components"]["kafka"]
    troubles = "; ".join(each["what"] for each in binder["details"].get("troubles", ()))
    probes = [
        processor.request("GET", f"/actuator/health/{probe}")[0]
        for probe in ("readiness", "liveness")
    ]
    return binder["status"], troubles, *probes, processor.binding()["state"]
