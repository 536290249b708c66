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


def reported(known: LostMetadata, *brokers: tuple[str, str], age: float = 3) -> bool:
    """Whether the brokers count as forgotten after one more document with these sources.

    The brokers have been in these states for `age` seconds.
    """
    found: Any = document("consumer")
    found["brokers"] = {
        str(number): {"source": source, "state": state, "stateage": int(age * 1e6)}
        for number, (source, state) in enumerate(brokers)
    }
    known.observe(found)
    return known.brokers_forgotten


def test_real_document_has_known_brokers() -> None:
    known = LostMetadata()
    for kind in ("consumer", "producer"):
        for _ in range(2 * NO_BROKER_SAMPLES):
            known.observe(document(kind))
        assert not known.brokers_forgotten


@pytest.mark.parametrize(
    "brokers",
    [[], [COORDINATOR], [COORDINATOR, ("internal", "UP")], [UNTRIED, UNTRIED, COORDINATOR]],
)
def test_brokers_are_forgotten_after_samples(
    brokers: list[tuple[str, str]],
) -> None:
    known = LostMetadata()
    for _ in range(NO_BROKER_SAMPLES - 1):
        assert not reported(known, *brokers)
    assert reported(known, *brokers)


@pytest.mark.parametrize(
    "broker",
    [("learned", "TRY_CONNECT"), ("configured", "CONNECT"), ("learned", "UP"), ("learned", "DOWN")],
)
def test_occasional_attempt_means_known(broker: tuple[str, str]) -> None:
    known = LostMetadata()
    for _ in range(3):
        for _ in range(NO_BROKER_SAMPLES - 1):
            assert not reported(known, UNTRIED, COORDINATOR)
        assert not reported(known, UNTRIED, broker, COORDINATOR)


def test_returned_bootstrap_servers_are_known() -> None:
    """Each time they are new, and untried for the moment.

    Seen with three brokers killed and metadata.recovery.strategy=rebootstrap.
    """
    known = LostMetadata()
    for _ in range(2 * NO_BROKER_SAMPLES):
        assert not reported(known, ("configured", "INIT"), ("configured", "INIT"), age=0.5)


def waiting(known: LostMetadata, state: str = "up", join_state: str = "wait-metadata") -> bool:
    """Whether the question counts as unanswered after one more document in these states."""
    found: Any = document("consumer")
    found["cgrp"] |= {"state": state, "join_state": join_state}
    known.observe(found)
    return known.metadata_unanswered


def test_long_metadata_wait_is_unanswered() -> None:
    known = LostMetadata()
    for _ in range(METADATA_STALL_SAMPLES - 1):
        assert not waiting(known)
    assert waiting(known)
    assert not known.brokers_forgotten


@pytest.mark.parametrize(
    "other", [{"state": "query-coord"}, {"join_state": "wait-join"}, {"join_state": "steady"}]
)
def test_progressing_consumer_is_answered(
    other: dict[str, str],
) -> None:
    known = LostMetadata()
    for _ in range(3):
        for _ in range(METADATA_STALL_SAMPLES - 1):
            assert not waiting(known)
        assert not waiting(known, **other)
