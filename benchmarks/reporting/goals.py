"""The goals of this processor: ratios to other systems, as medians of the rounds' ratios."""

import statistics
from dataclasses import dataclass
from operator import attrgetter

from benchmarks.measure.throughput import Throughput
from benchmarks.records import A, B
from benchmarks.reporting import report
from benchmarks.reporting.results import Results
from benchmarks.rig.systems import BARE_BEST, C_BEST, EXACTLY_ONCE, PROCESSOR

SHAPES = (A.name, B.name)
RATE, CPU, BROKER = "rate", "cpu", "broker_cpu"  # attributes of Throughput
TITLES = {RATE: "rate", CPU: "processor time", BROKER: "broker's time"}


@dataclass(frozen=True)
class Goal:
    """A ratio of two systems. A rate is to be at least the bound, a time at most."""

    figure: str
    other: str
    bounds: tuple[float, ...]  # for A, for B
    system: str = PROCESSOR.name

    def ratio(self, found: dict[str, list[Throughput]]) -> float | None:
        """Return the median of the rounds' ratios, or None if a system was not run."""
        of = attrgetter(self.figure)
        rounds = zip(found.get(self.system, []), found.get(self.other, []), strict=False)
        ratios = [of(own) / of(other) for own, other in rounds]
        return statistics.median(ratios) if ratios else None

    def is_met(self, ratio: float, bound: float) -> bool:
        return ratio >= bound if self.figure == RATE else ratio <= bound


GOALS = (
    Goal(RATE, BARE_BEST.name, (0.95, 0.95)),
    Goal(RATE, C_BEST.name, (0.60, 0.60)),
    Goal(RATE, "Bytewax connectors", (3.5, 2.2)),
    Goal(RATE, "Quix Streams", (8, 2.5)),
    Goal(RATE, "kafka-python", (20, 30)),
    Goal(RATE, "Kafka Streams", (1.8, 1.4)),
    Goal(RATE, "Spring transform", (40,)),
    Goal(CPU, C_BEST.name, (1.9, 1.3)),
    Goal(BROKER, BARE_BEST.name, (1.0, 1.0)),
    Goal(RATE, PROCESSOR.name, (0.9, 0.9), EXACTLY_ONCE.name),
    Goal(RATE, PROCESSOR.name, (0.9, 0.9), f"{PROCESSOR.name}, exactly once 500 ms"),
)


def table(results: Results) -> list[str]:
    """Return the goals and the results. Goals that are missed are in bold."""
    rows = []
    for goal in GOALS:
        cells = []
        for number, shape in enumerate(SHAPES):
            ratio = goal.ratio(results.throughput.get(shape, {}))
            if ratio is None:
                cells.append("")
            elif number < len(goal.bounds) and not goal.is_met(ratio, goal.bounds[number]):
                cells.append(f"**{_ratio(ratio)}**")
            else:
                cells.append(_ratio(ratio))
        own = "" if goal.system == PROCESSOR.name else f"{goal.system.split(', ')[-1]}: "
        bounds = [f"{bound:g}" for bound in goal.bounds]
        row = [f"{own}{TITLES[goal.figure]} to that of {goal.other}"]
        rows.append([*row, ", ".join(bounds), *cells])
    return report.table(["ratio", f"goal {', '.join(SHAPES)}", *SHAPES], rows)


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value < 2 else f"{value:.1f}"
