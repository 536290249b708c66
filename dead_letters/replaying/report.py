"""What a run of replay or park is to do, and what it has done."""

from collections import Counter
from dataclasses import dataclass, field

from dead_letters.letters.filter import LetterFilter
from dead_letters.replaying.routing import MAX_ROUNDS, Route

PARK_REASON = "parked by hand"


@dataclass(frozen=True)
class Order:
    """What a run is to do."""

    letter_filter: LetterFilter = field(default_factory=LetterFilter)
    parks: bool = False  # every letter that matches, instead of replaying it
    rate: float | None = None  # letters a second
    maximum: int | None = None  # letters sent on
    max_rounds: int = MAX_ROUNDS
    is_dry: bool = False


@dataclass
class Report:
    """What a run has done, or what a dry one would do; counts of letters."""

    replayed: Counter[str] = field(default_factory=Counter)  # by topic
    parked: Counter[str] = field(default_factory=Counter)  # by reason
    passed: int = 0  # that do not match the filter
    done_before: int = 0  # by runs with other filters

    @property
    def sent(self) -> int:
        """Letters replayed or parked."""
        return self.replayed.total() + self.parked.total()


def count(report: Report, route: Route) -> None:
    """Count a letter that is replayed or parked."""
    if route.parked:
        report.parked[route.parked] += 1
    else:
        report.replayed[route.topic] += 1
