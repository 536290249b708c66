"""Meters and their samples, with Micrometer's terms."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of meters. The values are Prometheus' types."""

    GAUGE = "gauge"
    COUNTER = "counter"
    TIMER = "summary"  # its samples are a count, a total in seconds and a maximum


class Statistic(StrEnum):
    """What a sample measures of its meter, with Micrometer's names."""

    VALUE = "VALUE"
    COUNT = "COUNT"
    TOTAL_TIME = "TOTAL_TIME"
    MAX = "MAX"


class Sample(NamedTuple):
    """One figure of a declared meter. `tags` has the sample's own tags."""

    meter: str
    value: float
    tags: tuple[tuple[str, str], ...] = ()
    statistic: Statistic = Statistic.VALUE


class Meter(NamedTuple):
    """The declaration of a meter."""

    name: str
    kind: Kind
    help: str
    unit: str = ""
    tags: tuple[str, ...] = ()

    @property
    def prometheus_name(self) -> str:
        """The name by Micrometer's convention: snake case, unit, then `_total` for a counter."""
        name = self.name.replace(".", "_")
        unit = "seconds" if self.kind is Kind.TIMER else self.unit
        suffixes = [unit, *(["total"] if self.kind is Kind.COUNTER else [])]
        for suffix in filter(None, suffixes):
            name = name if name.endswith(f"_{suffix}") else f"{name}_{suffix}"
        return name
