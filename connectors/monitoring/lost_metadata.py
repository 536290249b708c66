"""Whether a client is with any broker, or on its way to one: librdkafka can forget all of them, and
then never looks for one again.
"""

from collections.abc import Mapping
from typing import Any

# Documents of statistics, one a second: a client that is well tries again within a second or two.
NO_BROKER_SAMPLES = 5
METADATA_STALL_SAMPLES = 20  # documents: a broker that is there answers for metadata sooner
_REAL = {"configured", "learned"}  # the others only stand for one of these
_UNTRIED = "INIT"
_SOON = 2_000_000  # microseconds in which one that has just been heard of is tried


class LostMetadata:
    """What one client's statistics say.

    Brokers that are fenced, all of them, as after a freeze or a partition that outlived their
    sessions, answer that there is no broker. Librdkafka 2.16 believes them (its issue 5301): with
    metadata.recovery.strategy=none always, with rebootstrap now and then. Told of them again over a
    connection that it still had, it may believe itself connected, and never try to be.
    """

    def __init__(self) -> None:
        """Start without statistics."""
        self._without = 0  # documents in a row
        self._waiting = 0  # documents in a row

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """The next document."""
        brokers = statistics["brokers"].values()
        well = any(
            broker["source"] in _REAL
            and (broker["state"] != _UNTRIED or broker["stateage"] < _SOON)
            for broker in brokers
        )
        self._without = 0 if well else self._without + 1
        group = statistics.get("cgrp", {})
        waits = group.get("state") == "up" and group.get("join_state") == "wait-metadata"
        self._waiting = self._waiting + 1 if waits else 0

    @property
    def brokers_forgotten(self) -> bool:
        """It has forgotten them for good."""
        return self._without >= NO_BROKER_SAMPLES

    @property
    def why(self) -> str:
        """Why another client has to take this one's place, or ""."""
        if self.brokers_forgotten:
            return "has forgotten every broker"
        return "waits in vain for the metadata of its topics" if self.metadata_unanswered else ""

    @property
    def metadata_unanswered(self) -> bool:
        """It waits for its topics' metadata, which it does not ask for again: seen with 2.16 when a
        connection broke at that moment.

        Until topic.metadata.refresh.interval.ms (5 minutes), that is; a consumer only, which does
        not join its group before.
        """
        return self._waiting >= METADATA_STALL_SAMPLES
