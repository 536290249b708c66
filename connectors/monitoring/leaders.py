"""Partitions in use that have no leader: their broker is away, while others are there; or the
client has overlooked the new leader.
"""

import time
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from confluent_kafka import KafkaException

from connectors.records.keys import TopicPartitionKey
from runtime.control.status import Issue

LEADER_RECHECK_S = (
    # Seconds between two questions to the cluster, in which a client finds a new leader by itself
    # many times over.
    5.0
)

# Topic -> the leader of each of its partitions, as the cluster says; below 0: none.
Electorate = Callable[[str], Mapping[int, int]]


class LeaderlessPartitions:
    """What one client's statistics say of the leaders of its partitions."""

    def __init__(self) -> None:
        """Start without partitions."""
        self._missing: set[TopicPartitionKey] = set()
        self._lasting: set[TopicPartitionKey] = set()
        # Of the lasting ones, those that had a leader when the cluster was asked.
        self._elected: set[TopicPartitionKey] = set()
        self._ask_at = 0.0
        self.trouble: Issue | None = None

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """The next document. A partition counts from its second one on: it may be new, or its
        leader on the move.
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
        """A partition that has had a leader for a while of which this client takes no notice, or
        "". Raises what else `ask` does.

        Librdkafka 2.16 can drop the news of a leader whose broker it does not know yet, and then
        never asks again (its issue 5430).
        """
        if self.trouble is None or monotonic() < self._ask_at:
            return ""
        self._ask_at = monotonic() + LEADER_RECHECK_S
        try:
            leaders = {topic: ask(topic) for topic, _ in self._lasting}
        except KafkaException:  # no broker answers: nothing can be said
            return ""
        led = {
            (topic, number)
            for topic, number in self._lasting
            if leaders[topic].get(number, -1) >= 0
        }
        known, self._elected = self._elected & led, led
        return next((f"{topic}-{number}" for topic, number in sorted(known)), "")


def _without_leader(statistics: Mapping[str, Any]) -> list[TopicPartitionKey]:
    """Of those written to or read from: a consumer also knows the partitions of every topic it has
    asked about.
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
