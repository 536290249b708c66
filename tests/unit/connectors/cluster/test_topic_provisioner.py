"""Processes that start together and find the same topic too small."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from config import Settings
from connectors.cluster.binding_errors import BindingError
from connectors.cluster.topic_provisioner import TopicProvisioner
from connectors.failures.dead_letters import DeadLetterQueue
from tests.fakes.consume.consumers import current


def binding(after: int) -> TopicProvisioner:
    """An input of one partition that has `after` when the broker is asked for more, and refuses."""
    present = {"input": 1, "output": 1}

    class Metadata:
        def list_topics(self, topic: str, **_: float) -> object:
            return SimpleNamespace(
                topics={topic: SimpleNamespace(error=None, partitions=range(present[topic]))}
            )

    class Admin:
        def create_partitions(self, wanted: list[Any]) -> dict[str, Future[None]]:
            answer: Future[None] = Future()
            answer.set_exception(KafkaException(KafkaError(KafkaError.INVALID_PARTITIONS)))
            present["input"] = after
            return {wanted[0].topic: answer}

    settings = Settings(input_concurrency=2, auto_add_partitions=True)
    return TopicProvisioner(
        settings,
        current(cast("Consumer", Metadata())),
        DeadLetterQueue(settings),
        lambda: cast("AdminClient", Admin()),
    )


def test_concurrent_creation_is_accepted() -> None:
    topics = binding(after=2)
    topics.bind()
    assert topics.partitions["input"] == 2


def test_refused_creation_is_error() -> None:
    with pytest.raises(BindingError, match="adding partitions to input"):
        binding(after=1).bind()
