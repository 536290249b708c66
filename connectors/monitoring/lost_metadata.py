"""Whether a client has lost its brokers for good.

librdkafka can forget all brokers, and then never looks for one again.
"""

from collections.abc import Mapping
from typing import Any

# In documents, one a second. A healthy client tries a broker within a second or two.
NO_BROKER_SAMPLES = 5
METADATA_STALL_SAMPLES = 20  # in documents; a broker usually answers sooner
_REAL = {"configured", "learned"}  # other sources stand for one of these brokers
_UNTRIED = "INIT"
_SOON = 2_000_000  # microseconds in which a new broker is tried


class LostMetadata:
    """Whether a client's statistics show a broker that it is connected to, or will try.

    All brokers can be fenced by the controllers, after a freeze or a partition longer than their
    sessions. They then answer that there is no broker. Librdkafka 2.16 believes that (its issue
    5301): always with metadata.recovery.strategy=none, sometimes with rebootstrap. If it hears of
    the brokers again over a connection it still holds, it may consider itself connected, and never
    open a new one.
    """

    def __init__(self) -> None:
        """Start without statistics."""
        self._without = 0  # documents in a row
        self._waiting = 0  # documents in a row

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """Take the next statistics.

        Args:
            statistics: The client's statistics.
        """
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
        """Whether the client has forgotten its brokers for good."""
        return self._without >= NO_BROKER_SAMPLES

    @property
    def why(self) -> str:
        """Why the client has to be replaced, or ""."""
        if self.brokers_forgotten:
            return "has forgotten every broker"
        return "waits in vain for the metadata of its topics" if self.metadata_unanswered else ""

    @property
    def metadata_unanswered(self) -> bool:
        """Whether a consumer waits for metadata that it does not ask for again.

        librdkafka 2.16 does so if a connection breaks at that moment. It asks again after
        topic.metadata.refresh.interval.ms (5 minutes), and joins its group only then.
        """
        return self._waiting >= METADATA_STALL_SAMPLES
