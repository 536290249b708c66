"""--check asks again while the cluster is on its way, and never says nothing."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

import connectors.check
from config import Settings
from connectors.check import Finding, _Asked, _group
from tests.support.children import free_port

PASSING = [
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_CONTROLLER,
    KafkaError._WAIT_COORD,
]


def find(codes: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> Finding:
    """What is said of the group when the broker answers with these errors, without a text, one after the other, and then well."""
    settings = Settings(input_destinations=("in",), output_destination="out", group="g")
    monkeypatch.setattr(connectors.check, "PAUSE_S", 0.0)
    asked, left = _Asked(settings, f"127.0.0.1:{free_port()}"), list(codes)

    def describe(*_: object, **__: object) -> dict[str, Future[Any]]:
        future: Future[Any] = Future()
        if left:
            future.set_exception(KafkaException(KafkaError(left.pop(0), "ConsumerGroupDescribe: ")))
        else:
            future.set_result(type("Group", (), {"members": [], "authorized_operations": None}))
        return {"g": future}

    monkeypatch.setattr(asked.admin, "describe_consumer_groups", describe)
    monkeypatch.setattr(_Asked, "topics", lambda _: [])
    (finding,) = _group(settings, asked)
    return finding


@pytest.mark.parametrize("code", PASSING)
def test_passing_state(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find([code] * 3, monkeypatch) == Finding(works=True, what="group g: 0 member(s)")


def test_passing_state_that_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors.check, "PASSING_S", 0.0)
    finding = find(PASSING, monkeypatch)
    assert finding == Finding(works=False, what="group g: ConsumerGroupDescribe: Broker: Coordinator not available")


def test_lasting_state(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = find([KafkaError.GROUP_AUTHORIZATION_FAILED], monkeypatch)
    assert finding == Finding(works=False, what="group g: ConsumerGroupDescribe: Broker: Group authorization failed")
