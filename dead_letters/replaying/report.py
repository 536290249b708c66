"""What a run of replay or park should do, and what it has done."""

from collections import Counter
from dataclasses import dataclass, field

from dead_letters.letters.filter import LetterFilter
from dead_letters.replaying.routing import MAX_ROUNDS, Route

PARK_REASON = "parked by hand"


@dataclass(frozen=True)
class Order:
    """What a run should do."""

    letter_filter: LetterFilter = field(default_factory=LetterFilter)
    parks: bool = False  # whether matching letters are parked instead of replayed
    rate: float | None = None  # letters a second
    maximum: int | None = None  # the most letters to send
    max_rounds: int = MAX_ROUNDS
    is_dry: bool = False


@dataclass
class Report:
    """The letters that a run has handled, or that a dry run would handle."""

    replayed: Counter[str] = field(default_factory=Counter)  # by topic
    parked: Counter[str] = field(default_factory=Counter)  # by reason
    passed: int = 0  # letters that do not match the filter
    done_before: int = 0  # letters handled by runs with other filters

    @property
    def sent(self) -> int:
        """Letters replayed or parked."""
        return self.replayed.total() + self.parked.total()


def count(report: Report, route: Route) -> None:
    """Count a letter that is replayed or parked.

    Args:
        report: Gets the count.
        route: The letter's route.
    """
    if route.parked:
        report.parked[route.parked] += 1
    else:
        report.replayed[route.topic] += 1
