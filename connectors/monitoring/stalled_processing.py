"""Records that were read and make no progress.

The output is full, a delivery or a commit is unanswered, or a record is retried.
"""

import logging
import time
from math import inf
from time import monotonic

from runtime.control.status import Issue

log = logging.getLogger("processor.commit")

STALLED_S = 25.0  # an ordinary commit or delivery takes less
REST_S = 5.0  # without work for so long the time starts again; dropped work is read again sooner
# The most that counts of one call: work that waits for a slow function is not stalled.
CALL_S = 15.0


class StalledProcessing:
    """Watches whether outstanding work makes progress. On the task's thread."""

    def __init__(self, allowed_s: float = 0.0) -> None:
        """Start without work.

        Args:
            allowed_s: Seconds that the work may take beyond STALLED_S.
        """
        self._limit = STALLED_S + allowed_s
        self._progress = 0
        self._since = 0.0  # epoch seconds for display, or 0 if no work is outstanding
        self._stood = 0.0  # seconds without progress that count
        self._observed_at = 0.0  # monotonic seconds
        self._seen_at = -inf  # monotonic seconds when work was last outstanding
        self.trouble: Issue | None = None

    def observe(self, why: str, progress: int) -> None:
        """Bring `trouble` up to date.

        Args:
            why: What the outstanding work waits for; empty if there is none.
            progress: A counter that grows when work is done.
        """
        now = monotonic()
        moves, self._progress = progress != self._progress, progress
        passed, self._observed_at = now - self._observed_at, now
        if why:
            self._seen_at = now
        if moves or now - self._seen_at > REST_S:
            self._since, self._stood = time.time() if why else 0.0, 0.0
            if self.trouble:
                log.info("records move again")
            self.trouble = None
            return
        if self._since:
            self._stood += min(passed, CALL_S)
        self._since = self._since or time.time()
        if why and self._stood > self._limit:
            if self.trouble is None:
                log.warning("records do not move: %s; waiting, nothing is lost", why)
            self.trouble = Issue(f"records do not move: {why}", self._since, unread=True)
