"""Partitions that are ours and that the client does not read: it has given up asking where to
begin, without a word.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from connectors.records.keys import TopicPartitionKey

# Of librdkafka's fetch states; a partition that is paused, or without a leader, is in another. The
# client may wait for ever for the answer to a question that it has dropped ("offset-wait").
_AT_REST = {"none", "stopped", "offset-wait"}


class StalledFetch:
    """What the consumer's statistics say, held against what is assigned.

    Librdkafka 2.16 asks no second time for the offsets of its partitions when the coordinator has
    moved on meanwhile (its issue 5586).
    """

    def __init__(self) -> None:
        """Start without partitions."""
        self._at_rest: set[TopicPartitionKey] | None = None  # none once it has been looked at
        self._since: dict[TopicPartitionKey, float] = {}

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """The next document."""
        self._at_rest = {
            (topic, int(number))
            for topic, each in statistics["topics"].items()
            for number, partition in each["partitions"].items()
            if partition["fetch_state"] in _AT_REST
        }

    def restart(self) -> None:
        """Count the time of rest from now on."""
        self._since = {}

    def overdue_partition(self, assigned: set[TopicPartitionKey], patience: float) -> str:
        """An assigned partition that has been at rest for longer than `patience` (seconds), or "".

        A transaction that somebody left open holds the offsets back: that is to be waited for (60 s
        by default).
        """
        if self._at_rest is None:
            return ""
        now = monotonic()
        self._since = {key: self._since.get(key, now) for key in self._at_rest & assigned}
        self._at_rest = None
        return next(
            (
                f"{topic}-{number}"
                for (topic, number), since in self._since.items()
                if now - since > patience
            ),
            "",
        )
