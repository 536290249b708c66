"""/actuator/prometheus: every sample as Prometheus text or OpenMetrics. Accept decides."""

import re
from collections.abc import Iterator

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotAcceptable

from actuator.http import responses
from actuator.metric_registry import Registry
from runtime.metrics.meter import Kind, Meter, Sample, Statistic

TEXT = "text/plain;version=0.0.4;charset=utf-8"
OPEN_METRICS = "application/openmetrics-text;version=1.0.0;charset=utf-8"

_SUFFIXES = {Statistic.COUNT: "_count", Statistic.TOTAL_TIME: "_sum", Statistic.MAX: "_max"}
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n"})


def endpoint(registry: Registry) -> Blueprint:
    """Return the endpoint.

    Args:
        registry: Has the samples.
    """
    blueprint = Blueprint("prometheus", __name__)

    @blueprint.get("")
    def prometheus() -> Response:
        kind = responses.negotiate((TEXT, OPEN_METRICS))
        if kind is None:
            raise NotAcceptable
        wanted = {
            name
            for each in request.args.getlist("includedNames")
            for name in each.split(",")
            if name
        }
        families = [
            each
            for meter, samples in registry.by_meter().items()
            for each in _families(meter, samples)
        ]
        shown = [family for family in families if not wanted or family.names & wanted]
        text = "".join(
            line for family in shown for line in family.lines(open_metrics=kind == OPEN_METRICS)
        )
        return Response(f"{text}# EOF\n" if kind == OPEN_METRICS else text, content_type=kind)

    return blueprint


class _Family:
    """The samples of one name and type: a meter, or the maximum of a timer."""

    def __init__(self, name: str, kind: Kind, text: str, samples: list[tuple[str, Sample]]) -> None:
        """Keep the samples, each with the suffix of its line's name."""
        self._name, self._kind, self._help, self._samples = name, kind, text, samples

    @property
    def names(self) -> set[str]:
        """The family's name, also without `_total`, and the names of its lines."""
        return {
            self._name,
            self._name.removesuffix("_total"),
            *(self._name + suffix for suffix, _ in self._samples),
        }

    def lines(self, *, open_metrics: bool) -> Iterator[str]:
        name = self._name
        if open_metrics and self._kind is Kind.COUNTER:
            name = name.removesuffix("_total")
        yield f"# HELP {name} {self._help.translate(_ESCAPED if open_metrics else _HELP_ESCAPED)}\n"
        yield f"# TYPE {name} {self._kind.value}\n"
        for suffix, sample in self._samples:
            # A dict, as two tags may become one label.
            values = {_label(key): value.translate(_ESCAPED) for key, value in sample.tags}
            labels = ",".join(f'{label}="{value}"' for label, value in values.items())
            yield f"{self._name}{suffix}{{{labels}}} {float(sample.value)!r}\n"


def _families(meter: Meter, samples: list[Sample]) -> Iterator[_Family]:
    name = meter.prometheus_name
    if meter.kind is not Kind.TIMER:
        yield _Family(name, meter.kind, meter.help, [("", sample) for sample in samples])
        return
    largest = [("", sample) for sample in samples if sample.statistic is Statistic.MAX]
    yield _Family(
        name,
        meter.kind,
        meter.help,
        [(_SUFFIXES[s.statistic], s) for s in samples if s.statistic is not Statistic.MAX],
    )
    yield _Family(f"{name}_max", Kind.GAUGE, meter.help, largest)


def _label(tag: str) -> str:
    """Return a tag's label by Micrometer's rule.

    Other characters become `_`. A label that begins with no letter gets `m_` in front.
    """
    label = re.sub(r"[^a-zA-Z0-9_]", "_", tag)
    return label if label[:1].isalpha() else f"m_{label}"
