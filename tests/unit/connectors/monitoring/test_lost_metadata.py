"""Whether a client knows of any broker, by its statistics."""

from typing import Any

import pytest

from connectors.monitoring.lost_metadata import (
    METADATA_STALL_SAMPLES,
    NO_BROKER_SAMPLES,
    LostMetadata,
)
from tests.fakes.statistics_documents import document

COORDINATOR = ("logical", "TRY_CONNECT")
UNTRIED = ("learned", "INIT")


def told(known: LostMetadata, *brokers: tuple[str, str], age: float = 3) -> bool:
    """Whether it has forgotten them, after one more document with brokers of these sources, and in
    these states for `age` seconds.
    """
    found: Any = document("consumer")
    found["brokers"] = {
        str(number): {"source": source, "state": state, "stateage": int(age * 1e6)}
        for number, (source, state) in enumerate(brokers)
    }
    known.observe(found)
    return known.brokers_forgotten


def test_the_brokers_of_a_real_document_are_known() -> None:
    known = LostMetadata()
    for kind in ("consumer", "producer"):
        for _ in range(2 * NO_BROKER_SAMPLES):
            known.observe(document(kind))
        assert not known.brokers_forgotten


@pytest.mark.parametrize(
    "brokers",
    [[], [COORDINATOR], [COORDINATOR, ("internal", "UP")], [UNTRIED, UNTRIED, COORDINATOR]],
)
def test_forgotten_when_for_some_seconds_there_is_none_but_the_coordinator_or_none_is_tried(
    brokers: list[tuple[str, str]],
) -> None:
    known = LostMetadata()
    for _ in range(NO_BROKER_SAMPLES - 1):
        assert not told(known, *brokers)
    assert told(known, *brokers)


@pytest.mark.parametrize(
    "broker",
    [("learned", "TRY_CONNECT"), ("configured", "CONNECT"), ("learned", "UP"), ("learned", "DOWN")],
)
def test_one_that_is_tried_now_and_then_is_not_forgotten(broker: tuple[str, str]) -> None:
    known = LostMetadata()
    for _ in range(3):
        for _ in range(NO_BROKER_SAMPLES - 1):
            assert not told(known, UNTRIED, COORDINATOR)
        assert not told(known, UNTRIED, broker, COORDINATOR)


def test_the_bootstrap_servers_that_an_outage_brings_back_each_second_are_known() -> None:
    """Each time they are new, and untried for the moment: seen with three brokers killed and
    metadata.recovery.strategy=rebootstrap.
    """
    known = LostMetadata()
    for _ in range(2 * NO_BROKER_SAMPLES):
        assert not told(known, ("configured", "INIT"), ("configured", "INIT"), age=0.5)


def waiting(known: LostMetadata, state: str = "up", join_state: str = "wait-metadata") -> bool:
    """Whether its question is left unanswered, after one more document with its group in these
    states.
    """
    found: Any = document("consumer")
    found["cgrp"] |= {"state": state, "join_state": join_state}
    known.observe(found)
    return known.metadata_unanswered


def test_a_consumer_that_waits_long_for_its_topics_metadata_is_not_answered_any_more() -> None:
    known = LostMetadata()
    for _ in range(METADATA_STALL_SAMPLES - 1):
        assert not waiting(known)
    assert waiting(known)
    assert not known.brokers_forgotten


@pytest.mark.parametrize(
    "other", [{"state": "query-coord"}, {"join_state": "wait-join"}, {"join_state": "steady"}]
)
def test_one_that_gets_on_or_has_no_coordinator_to_go_on_with_is_left_alone(
    other: dict[str, str],
) -> None:
    known = LostMetadata()
    for _ in range(3):
        for _ in range(METADATA_STALL_SAMPLES - 1):
            assert not waiting(known)
        assert not waiting(known, **other)
