"""--check asks again while the cluster starts, and always reports a result.

The admin client is a stand-in.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException

import config
from config import Settings
from connectors.preflight import broker_probe, join
from connectors.preflight.checks import check
from connectors.preflight.join import find_obstacle
from connectors.preflight.transactions import try_transactional_id

PASSING = [
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_CONTROLLER,
    KafkaError._WAIT_COORD,
]
WITHOUT_A_TEXT = "ConsumerGroupDescribe: "


def answer(result: object) -> Future[Any]:
    future: Future[Any] = Future()
    if isinstance(result, KafkaException):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


class Cluster:
    """An admin client whose broker answers all that it is asked.

    For the group only after these errors, without a text.
    """

    def __init__(self, codes: Sequence[int]) -> None:
        self._left = list(codes)

    def poll(self, _: float) -> int:
        return 0

    def list_topics(self, topic: str = "", **_: float) -> object:
        return SimpleNamespace(
            topics={topic: SimpleNamespace(error=None, partitions=[0])} if topic else {}
        )

    def describe_cluster(self, **_: float) -> Future[Any]:
        return answer(SimpleNamespace(nodes=[1]))

    def describe_topics(self, topics: Any, **_: object) -> dict[str, Future[Any]]:
        return {
            name: answer(SimpleNamespace(partitions=[0], authorized_operations=None))
            for name in topics.topic_names
        }

    def describe_consumer_groups(self, groups: list[str], **_: object) -> dict[str, Future[Any]]:
        if self._left:
            return {
                groups[0]: answer(KafkaException(KafkaError(self._left.pop(0), WITHOUT_A_TEXT)))
            }
        return {groups[0]: answer(SimpleNamespace(members=[], authorized_operations=None))}


def found(
    codes: Sequence[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[bool, str]:
    """Whether all works, and what is said of the group."""
    cluster = Cluster(codes)
    monkeypatch.setattr(broker_probe, "AdminClient", lambda *_, **__: cluster)
    monkeypatch.setattr(broker_probe, "PAUSE_S", 0.0, raising=False)
    settings = Settings(input_destinations=("in",), output_destination="out", group="g")
    works = check(settings, ["reverse"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if " group g:" in line]
    return works, line.strip()


@pytest.mark.parametrize("code", PASSING)
def test_passing_state_is_awaited(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a cluster that nobody has used yet: its coordinator is not there at first."""
    assert found([code] * 3, monkeypatch, capsys) == (True, "ok     group g: 0 member(s)")


def test_lasting_passing_state_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(broker_probe, "TRANSIENT_TIMEOUT_S", 0.0, raising=False)
    line = "FAILED group g: ConsumerGroupDescribe: Broker: Coordinator not available"
    assert found(PASSING, monkeypatch, capsys) == (False, line)


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.UNSUPPORTED_VERSION,
        KafkaError.INVALID_GROUP_ID,
    ],
)
def test_lasting_state_fails(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found([code], monkeypatch, capsys) == (
        False,
        f"FAILED group g: ConsumerGroupDescribe: {KafkaError(code).str()}",
    )


# The client's own library decides about these, when it is made.
UNKNOWN_SUITE = (
    "--spring.cloud.stream.kafka.binder.brokers=127.0.0.1:1",
    "--spring.kafka.security.protocol=SSL",
    "--spring.kafka.properties.ssl.cipher.suites=TLS_FOO_WITH_BAR",
    "--spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix=tx",
)


def test_admin_client_that_cannot_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    """The line says so, as at a start."""
    assert not check(config.load(UNKNOWN_SUITE, {}), [])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "FAILED" in line]
    assert line.startswith("  FAILED broker 127.0.0.1:1: Failed to create admin client: ssl.cipher")


def test_other_clients_that_cannot_be_made() -> None:
    settings = config.load(UNKNOWN_SUITE, {})
    error = try_transactional_id(settings, "tx-0.check")
    assert error is not None
    assert "Failed to create producer: ssl.cipher.suites" in error.str()
    assert "Failed to create consumer: ssl.cipher.suites" in find_obstacle(
        settings, "g", "t", is_substitute=False
    )


class Unanswered(Consumer):
    """A consumer that is not told the offset of one of two partitions."""

    def list_topics(self, topic: str, **_: float) -> Any:  # type: ignore[override]  # all are given
        return SimpleNamespace(topics={topic: SimpleNamespace(partitions=[0, 1])})

    def committed(self, *_: object) -> Any:
        code = KafkaError.TOPIC_AUTHORIZATION_FAILED
        return [
            SimpleNamespace(partition=0, offset=OFFSET_INVALID, error=None),
            SimpleNamespace(partition=1, offset=OFFSET_INVALID, error=KafkaError(code)),
        ]


def test_unanswered_offset_is_not_reported_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "Consumer", Unanswered)
    settings = config.load(
        (
            "--spring.cloud.stream.kafka.binder.brokers=127.0.0.1:1",
            "--spring.kafka.properties.auto.offset.reset=none",
        ),
        {},
    )
    obstacle = find_obstacle(settings, "g", "t", is_substitute=False)
    assert obstacle.startswith("Broker: Topic authorization failed; see ")
