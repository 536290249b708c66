"""Whether a client knows of any broker, by its statistics."""

from typing import Any

import pytest

from connectors.known import LASTING, PATIENCE, Known
from tests.unit.statistics_documents import document

COORDINATOR = ("logical", "TRY_CONNECT")
UNTRIED = ("learned", "INIT")


def told(known: Known, *brokers: tuple[str, str], age: float = 3) -> bool:
    """Whether it has forgotten them, after one more document with brokers of these sources, and in these states for `age` seconds."""
    found: Any = document("consumer")
    found["brokers"] = {
        str(number): {"source": source, "state": state, "stateage": int(age * 1e6)}
        for number, (source, state) in enumerate(brokers)
    }
    known.take(found)
    return known.none


def test_the_brokers_of_a_real_document_are_known() -> None:
    known = Known()
    for kind in ("consumer", "producer"):
        for _ in range(2 * LASTING):
            known.take(document(kind))
        assert not known.none


@pytest.mark.parametrize("brokers", [[], [COORDINATOR], [COORDINATOR, ("internal", "UP")], [UNTRIED, UNTRIED, COORDINATOR]])
def test_forgotten_when_for_some_seconds_there_is_none_but_the_coordinator_or_none_is_tried(brokers: list[tuple[str, str]]) -> None:
    known = Known()
    for _ in range(LASTING - 1):
        assert not told(known, *brokers)
    assert told(known, *brokers)


@pytest.mark.parametrize("broker", [("learned", "TRY_CONNECT"), ("configured", "CONNECT"), ("learned", "UP"), ("learned", "DOWN")])
def test_one_that_is_tried_now_and_then_is_not_forgotten(broker: tuple[str, str]) -> None:
    known = Known()
    for _ in range(3):
        for _ in range(LASTING - 1):
            assert not told(known, UNTRIED, COORDINATOR)
        assert not told(known, UNTRIED, broker, COORDINATOR)


def test_the_bootstrap_servers_that_an_outage_brings_back_each_second_are_known() -> None:
    """Each time they are new, and untried for the moment: seen with three brokers killed and metadata.recovery.strategy=rebootstrap."""
    known = Known()
    for _ in range(2 * LASTING):
        assert not told(known, ("configured", "INIT"), ("configured", "INIT"), age=0.5)


def waiting(known: Known, state: str = "up", join_state: str = "wait-metadata") -> bool:
    """Whether its question is left unanswered, after one more document with its group in these states."""
    found: Any = document("consumer")
    found["cgrp"] |= {"state": state, "join_state": join_state}
    known.take(found)
    return known.unanswered


def test_a_consumer_that_waits_long_for_its_topics_metadata_is_not_answered_any_more() -> None:
    known = Known()
    for _ in range(PATIENCE - 1):
        assert not waiting(known)
    assert waiting(known)
    assert not known.none


@pytest.mark.parametrize("other", [{"state": "query-coord"}, {"join_state": "wait-join"}, {"join_state": "steady"}])
def test_one_that_gets_on_or_has_no_coordinator_to_go_on_with_is_left_alone(other: dict[str, str]) -> None:
    known = Known()
    for _ in range(3):
        for _ in range(PATIENCE - 1):
            assert not waiting(known)
        assert not waiting(known, **other)
