"""Selects letters by exception, step and time."""

from dataclasses import dataclass
from typing import Any, Self

from dead_letters.letters.letter import Letter


@dataclass(frozen=True)
class LetterFilter:
    """The conditions of --exception, --step, --since and --until (epoch milliseconds).

    A letter matches if all conditions hold.

    A replay's filter is stored with the replay's progress. So its times are absolute, and the
    filter can be written as a list.
    """

    exception: str = ""
    step: str = ""
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every letter matches."""
        return self == LetterFilter()

    def matches(self, letter: Letter) -> bool:
        """Return whether the letter meets every condition.

        Args:
            letter: The letter. Without a timestamp it meets no condition on time.
        """
        if self.exception and not (
            _names(self.exception, letter.exception) or _names(self.exception, letter.cause)
        ):
            return False
        if self.step and self.step != letter.step:
            return False
        if self.since_ms is not None and letter.timestamp_ms < self.since_ms:
            return False
        return self.until_ms is None or 0 <= letter.timestamp_ms < self.until_ms

    def to_list(self) -> list[Any]:
        """Return the conditions for JSON, in the order of the fields."""
        return [self.exception, self.step, self.since_ms, self.until_ms]

    @classmethod
    def from_list(cls, conditions: list[Any]) -> Self:
        """Return the filter that `to_list` has written.

        Args:
            conditions: The list, from JSON.

        Raises:
            ValueError: `to_list` has not written this list.
        """
        kinds = (str, str, int | None, int | None)
        if len(conditions) != len(kinds) or not all(
            isinstance(each, kind) for each, kind in zip(conditions, kinds, strict=True)
        ):
            raise ValueError(conditions)
        return cls(*conditions)


def _names(wanted: str, found: str) -> bool:
    """Return whether `found` is the class `wanted`, which may lack the module or package."""
    return found == wanted or found.endswith((f".{wanted}", f"${wanted}"))
