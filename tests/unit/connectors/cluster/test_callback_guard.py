"""A client refuses calls in its own callbacks that would abort the process, and bounds others."""

import ast
import gc
import logging
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from connectors.cluster import callback_guard, clients
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.callback_guard import (
    _ALLOWED,
    _APPENDS,
    GuardedConsumer,
    GuardedProducer,
)
from connectors.errors.client_exceptions import CallbackError
from tests.support.processor import REPOSITORY
from tests.support.waiting import wait_for

MOCKED = {"test.mock.num.brokers": 1, "statistics.interval.ms": 10}
SILENT = logging.getLogger("silent")
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "list_topics": (None, 1.0),
    "poll": (0,),
    "consume": (1, 0),
    "flush": (0,),
    "subscribe": (["t"],),
    "send_offsets_to_transaction": ([], None),
    "set_sasl_credentials": ("u", "p"),
    "get_watermark_offsets": (TopicPartition("t", 0), 1.0),
}


@pytest.fixture(autouse=True)
def _silence() -> None:
    SILENT.disabled = True


def methods(kind: type, allowed: frozenset[str]) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_") and name not in allowed]


class Once:
    """A callback that calls a method of its client, the first time only."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client: Any = None
        self.runs = 0

    def __call__(self, *_: object) -> None:
        self.runs += self.client is not None
        if self.runs == 1:
            getattr(self.client, self.name)(*ARGUMENTS.get(self.name, ()))


def refusal(client: GuardedConsumer | GuardedProducer) -> str:
    """What the client's poll() raises in the end, from a callback."""

    def polled() -> bool:
        try:
            client.poll(0.1)
        except CallbackError as error:
            lines.append(str(error))
        return bool(lines)

    lines = list[str]()
    wait_for(polled, 30, "a call that is refused inside a callback")
    return lines[0]


@pytest.mark.parametrize("name", methods(Consumer, _ALLOWED))
def test_consumer_in_its_callback(name: str) -> None:
    once = Once(name)
    once.client = client = GuardedConsumer(MOCKED | {"group.id": "g", "stats_cb": once}, SILENT)
    assert refusal(client).startswith(f"Consumer.{name}() is refused inside a callback")
    client.list_topics(timeout=5)  # outside of callbacks it works as ever
    client.close()


@pytest.mark.parametrize("name", methods(Producer, _APPENDS))
def test_producer_in_its_callback(name: str) -> None:
    once = Once(name)
    once.client = client = GuardedProducer(MOCKED | {"stats_cb": once}, SILENT)
    assert refusal(client).startswith(f"Producer.{name}() is refused inside a callback")
    client.list_topics(timeout=5)
    # confluent_kafka keeps the error of a callback, and with it the client, whose statistics would
    # pile up.
    client.close()


def test_log_line_is_a_callback() -> None:
    class Logger:
        log = Once("list_topics")

    logger = Logger()
    logger.log.client = client = GuardedConsumer(
        MOCKED | {"group.id": "g", "debug": "metadata", "log_level": 7}, logger
    )
    client.subscribe(["t"])
    assert "Consumer.list_topics()" in refusal(client)
    client.close()


def test_rebalance_is_a_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests share a limit, also where each has a time-out of its own."""
    now = [100.0]
    monkeypatch.setattr(callback_guard, "monotonic", lambda: now[0])
    seen = list[float | int]()

    def on_assign(client: Consumer, _: list[TopicPartition]) -> None:
        assert isinstance(client, GuardedConsumer)
        for _second in range(12):
            seen.append(client.callbacks.limit(2.0))
            now[0] += 2.0
        try:
            client.committed([TopicPartition("t", 0)], 60.0)
        except KafkaException as error:
            seen.append(error.args[0].code())
        client.list_topics(timeout=1)

    cluster = GuardedProducer(MOCKED | {"test.mock.broker.rtt": 50}, SILENT)
    # Which makes the topic.
    broker = next(iter(cluster.list_topics("t", timeout=5).brokers.values()))
    client = GuardedConsumer(
        {"bootstrap.servers": f"{broker.host}:{broker.port}", "group.id": "g"}, SILENT
    )
    client.subscribe(["t"], on_assign=on_assign)
    assert "Consumer.list_topics()" in refusal(client)
    assert seen == [2.0] * 10 + [callback_guard._LEAST_S] * 2 + [KafkaError._TIMED_OUT]
    assert client.callbacks.limit(60.0) == 60.0
    client.close()


def test_clients_are_guarded() -> None:
    brokers = BrokerStatus([])
    assert isinstance(
        clients.make_producer({}, brokers, lambda *_: None, lambda _: None), GuardedProducer
    )
    made = clients.make_consumer({"group.id": "g"}, brokers, lambda *_: None, lambda *_: None)
    assert isinstance(made, GuardedConsumer)
    made.close()


def test_dropped_client_is_closed_at_once() -> None:
    """Without a cycle that only the garbage collector finds."""
    client = GuardedProducer(MOCKED | {"stats_cb": lambda _: None}, SILENT)
    client.poll(0)
    dropped = weakref.ref(client)
    gc.disable()
    try:
        del client
        assert dropped() is None
    finally:
        gc.enable()


def made_in(path: Path) -> Iterator[str]:
    """Classes of clients that a module makes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"Consumer", "Producer"}
        ):
            yield f"{path.stem}: {node.func.id}"


def test_every_client_is_guarded() -> None:
    """Only --check makes clients of its own: no callback of theirs calls a client."""
    found = [
        each for path in sorted((REPOSITORY / "connectors").rglob("*.py")) for each in made_in(path)
    ]
    assert found == ["join: Consumer", "transactions: Producer"]
