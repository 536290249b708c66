"""Which input topics do not exist. The cluster is a stand-in."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

import connectors.consume.missing_topics
from connectors.consume.missing_topics import REFRESH_S, RETRY_S, MissingTopics


class Cluster:
    """Has these topics, and answers unless it is silent."""

    def __init__(self, *topics: str) -> None:
        self.topics = set(topics)
        self.is_silent = False
        self.asked = 0

    def list_topics(self, topic: str = "", **_: float) -> Any:
        self.asked += 1
        if self.is_silent:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        if not topic:
            return SimpleNamespace(topics=dict.fromkeys(self.topics))
        error = None if topic in self.topics else KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
        return SimpleNamespace(topics={topic: SimpleNamespace(error=error)})


class Clock:
    """Looks at a time of the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(connectors.consume.missing_topics, "monotonic", lambda: self.now)

    def find(self, missing: MissingTopics, cluster: Cluster, *read: str) -> str:
        return missing.find(cast("Consumer", cluster), set(read))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_topic_that_is_gone(clock: Clock) -> None:
    missing, cluster = MissingTopics(["a", "b"], are_patterns=False), Cluster("a", "b")
    assert clock.find(missing, cluster) == ""  # another member has the partitions
    cluster.topics.remove("b")
    clock.now += REFRESH_S
    assert clock.find(missing, cluster, "a") == "the topic b does not exist"
    cluster.topics.add("b")
    assert clock.find(missing, cluster, "a", "b") == ""


def test_read_topics_are_not_queried(clock: Clock) -> None:
    cluster = Cluster()
    assert clock.find(MissingTopics(["a"], are_patterns=False), cluster, "a") == ""
    assert cluster.asked == 0


@pytest.mark.parametrize("pattern", ["^(orders.*)$", "^([[:alpha:]]*)$", "^(\\p{L}+)$"])
def test_pattern_without_a_topic(clock: Clock, pattern: str) -> None:
    """A pattern that Python cannot read matches any topic."""
    missing = MissingTopics([pattern], are_patterns=True)
    assert clock.find(missing, Cluster()) == f"no topic matches {pattern}"
    clock.now += REFRESH_S
    assert clock.find(missing, Cluster("orders.eu")) == ""


def test_broker_without_an_answer(clock: Clock) -> None:
    missing, cluster = MissingTopics(["a"], are_patterns=False), Cluster()
    assert clock.find(missing, cluster) == "the topic a does not exist"
    cluster.is_silent = True
    clock.now += REFRESH_S
    assert clock.find(missing, cluster) == "the topic a does not exist"
    clock.now += REFRESH_S
    assert clock.find(missing, cluster) == "the topic a does not exist"
    assert cluster.asked == 2
    cluster.is_silent, cluster.topics = False, {"a"}
    clock.now += RETRY_S
    assert clock.find(missing, cluster) == ""
