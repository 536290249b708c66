"""Whether a client knows of any broker: librdkafka can forget all of them, and then never finds one again."""

from collections.abc import Mapping
from typing import Any

LASTING = 2  # documents of statistics, one a second: a client that goes back to bootstrap.servers knows none for a moment
_REAL = {"configured", "learned"}  # the others only stand for one of these


class Known:
    """What one client's statistics say.

    Brokers that are fenced, all of them, as after a freeze or a partition that outlived their sessions, answer that there is no broker.
    Librdkafka 2.16 believes them (its issue 5301): with metadata.recovery.strategy=none always, with rebootstrap now and then.
    """

    def __init__(self) -> None:
        self._without = 0  # documents in a row

    def take(self, statistics: Mapping[str, Any]) -> None:
        """The next document."""
        knows = any(broker["source"] in _REAL for broker in statistics["brokers"].values())
        self._without = 0 if knows else self._without + 1

    @property
    def none(self) -> bool:
        """It has forgotten them for good."""
        return self._without >= LASTING
