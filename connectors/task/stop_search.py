"""A stop that waits until a record is found that the broker refused during the last commit."""

from math import inf
from time import monotonic

from connectors.commit.batch_writer import BatchWriter
from runtime.lifecycle import Lifecycle

SEARCH_S = 10.0  # a stop waits at most so long until the record is found
NEXT_RECORD_S = 2.0  # and so long for the next record meanwhile


class StopSearch:
    """Without it the stop would leave everything since the last commit to be repeated. On the
    lane's thread.
    """

    def __init__(self, writer: BatchWriter, lifecycle: Lifecycle) -> None:
        """`writer` searches, record by record."""
        self._writer = writer
        self._lifecycle = lifecycle
        self._until = inf
        self._next_record_until = 0.0

    @property
    def goes_on(self) -> bool:
        """Reading goes on although a stop was asked for."""
        return self._writer.searching and monotonic() < min(self._until, self._next_record_until)

    @property
    def succeeded(self) -> bool:
        """The refused records are known, and the others are delivered."""
        return self._until < inf and not self._writer.searching

    def starts(self) -> bool:
        """Whether an error that was just got over lets the stop wait."""
        if not (self._writer.searching and self._lifecycle.stopping):
            return False
        self._until = min(self._until, monotonic() + SEARCH_S)
        self._next_record_until = monotonic() + NEXT_RECORD_S
        return True

    def note_records(self) -> None:
        """Records have been read."""
        if self.goes_on:
            self._next_record_until = monotonic() + NEXT_RECORD_S
