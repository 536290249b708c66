"""Records that have been read and get no further: a full output, a delivery or a commit without an
answer, a record tried again.
"""

import logging
import time

from runtime.control.status import Issue

log = logging.getLogger("processor.commit")

STALLED_S = 25.0  # an ordinary commit or delivery takes less


class StalledProcessing:
    """Looks at whether outstanding work moves. On the lane's thread."""

    def __init__(self) -> None:
        self._progress = (0, 0)
        self._since = 0.0  # epoch seconds; 0: nothing is outstanding
        self.trouble: Issue | None = None

    def observe(self, why: str, progress: tuple[int, int]) -> None:
        """Renew `trouble`.

        Args:
            why: What the outstanding work waits for; empty when nothing is outstanding.
            progress: Counters that grow when work is done.

        """
        now = time.time()
        if not why or progress != self._progress:
            self._progress, self._since = progress, now if why else 0.0
            if self.trouble:
                log.info("records move again")
            self.trouble = None
            return
        self._since = self._since or now
        if now - self._since > STALLED_S:
            if self.trouble is None:
                log.warning("records do not move: %s; waiting, nothing is lost", why)
            self.trouble = Issue(f"records do not move: {why}", self._since, unread=True)
