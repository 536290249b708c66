"""docs/errors.md is current, and what becomes of each error agrees with the one table of errors."""

import pytest
from confluent_kafka import KafkaError

from connectors.errors.lookup import remedy
from connectors.errors.table import Client, Remedy
from tests.fakes.error_parties import CODES, LATER, NO_ERRORS, PARTIES, Outcome
from tests.support.processor import REPOSITORY
from tests.unit.connectors.errors.outcomes import outcomes, page

PAGE = REPOSITORY / "docs" / "errors.md"
CLIENTS = {
    "delivery": Client.PRODUCER,
    "transaction": Client.PRODUCER,
    "admin client": Client.ADMIN,
}
PASSES = (Remedy.WAIT, Remedy.NEW_CLIENT)


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, int], Outcome]:
    return {(party, code): outcome for party, code, outcome in outcomes()}


def test_page_is_current() -> None:
    assert PAGE.read_text() == page() + "\n", "run: make docs"


def test_every_error_has_outcome(found: dict[tuple[str, int], Outcome]) -> None:
    assert found.keys() == {
        (party, code) for party in PARTIES for code in CODES if code not in NO_ERRORS
    }


@pytest.mark.parametrize("party", PARTIES)
def test_last_line_names_the_error(party: str, found: dict[tuple[str, int], Outcome]) -> None:
    for code in CODES:
        outcome = found.get((party, code), Outcome("no error"))
        assert bool(outcome.line) == bool(outcome.exit_code) == (outcome.what in ("ends", LATER)), (
            code,
            outcome,
        )
        reason = KafkaError(code).str()
        assert (
            not outcome.line or KafkaError(code).name() in outcome.line or reason in outcome.line
        ), outcome


@pytest.mark.parametrize(
    "party",
    ["consumer, joining", "consumer, member", "commit", "callback", "delivery", "admin client"],
)
def test_outcome_matches_the_table(party: str, found: dict[tuple[str, int], Outcome]) -> None:
    """What passes does not end the process the first time, and nothing else is waited for."""
    other = {
        # Comes in the place of a record, or as an exception, as well.
        ("callback", KafkaError._FATAL),
        ("admin client", KafkaError.TOPIC_ALREADY_EXISTS),  # another instance was faster
        ("commit", KafkaError.FENCED_INSTANCE_ID),  # the consumer reports it at its next poll
    }
    for code in {code for who, code in found if who == party and (party, code) not in other}:
        outcome, wanted = found[party, code], remedy(code, CLIENTS.get(party, Client.CONSUMER))
        if party == "delivery" and wanted is Remedy.RECORD:
            assert "dead letter" in outcome.what
        else:
            assert (outcome.what != "ends") == (wanted in PASSES), (code, outcome)


@pytest.mark.parametrize("party", ["transaction", "transaction, fatal"])
def test_no_transaction_is_retried_for_ever(
    party: str, found: dict[tuple[str, int], Outcome]
) -> None:
    """Of errors that do not pass, the second without a commit in between ends the process."""
    for (who, code), outcome in found.items():
        if who == party and remedy(code, Client.PRODUCER) not in PASSES:
            assert outcome.exit_code, (code, outcome)


def test_waiting_reader_is_not_up(found: dict[tuple[str, int], Outcome]) -> None:
    for (party, code), outcome in found.items():
        if (
            party in ("consumer, joining", "admin client")
            and not outcome.exit_code
            and code != KafkaError.TOPIC_ALREADY_EXISTS
        ):
            assert outcome.health == "UNKNOWN, readiness 503", (party, code, outcome)
