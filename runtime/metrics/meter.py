"""What a meter and a sample of one are, in Micrometer's words."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of meters; the values are Prometheus' types."""

    GAUGE = "gauge"
    COUNTER = "counter"
    TIMER = "summary"  # its samples are a count, a total in seconds and a maximum


class Statistic(StrEnum):
    """What a sample says of its meter, in Micrometer's words."""

    VALUE = "VALUE"
    COUNT = "COUNT"
    TOTAL_TIME = "TOTAL_TIME"
    MAX = "MAX"


class Sample(NamedTuple):
    """One figure; `meter` is the name of a declared one, `tags` are those of its own."""

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
