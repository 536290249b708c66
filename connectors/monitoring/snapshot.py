"""The figures of one document of statistics, before they become samples."""

from typing import NamedTuple

Key = tuple[str, tuple[tuple[str, str], ...]]  # a meter's name and its tags


class Distribution(NamedTuple):
    """Measurements of which only these figures are known."""

    total: float
    times: float
    largest: float

    def __add__(self, other: object) -> "Distribution":
        """Combine two distributions."""
        if not isinstance(other, Distribution):
            return NotImplemented
        return Distribution(
            self.total + other.total, self.times + other.times, max(self.largest, other.largest)
        )


NOTHING = Distribution(0, 0, 0)


class Snapshot(NamedTuple):
    """The figures of one document."""

    at: float  # monotonic seconds
    gauges: dict[Key, float]
    totals: dict[Key, float]  # become a counter `.total` and a gauge `.rate`
    ratios: dict[Key, tuple[float, float]]  # two totals, become the gauge of their quotient
    spreads: dict[Key, Distribution]  # become the gauges `.avg` and `.max`
