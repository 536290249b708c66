"""A small batch is sent at once; a large one fills the client's batches."""

from typing import Any, cast

import pytest
from confluent_kafka import Producer

import config
from config.librdkafka.client_config import LINGER_MS
from connectors.cluster.broker_status import BrokerStatus
from connectors.produce.record_producer import SEND_NOW_S, SMALL_BATCH_RECORDS, RecordProducer
from tests.fakes.messages import batch_of

LINGER = "spring.cloud.stream.kafka.binder.producer-properties.linger.ms"
FLUSH, POLL = ("flush", SEND_NOW_S), ("poll", 0.0)


class Client:
    """Takes all records, and notes both calls that serve a producer."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, float]] = []

    def produce(self, *_: Any, **__: Any) -> None:
        pass

    def poll(self, timeout: float) -> int:
        self.calls.append(("poll", timeout))
        return 0

    def flush(self, timeout: float) -> int:
        self.calls.append(("flush", timeout))
        return 0

    def __len__(self) -> int:
        return 0


def calls(linger_ms: float, *batches: int) -> list[tuple[str, float]]:
    """The call after each batch, and one more."""
    settings = config.load([f"--{LINGER}={linger_ms}"], {})
    output, client = RecordProducer(settings, BrokerStatus(("127.0.0.1:1",), {})), Client()
    output.producer = cast("Producer", client)
    for records in batches:
        output.produce_batch(batch_of(*[b"1"] * records), lambda _: None, lambda *_: None)
        output.raise_for_failed_delivery()
    output.raise_for_failed_delivery()
    return client.calls


def test_small_batch_is_flushed_once() -> None:
    assert calls(LINGER_MS, 1, SMALL_BATCH_RECORDS - 1) == [FLUSH, FLUSH, POLL]


@pytest.mark.parametrize("records", [SMALL_BATCH_RECORDS, 1000])
def test_large_batch_waits(records: int) -> None:
    assert calls(LINGER_MS, records) == [POLL] * 2


def test_longer_linger_is_the_users() -> None:
    assert calls(LINGER_MS + 1, 1) == [POLL] * 2
