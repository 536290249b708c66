"""What a flush and a poll of the client raise, and when.

The client chunks a flush of 200 ms or more and goes on after a callback's exception. The result is
a SystemError.
"""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from connectors.commit import at_least_once, committer
from connectors.errors.client_exceptions import ProducerError
from connectors.errors.exceptions import DeliveryError
from connectors.monitoring.client_monitor import ClientMonitor
from connectors.monitoring.snapshot import Snapshot
from connectors.produce.record_producer import RecordProducer

DIVIDED_S = 0.2
NO_SNAPSHOT = Snapshot(0, {}, {}, {}, {})


class Producer:
    """Confirms everything at the flush with this number."""

    def __init__(self, confirms_at: int) -> None:
        self.flushes: list[float] = []
        self._confirms_at = confirms_at
        self.failures: list[KafkaException] = []  # that polls meet

    def flush(self, timeout: float) -> int:
        self.flushes.append(timeout)
        if timeout >= DIVIDED_S:
            raise SystemError("returned a result with an exception set")
        return int(len(self.flushes) < self._confirms_at)

    def poll(self, _timeout: float) -> int:
        if self.failures:
            raise self.failures.pop()
        return 0


class Flushed(RecordProducer):
    """An output around that producer."""

    def __init__(self, producer: Any) -> None:
        self.producer, self.delivery_error, self._postponed = producer, None, None
        self.monitor = ClientMonitor(lambda _: NO_SNAPSHOT)


@pytest.mark.parametrize(
    "timeout_s",
    [
        at_least_once.REVOKE_FLUSH_TIMEOUT_S,
        at_least_once.FLUSH_TIMEOUT_S,
        committer.REQUEST_TIMEOUT_S,
    ],
)
def test_flush_is_never_chunked(timeout_s: float) -> None:
    producer = Producer(confirms_at=2)
    assert Flushed(producer).flush(timeout_s)
    assert len(producer.flushes) == 2


def test_flush_ends_at_timeout() -> None:
    producer = Producer(confirms_at=1_000_000)
    assert not Flushed(producer).flush(0.001)
    assert producer.flushes
    assert not Flushed(producer).flush(0)


def test_wait_postpones_errors() -> None:
    """A wait must not raise them: functions that are under way would be cancelled."""
    producer = Producer(confirms_at=1)
    output = Flushed(producer)
    producer.failures = [KafkaException(KafkaError(KafkaError._FATAL))]
    output.poll()
    with pytest.raises(ProducerError):
        output.flush(0)
    assert output.flush(0)
    output.monitor.is_outdated, output.monitor.lost = True, "no broker"
    output.delivery_error = DeliveryError("out", KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    output.poll()
    with pytest.raises(DeliveryError):
        output.flush(0)
    assert output.monitor.is_outdated
    assert output.monitor.lost
