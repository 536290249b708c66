"""Partitions without a leader are told once they have had none for two documents, with the moment
it began.
"""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

import connectors.monitoring.leaders
from connectors.monitoring.leaders import LEADER_RECHECK_S, LeaderlessPartitions
from tests.fakes.statistics_documents import document


def with_leader(number: int, kind: str = "consumer", **more: str) -> Any:
    found = document(kind)
    found["topics"]["in"]["partitions"]["0"] |= {"leader": number} | more
    return found


def test_a_partition_without_a_leader_is_named_from_the_second_document_on() -> None:
    leaders = LeaderlessPartitions()
    # The partition for records that have none yet never has a leader.
    leaders.observe(document("consumer"))
    leaders.observe(with_leader(-1))
    assert leaders.trouble is None
    leaders.observe(with_leader(-1))
    assert leaders.trouble is not None
    since = leaders.trouble.since
    assert leaders.trouble.what == "no leader for in-0: the broker is away"
    assert leaders.trouble.broker_away
    leaders.observe(with_leader(-1))
    assert leaders.trouble.since == since
    leaders.observe(with_leader(1))
    assert leaders.trouble is None


def test_a_consumer_tells_of_the_partitions_it_reads_and_a_producer_of_all_it_knows() -> None:
    """A client looks at a topic's partitions before it binds to it, and the producer is the one to
    tell of the output's.
    """
    for kind, told in (("consumer", False), ("producer", True)):
        leaders = LeaderlessPartitions()
        for _ in range(2):
            leaders.observe(with_leader(-1, kind, fetch_state="none"))
        assert (leaders.trouble is not None) is told


class Cluster:
    """What the cluster says of the leader of in-0, and how often it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leader: int | None = -1
        self.asked, self.now = 0, 100.0
        monkeypatch.setattr(connectors.monitoring.leaders, "monotonic", lambda: self.now)

    def ask(self, topic: str) -> dict[int, int]:
        assert topic == "in"
        self.asked += 1
        if self.leader is None:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))
        return {0: self.leader}

    def later(self, leaders: LeaderlessPartitions) -> str:
        self.now += LEADER_RECHECK_S + 1
        return leaders.missed_election(self.ask)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    return Cluster(monkeypatch)


def without_leader() -> LeaderlessPartitions:
    leaders = LeaderlessPartitions()
    for _ in range(2):
        leaders.observe(with_leader(-1))
    return leaders


def test_a_leader_is_overlooked_when_the_cluster_tells_it_twice(cluster: Cluster) -> None:
    leaders = without_leader()
    cluster.leader = 2
    assert leaders.missed_election(cluster.ask) == ""
    assert cluster.asked == 0, "the client is given a moment to find it"
    assert [cluster.later(leaders), cluster.later(leaders)] == ["", "in-0"]


def test_a_partition_that_has_no_leader_is_waited_for(cluster: Cluster) -> None:
    leaders = without_leader()
    assert [cluster.later(leaders) for _ in range(5)] == [""] * 5
    assert cluster.asked == 5


def test_a_leader_lost_again_or_found_meanwhile_is_not_overlooked(cluster: Cluster) -> None:
    leaders = without_leader()
    for cluster.leader in (2, -1, 2):
        assert cluster.later(leaders) == ""
    leaders.observe(with_leader(2))
    leaders.observe(with_leader(-1))
    leaders.observe(with_leader(-1))
    assert cluster.later(leaders) == ""


def test_a_cluster_that_does_not_answer_says_nothing(cluster: Cluster) -> None:
    leaders = without_leader()
    cluster.leader = None
    assert [cluster.later(leaders) for _ in range(3)] == [""] * 3
