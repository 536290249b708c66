"""/actuator/metrics: the names of meters, and one meter's figures added up over its tags."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from actuator.http import responses
from actuator.metric_registry import Registry
from runtime.metrics.meter import Kind, Meter, Sample, Statistic
from runtime.metrics.meters import METERS

_TIMER = (Statistic.COUNT, Statistic.TOTAL_TIME, Statistic.MAX)


def endpoint(registry: Registry) -> Blueprint:
    """Return the endpoint.

    Args:
        registry: Has the samples.
    """
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("")
    def metrics() -> Response:
        return responses.json_response({"names": [meter.name for meter in registry.by_meter()]})

    @blueprint.get("/<requiredMetricName>")
    def metric(requiredMetricName: str) -> Response:  # noqa: N803 - the links page shows Spring's name
        wanted = dict(_tag(text) for text in request.args.getlist("tag"))
        meter = METERS.get(requiredMetricName)
        found = registry.by_meter().get(meter, []) if meter else []
        samples = [sample for sample in found if wanted.items() <= dict(sample.tags).items()]
        return (
            responses.json_response(_describe(meter, samples, wanted))
            if meter and samples
            else responses.empty_response(404)
        )

    return blueprint


def _tag(text: str) -> tuple[str, str]:
    key, colon, value = text.partition(":")
    if not (key and colon and value):
        raise BadRequest
    return key, value


def _describe(meter: Meter, samples: list[Sample], wanted: dict[str, str]) -> dict[str, Any]:
    unit = {"baseUnit": meter.unit} if meter.unit else {}
    tags: dict[str, dict[str, None]] = {}  # values in the order of the samples
    for sample in samples:
        for key, value in sample.tags:
            if key not in wanted:
                tags.setdefault(key, {})[value] = None
    return {
        "name": meter.name,
        "description": meter.help,
        **unit,
        "measurements": [
            {"statistic": each.value, "value": _together(samples, each)}
            for each in _statistics(meter)
        ],
        "availableTags": [{"tag": key, "values": list(values)} for key, values in tags.items()],
    }


def _statistics(meter: Meter) -> tuple[Statistic, ...]:
    return {Kind.TIMER: _TIMER, Kind.COUNTER: (Statistic.COUNT,), Kind.GAUGE: (Statistic.VALUE,)}[
        meter.kind
    ]


def _together(samples: Iterable[Sample], statistic: Statistic) -> float:
    """Return the sum of the samples, or the largest for MAX. A counter's value is its count."""
    single = (
        (Statistic.VALUE, Statistic.COUNT)
        if statistic in (Statistic.VALUE, Statistic.COUNT)
        else (statistic,)
    )
    values = [float(sample.value) for sample in samples if sample.statistic in single]
    return max(values) if statistic is Statistic.MAX else sum(values)
