"""Partitions in use that have no leader.

Their broker is down, or the client has missed the election of a new leader.
"""

import time
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from confluent_kafka import KafkaException

from connectors.records.messages import TopicPartitionKey
from runtime.control.status import Issue

LEADER_RECHECK_S = 5.0  # between two requests; a client usually finds a new leader much sooner

# Returns the leader of each partition of a topic as the cluster has it, below 0 for none.
Electorate = Callable[[str], Mapping[int, int]]


class LeaderlessPartitions:
    """Partitions without a leader, by one client's statistics. On the task's thread."""

    def __init__(self) -> None:
        """Start without partitions."""
        self._missing: set[TopicPartitionKey] = set()
        self._lasting: set[TopicPartitionKey] = set()
        # Partitions of `_lasting` that had a leader at the last request to the cluster.
        self._elected: set[TopicPartitionKey] = set()
        self._ask_at = 0.0
        self.trouble: Issue | None = None

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """Take the next statistics.

        A partition counts in its second document, because the first one may come during an
        election.

        Args:
            statistics: The client's statistics.
        """
        before, self._missing = self._missing, set(_without_leader(statistics))
        self._lasting = before & self._missing
        self._elected &= self._lasting
        if not self._lasting:
            self.trouble = None
            return
        if self.trouble is None:
            self._ask_at = monotonic() + LEADER_RECHECK_S
        since = self.trouble.since if self.trouble else time.time()
        named = ", ".join(f"{topic}-{number}" for topic, number in sorted(self._lasting))
        self.trouble = Issue(f"no leader for {named}: the broker is away", since, broker_away=True)

    def missed_election(self, ask: Electorate) -> str:
        """Return a partition whose new leader this client has missed, or "".

        Librdkafka 2.16 can drop the news of a leader whose broker it does not know yet. It then
        never asks again (its issue 5430).

        Args:
            ask: Asks the cluster for leaders. It may raise other errors than KafkaException.
        """
        if self.trouble is None or monotonic() < self._ask_at:
            return ""
        self._ask_at = monotonic() + LEADER_RECHECK_S
        try:
            leaders = {topic: ask(topic) for topic, _ in self._lasting}
        except KafkaException:  # no broker answers: the leaders are unknown
            return ""
        led = {
            (topic, number)
            for topic, number in self._lasting
            if leaders[topic].get(number, -1) >= 0
        }
        known, self._elected = self._elected & led, led
        return next((f"{topic}-{number}" for topic, number in sorted(known)), "")


def _without_leader(statistics: Mapping[str, Any]) -> list[TopicPartitionKey]:
    """Return partitions without a leader that are written to or read from.

    A consumer's statistics also have partitions of topics that it has only asked about.
    """
    writes = statistics["type"] == "producer"
    return [
        (topic, int(number))
        for topic, each in statistics["topics"].items()
        for number, partition in each["partitions"].items()
        if int(number) >= 0
        and partition["leader"] < 0
        and (writes or partition["fetch_state"] != "none")
    ]
