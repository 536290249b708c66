"""Every error the client can report is sorted, and has a reason and a consequence."""

import itertools
from typing import Any

import pytest
from confluent_kafka import KafkaError

from connectors.commit.outage_tracker import _WAIT
from connectors.commit.transaction_recovery import _FENCED
from connectors.errors import lookup, table
from connectors.errors.client_exceptions import ClientError, PermissionDeniedError
from connectors.errors.table import (
    ABOUT_A_RECORD,
    LOST_PRODUCER,
    NOTHING_WRONG,
    PERSON,
    UNEXPECTED,
    Client,
    Remedy,
)
from connectors.produce.record_producer import _PURGED

CODES = {
    name: value for name in dir(KafkaError) if isinstance(value := getattr(KafkaError, name), int)
}
UNKNOWN_CODE = 9_999


def test_every_code_has_a_row() -> None:
    """A client that brings a new code fails here: put it into the table."""
    assert {name for name, code in CODES.items() if code not in lookup.codes()} == set()
    assert lookup.codes() == set(CODES.values())


def test_no_code_has_two_rows() -> None:
    rows: list[Any] = [table._CLUSTER_MOVES, table._GROUP_MOVES, table._TRANSACTION_MOVES]
    rows += [NOTHING_WRONG, LOST_PRODUCER, ABOUT_A_RECORD, set(PERSON), UNEXPECTED]
    for one, other in itertools.combinations(rows, 2):
        assert not set(one) & set(other)


def test_code_without_a_row() -> None:
    assert all(lookup.remedy(UNKNOWN_CODE, client) is Remedy.NONE for client in Client)


@pytest.mark.parametrize(
    ("codes", "client", "remedies"),
    [
        (_WAIT, Client.CONSUMER, {Remedy.WAIT}),
        (_FENCED | _PURGED, Client.PRODUCER, {Remedy.NEW_CLIENT}),
        (PermissionDeniedError.NEEDED, Client.CONSUMER, {Remedy.PERSON}),
    ],
    ids=["answers", "producer", "permissions"],
)
def test_other_sets_agree(codes: Any, client: Client, remedies: set[Remedy]) -> None:
    assert {lookup.remedy(code, client) for code in codes} == remedies


@pytest.mark.parametrize("code", sorted(CODES.values()))
@pytest.mark.parametrize("text", ["", "ConsumerGroupDescribe: ", None])
def test_no_reason_is_empty(code: int, text: str | None) -> None:
    reason = lookup.reason(KafkaError(code) if text is None else KafkaError(code, text))
    assert reason.strip()
    assert not reason.endswith(":")


@pytest.mark.parametrize("code", sorted(PERSON))
def test_line_says_what_to_look_at(code: int) -> None:
    assert PERSON[code] in str(ClientError(KafkaError(code)))


def test_cause_of_a_fatal_error() -> None:
    text = (
        "Fatal error: Broker: The assignor or its version range is not supported by the consumer "
        "group: "
        "ConsumerGroupHeartbeat fatal error: Broker: The assignor or its version range is not "
        "supported by the consumer group"
    )
    error = KafkaError(KafkaError._FATAL, text)
    assert lookup.cause(error) == KafkaError.UNSUPPORTED_ASSIGNOR
    assert "UNSUPPORTED_ASSIGNOR); see group.remote.assignor" in str(ClientError(error))
