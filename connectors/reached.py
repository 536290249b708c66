"""What this process has committed, held against what the broker says is committed."""

import logging
from collections.abc import Mapping
from time import monotonic

from connectors.batch import TopicPartitionKey

log = logging.getLogger(__name__)

# Seconds in which Kafka gives up a replica that lags (30, replica.lag.time.max.ms) and notices it (15): no high watermark waits longer.
LAG = 45.0
_ANY = -1  # no offset


class Reached:
    """Positions of partitions, whoever has them now. An offset below 0 stands for none."""

    def __init__(self) -> None:
        self._ours: dict[TopicPartitionKey, int] = {}
        self._replaced: dict[TopicPartitionKey, int] = {}  # what was, where the latest commit changed it; _ANY if that was not ours
        self._behind_since = 0.0  # when the broker first was behind that, if it still is

    def __contains__(self, key: TopicPartitionKey) -> bool:
        return key in self._ours

    def committed(self, positions: Mapping[TopicPartitionKey, int]) -> None:
        """The broker has confirmed it."""
        self._replaced = {key: self._ours.get(key, _ANY) for key, offset in positions.items() if self._ours.get(key) != offset}
        self._ours |= positions

    def forget(self) -> None:
        """Whoever changes the group's offsets from now on means it."""
        self._ours.clear()

    def judge(self, told: Mapping[TopicPartitionKey, int]) -> dict[TopicPartitionKey, int] | None:
        """What is true of what the broker has told; None: ask it again.

        A coordinator that has just moved answers as of a high watermark that it may not know yet: what is behind our own commits is
        asked again, for LAG seconds. What stays is true where there is none (the topic is a new one) or what our latest commit
        replaced: Kafka 4 was seen to undo a transaction after it had confirmed its commit (see README). A coordinator that stays
        further behind has lost its place in its log: there our own commits count.
        """
        behind = {key: offset for key, offset in told.items() if offset < self._ours.get(key, offset)}
        if not behind:
            self._behind_since = 0.0
            return dict(told)
        self._behind_since = self._behind_since or monotonic()
        if monotonic() - self._behind_since < LAG:
            log.debug("asked again: the broker says %s, we had committed %s", behind, self._ours)
            return None
        self._behind_since = 0.0
        return dict(told) | {key: self._settle(key, offset) for key, offset in behind.items()}

    def _settle(self, key: TopicPartitionKey, offset: int) -> int:
        stays, ours = "no offset" if offset < 0 else f"offset {offset}", self._ours[key]
        if offset < 0 or self._replaced.get(key) in {offset, _ANY}:
            log.warning("%s-%d: the broker stays at %s, read again from there: we had committed %d", *key, stays, ours)
            del self._ours[key]
            return offset
        log.warning("%s-%d: the broker stays at %s, ignored: we had committed %d", *key, stays, ours)
        return ours
