"""Counts the letters of a topic by exception, step, topic and hour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from dead_letters.letters.letter import Letter

# Rows of one dimension. Further keys are counted together, so that memory is bounded.
MAX_ROWS = 1000
OTHERS = "(others)"
NONE = "(none)"
_HOUR_MS = 3_600_000


@dataclass(slots=True)
class Tally:
    """The letters of one row."""

    letters: int = 0
    is_open: int = 0  # neither replayed nor parked
    first_ms: int = -1
    last_ms: int = -1

    def add(self, timestamp_ms: int, *, is_open: bool) -> None:
        """Count one letter.

        Args:
            timestamp_ms: Epoch milliseconds; negative for none.
            is_open: Whether the letter is neither replayed nor parked.
        """
        self.letters += 1
        self.is_open += is_open
        if timestamp_ms >= 0:
            self.first_ms = timestamp_ms if self.first_ms < 0 else min(self.first_ms, timestamp_ms)
            self.last_ms = max(self.last_ms, timestamp_ms)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts and times for JSON."""
        first, last = format_time(self.first_ms), format_time(self.last_ms)
        return {"letters": self.letters, "open": self.is_open, "first": first, "last": last}


class Overview:
    """Counts letters one by one. Its memory does not grow with their number."""

    def __init__(self) -> None:
        """Start without letters."""
        self.total = Tally()
        self.damaged = 0
        self.rows: dict[str, dict[str, Tally]] = {name: {} for name in DIMENSIONS}

    def add(self, letter: Letter, *, is_open: bool) -> None:
        """Count one letter in every dimension.

        Args:
            letter: The letter.
            is_open: Whether it is neither replayed nor parked.
        """
        self.total.add(letter.timestamp_ms, is_open=is_open)
        self.damaged += bool(letter.damages)
        for name, key_of in DIMENSIONS.items():
            rows, key = self.rows[name], key_of(letter) or NONE
            if key not in rows:
                key = key if len(rows) < MAX_ROWS else OTHERS
                rows.setdefault(key, Tally())
            rows[key].add(letter.timestamp_ms, is_open=is_open)

    def sorted_rows(self, dimension: str) -> list[tuple[str, Tally]]:
        """Return the rows of one dimension. Hours are in order of time, other rows by size.

        Args:
            dimension: A key of DIMENSIONS.
        """
        rows = self.rows[dimension].items()
        return (
            sorted(rows)
            if dimension == "hour"
            else sorted(rows, key=lambda row: (-row[1].letters, row[0]))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all counts for JSON."""
        return (
            self.total.to_dict()
            | {"damaged": self.damaged}
            | {
                f"by_{name}": [
                    {name: key} | tally.to_dict() for key, tally in self.sorted_rows(name)
                ]
                for name in self.rows
            }
        )


def format_time(milliseconds: int | None) -> str | None:
    """Return a time in UTC as ISO 8601.

    Args:
        milliseconds: Epoch milliseconds; None or negative for no time.

    Returns:
        The text, or None if there is no time or the calendar does not reach it.
    """
    if milliseconds is None or milliseconds < 0:
        return None
    try:
        return (
            datetime.fromtimestamp(milliseconds / 1000, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )
    except (ValueError, OverflowError, OSError):
        return None


@lru_cache(maxsize=100)
def _format_hour(hours: int) -> str:
    return (format_time(hours * _HOUR_MS) or "")[: len("2026-11-29T09")]


DIMENSIONS: dict[str, Callable[[Letter], str]] = {
    "exception": lambda letter: letter.failure,
    "step": lambda letter: letter.step,
    "topic": lambda letter: letter.original_topic[:249],
    "hour": lambda letter: _format_hour(letter.timestamp_ms // _HOUR_MS),
}
