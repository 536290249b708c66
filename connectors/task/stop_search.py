"""A stop that waits until a record is found that the broker has rejected at the last commit."""

from math import inf
from time import monotonic

from connectors.commit.rejected_records import RejectedRecordSearch
from runtime.lifecycle import Lifecycle

SEARCH_S = 10.0  # the most that a stop waits until the record is found
NEXT_RECORD_S = 2.0  # the most that it waits for the next record meanwhile


class StopSearch:
    """Lets a stop wait. Otherwise all records since the last commit would be read again.

    All methods run on the task's thread.
    """

    def __init__(self, search: RejectedRecordSearch, lifecycle: Lifecycle) -> None:
        """Start without a search.

        Args:
            search: The search of the task's writer.
            lifecycle: Says whether a stop was requested.
        """
        self._search = search
        self._lifecycle = lifecycle
        self._until = inf
        self._next_record_until = 0.0

    @property
    def goes_on(self) -> bool:
        """Whether to read on although a stop was requested."""
        return self._search.active and monotonic() < min(self._until, self._next_record_until)

    @property
    def succeeded(self) -> bool:
        """Whether the search has ended during the stop.

        Then the rejected records are known, and the others are delivered.
        """
        return self._until < inf and not self._search.active

    def starts(self) -> bool:
        """Whether the stop waits after an error that the task has recovered from."""
        if not (self._search.active and self._lifecycle.stopping):
            return False
        self._until = min(self._until, monotonic() + SEARCH_S)
        self._next_record_until = monotonic() + NEXT_RECORD_S
        return True

    def note_records(self) -> None:
        """Note that records have been read: wait for the next one."""
        if self.goes_on:
            self._next_record_until = monotonic() + NEXT_RECORD_S
