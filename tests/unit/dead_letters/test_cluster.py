"""The Kafka clients of a command: which of them end with it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

import config
from dead_letters import cluster as module
from dead_letters.cluster import Cluster
from tests.support.dead_letters.letters import TOPIC


class Client:
    """A client that counts how often it is closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.on_close: Callable[[], object] = lambda: None

    def close(self) -> None:
        self.closed += 1
        self.on_close()


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    """The consumers in the order in which the cluster makes them."""
    made: list[Client] = []

    def make(_: Cluster, kind: Any, __: Any) -> Client:
        client = Client()
        if kind is Consumer:
            made.append(client)
        return client

    monkeypatch.setattr(Cluster, "_make", make)
    return made


def cluster(*, commits: bool) -> Cluster:
    return Cluster(config.load([], {}), TOPIC, commits=commits)


@pytest.mark.parametrize(("commits", "count"), [(True, 1), (False, 2)])
def test_close_ends_every_consumer(consumers: list[Client], *, commits: bool, count: int) -> None:
    cluster(commits=commits).close()
    assert [each.closed for each in consumers] == [1] * count


def raise_kafka_exception() -> None:
    raise KafkaException(KafkaError(KafkaError._FAIL))


def raise_runtime_error() -> None:
    raise RuntimeError("Consumer closed")


@pytest.mark.parametrize("failing", [raise_kafka_exception, raise_runtime_error])
def test_close_ignores_errors(consumers: list[Client], failing: Callable[[], None]) -> None:
    """A thread's error would print a traceback. Pytest reports it as a warning."""
    made = cluster(commits=False)
    for each in consumers:
        each.on_close = failing
    made.close()
    assert [each.closed for each in consumers] == [1, 1]


def test_close_does_not_wait_without_end(
    consumers: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.05)
    made, released = cluster(commits=False), threading.Event()
    for each in consumers:
        each.on_close = lambda: released.wait(60)
    made.close()
    released.set()
    assert [each.closed for each in consumers] == [1, 1]


def test_replaced_consumer_keeps_the_other(consumers: list[Client]) -> None:
    """The consumer for the group's offsets is still needed."""
    made = cluster(commits=False)
    made.replace_consumer()
    assert [each.closed for each in consumers] == [1, 0, 0]
    assert made.consumer is consumers[2]  # type: ignore[comparison-overlap]  # a fake
