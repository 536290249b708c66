"""Assigned partitions that the client does not fetch.

The client has stopped to look up their start.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from connectors.records.messages import TopicPartitionKey

# Librdkafka's fetch states of a partition that is not fetched. A paused partition, or one without a
# leader, has another state. In "offset-wait" the client may wait for a request that it has dropped.
_AT_REST = {"none", "stopped", "offset-wait"}


class StalledFetch:
    """Compares the fetch states in the consumer's statistics with the assignment.

    librdkafka 2.16 does not ask again for the offsets of its partitions if the coordinator has
    moved meanwhile (its issue 5586). All methods run on the task's thread.
    """

    def __init__(self) -> None:
        """Start without partitions."""
        self._at_rest: set[TopicPartitionKey] | None = None  # None until the next statistics
        self._since: dict[TopicPartitionKey, float] = {}

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """Take the next statistics.

        Args:
            statistics: The consumer's statistics.
        """
        self._at_rest = {
            (topic, int(number))
            for topic, each in statistics["topics"].items()
            for number, partition in each["partitions"].items()
            if partition["fetch_state"] in _AT_REST
        }

    def restart(self) -> None:
        """Count the time without a fetch from now on."""
        self._since = {}

    def overdue_partition(self, assigned: set[TopicPartitionKey], patience: float) -> str:
        """Return an assigned partition that has not been fetched for too long, or "".

        An open transaction can hold committed offsets back, 60 s by default. So `patience` has to
        be longer.

        Args:
            assigned: The partitions of the consumer.
            patience: Seconds.
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
