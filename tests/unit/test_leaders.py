"""Partitions without a leader are told once they have had none for two documents, with the moment it began."""

from typing import Any

from connectors.leaders import Leaders
from tests.unit.statistics_documents import document


def with_leader(number: int, kind: str = "consumer", **more: str) -> Any:
    found = document(kind)
    found["topics"]["in"]["partitions"]["0"] |= {"leader": number} | more
    return found


def test_a_partition_without_a_leader_is_named_from_the_second_document_on() -> None:
    leaders = Leaders()
    leaders.take(document("consumer"))  # the partition for records that have none yet never has a leader
    leaders.take(with_leader(-1))
    assert leaders.trouble is None
    leaders.take(with_leader(-1))
    assert leaders.trouble is not None
    since = leaders.trouble.since
    assert leaders.trouble.what == "no leader for in-0: the broker is away"
    assert leaders.trouble.broker_away
    leaders.take(with_leader(-1))
    assert leaders.trouble.since == since
    leaders.take(with_leader(1))
    assert leaders.trouble is None


def test_a_consumer_tells_of_the_partitions_it_reads_and_a_producer_of_all_it_knows() -> None:
    """A client looks at a topic's partitions before it binds to it, and the producer is the one to tell of the output's."""
    for kind, told in (("consumer", False), ("producer", True)):
        leaders = Leaders()
        for _ in range(2):
            leaders.take(with_leader(-1, kind, fetch_state="none"))
        assert (leaders.trouble is not None) is told
