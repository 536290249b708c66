"""Whether a client knows of any broker, by its statistics."""

from typing import Any

from connectors.known import Known
from tests.unit.statistics_documents import document


def told(known: Known, *sources: str) -> bool:
    """Whether it has forgotten them, after one more document with brokers of these sources."""
    found: Any = document("consumer")
    found["brokers"] = {str(number): {"source": source} for number, source in enumerate(sources)}
    known.take(found)
    return known.none


def test_the_brokers_of_a_real_document_are_known() -> None:
    known = Known()
    for kind in ("consumer", "producer"):
        for _ in range(3):
            known.take(document(kind))
        assert not known.none


def test_forgotten_when_two_documents_in_a_row_have_none_but_the_coordinator() -> None:
    known = Known()
    assert not told(known, "learned", "logical")
    assert not told(known, "logical")
    assert told(known, "logical", "internal")
    assert told(known)


def test_one_that_goes_back_to_its_bootstrap_servers_knows_none_for_a_moment() -> None:
    known = Known()
    for _ in range(3):
        assert not told(known, "logical")
        assert not told(known, "configured", "logical")
