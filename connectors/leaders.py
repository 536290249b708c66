"""Partitions in use that have no leader: their broker is away, while others are there."""

import time
from collections.abc import Mapping
from typing import Any

from runtime.status import Trouble


class Leaders:
    """What one client's statistics say of the leaders of its partitions."""

    def __init__(self) -> None:
        self._missing: set[str] = set()
        self.trouble: Trouble | None = None

    def take(self, statistics: Mapping[str, Any]) -> None:
        """The next document. A partition counts from its second one on: it may be new, or its leader on the move."""
        before, self._missing = self._missing, set(_without_leader(statistics))
        lasting = sorted(before & self._missing)
        if not lasting:
            self.trouble = None
            return
        since = self.trouble.since if self.trouble else time.time()
        self.trouble = Trouble(f"no leader for {', '.join(lasting)}: the broker is away", since, broker_away=True)


def _without_leader(statistics: Mapping[str, Any]) -> list[str]:
    """Of those written to or read from: a consumer also knows the partitions of every topic it has asked about."""
    writes = statistics["type"] == "producer"
    return [
        f"{topic}-{number}"
        for topic, each in statistics["topics"].items()
        for number, partition in each["partitions"].items()
        if int(number) >= 0 and partition["leader"] < 0 and (writes or partition["fetch_state"] != "none")
    ]
