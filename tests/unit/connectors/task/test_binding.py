"""The consumer is polled while the producer waits for its transactional.id."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.task.binding import TopicBinding
from tests.fakes.statistics_documents import with_broker


class Client:
    """Has every topic, and hands over statistics of a connected broker."""

    def __init__(self, brokers: BrokerStatus) -> None:
        self._brokers = brokers

    def list_topics(self, topic: str, **_: float) -> Any:
        return SimpleNamespace(topics={topic: SimpleNamespace(error=None, partitions=range(1))})

    def poll(self, _timeout: float) -> None:
        self._brokers.on_statistics(with_broker("UP"))


@pytest.fixture
def brokers() -> BrokerStatus:
    return BrokerStatus([])


@pytest.fixture
def clients() -> list[Client]:
    return []


@pytest.fixture
def binding(brokers: BrokerStatus, clients: list[Client]) -> TopicBinding:
    settings = Settings()

    def make() -> Consumer:
        clients.append(Client(brokers))
        return cast("Consumer", clients[-1])

    return TopicBinding(
        settings, ReplaceableConsumer(make, brokers), brokers, DeadLetterQueue(settings)
    )


def test_bound_task_sees_end_of_outage(binding: TopicBinding, brokers: BrokerStatus) -> None:
    assert binding.try_bind()
    brokers.mark_down("test")
    assert binding.try_bind()
    assert brokers.trouble is None


def test_bound_task_replaces_lost_consumer(
    binding: TopicBinding, brokers: BrokerStatus, clients: list[Client]
) -> None:
    assert binding.try_bind()
    brokers.consumer.lost = "the consumer has forgotten every broker"
    assert binding.try_bind()
    assert len(clients) == 2
