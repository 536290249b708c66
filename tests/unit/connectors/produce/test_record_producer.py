"""A flush of 200 ms or more is divided by the client, which goes on after a callback has left an
exception: SystemError.
"""

from typing import Any

import pytest

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit import at_least_once, committer
from connectors.monitoring.lost_metadata import LostMetadata
from connectors.produce.record_producer import RecordProducer

DIVIDED_S = 0.2


class Producer:
    """Confirms everything at the flush with this number."""

    def __init__(self, confirms_at: int) -> None:
        self.flushes: list[float] = []
        self._confirms_at = confirms_at

    def flush(self, timeout: float) -> int:
        self.flushes.append(timeout)
        if timeout >= DIVIDED_S:
            raise SystemError("returned a result with an exception set")
        return int(len(self.flushes) < self._confirms_at)


class Flushed(RecordProducer):
    """An output around that producer."""

    def __init__(self, producer: Any) -> None:
        self.producer, self.delivery_error, self._lost_metadata = producer, None, LostMetadata()
        self._brokers = BrokerStatus([])
        self._store_version = self._brokers.store_version


@pytest.mark.parametrize(
    "timeout_s",
    [
        at_least_once.REVOKE_FLUSH_TIMEOUT_S,
        at_least_once.FLUSH_TIMEOUT_S,
        committer.REQUEST_TIMEOUT_S,
    ],
)
def test_no_flush_is_divided(timeout_s: float) -> None:
    producer = Producer(confirms_at=2)
    assert Flushed(producer).flush(timeout_s)
    assert len(producer.flushes) == 2


def test_flush_ends_at_timeout() -> None:
    producer = Producer(confirms_at=1_000_000)
    assert not Flushed(producer).flush(0.001)
    assert producer.flushes
    assert not Flushed(producer).flush(0)
