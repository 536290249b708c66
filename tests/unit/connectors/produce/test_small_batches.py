"""A small batch is sent at once; a large one fills the client's batches."""

from typing import cast

import pytest
from confluent_kafka import Producer

from config.librdkafka.client_config import LINGER_MS
from connectors.produce.small_batches import SEND_NOW_S, SMALL_BATCH_RECORDS, SmallBatches


class Client:
    """Both calls of a producer."""

    def poll(self, _timeout: float) -> int:
        return 0

    def flush(self, _timeout: float) -> int:
        return 0


def calls(linger_ms: float, *batches: int) -> list[tuple[str, float]]:
    """The call after each batch, and one more."""
    small, client = SmallBatches(linger_ms), cast("Producer", Client())
    made = []
    for records in batches:
        small.note_batch(records)
        made.append(small.serving_call(client))
    made.append(small.serving_call(client))
    return [(call.__name__, timeout) for call, timeout in made]


def test_small_batch_is_flushed_once() -> None:
    flush, poll = ("flush", SEND_NOW_S), ("poll", 0.0)
    assert calls(LINGER_MS, 1, SMALL_BATCH_RECORDS - 1) == [flush, flush, poll]


@pytest.mark.parametrize("records", [SMALL_BATCH_RECORDS, 1000])
def test_large_batch_waits(records: int) -> None:
    assert calls(LINGER_MS, records) == [("poll", 0.0)] * 2


def test_longer_linger_is_the_users() -> None:
    assert calls(LINGER_MS + 1, 1) == [("poll", 0.0)] * 2
