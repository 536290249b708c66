"""Whether a member has not joined its group again after it gave partitions away.

With cooperative-sticky a member gives partitions away, and then joins again so that others get
them. Librdkafka 2.16 was seen not to do so, after a topic was created again during a rebalance. The
whole group then waits for max.poll.interval.ms, and this member seems to be well.
"""

from time import monotonic

REJOIN_S = 10.0  # a healthy client joins again at once


class MissedRejoin:
    """Follows the rebalance callbacks of one consumer. On the task's thread."""

    def __init__(self, *, cooperative: bool) -> None:
        """Start without a group.

        Args:
            cooperative: Whether the protocol is cooperative-sticky.
        """
        self._cooperative = cooperative
        self._revoked = False  # partitions are revoked, and none were assigned since
        self._due_since: float | None = None  # monotonic seconds

    def forget(self) -> None:
        """Note that the group is joined, or that partitions are lost: nothing is due."""
        self._revoked, self._due_since = False, None

    def on_revoke(self, *, keeps_some: bool) -> None:
        """Note that partitions are revoked.

        Args:
            keeps_some: Whether others stay assigned. Otherwise the member may be leaving the group.
        """
        self._revoked = keeps_some

    def on_assign(self) -> None:
        """Note that partitions, maybe none, are assigned. Another rebalance follows a revoke."""
        self._due_since = monotonic() if self._revoked and self._cooperative else None
        self._revoked = False

    def is_missed(self, join_state: str) -> bool:
        """Whether the client should have joined again by now.

        Args:
            join_state: By the client's latest statistics.
        """
        if self._due_since is None:
            return False
        if join_state != "steady":  # it joins again
            self._due_since = None
            return False
        return monotonic() - self._due_since > REJOIN_S
