"""One row of the report: what a fault has cost."""

from dataclasses import dataclass, field, fields

AT_LEAST_ONCE, EXACTLY_ONCE = "at-least-once", "exactly-once"

HEAD = [
    "scenario",
    "mode",
    "protocol",
    "records",
    "faults (records in flight)",
    "rebalances",
    "aborts",
    "rewinds",
    "lost",
    "doubled",
    "out of order",
    "wrong",
    "longest pause",
]


@dataclass
class Row:
    """What one scenario showed; counts of records unless said otherwise."""

    scenario: str
    mode: str
    protocol: str
    records: int = 0
    hits: str = ""  # faults -> records in flight when each hit
    rebalances: int = 0  # assignments, of all processors
    aborts: int = 0  # of transactions
    rewinds: int = 0  # times that a processor went back to the committed offsets
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    wrong: int = 0
    pause: float = 0.0  # longest time without an arrival, seconds
    places: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        reported = [f"{one.name} {self._value(one.name)}" for one in fields(self)[3:-1]]
        return f"{self.scenario} | {self.mode} | {self.protocol} | {', '.join(reported)}"

    def cells(self) -> list[str]:
        return [self._value(one.name) for one in fields(self)[:-1]]

    def _value(self, name: str) -> str:
        value = getattr(self, name)
        return f"{value:.1f} s" if name == "pause" else f"{value}"

    @property
    def broken(self) -> int:
        """Records with which the promise has not been kept."""
        return (
            self.lost
            + self.disordered
            + self.wrong
            + (self.doubled if self.mode == EXACTLY_ONCE else 0)
        )

    def check(self) -> None:
        """AssertionError unless the promise has been kept."""
        assert self.broken == 0, f"{self}\n{self.places}"
