"""Errors that come while the task recovers from another one."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from config import Settings
from connectors.errors.client_exceptions import FetchStalledError, ProducerError
from connectors.task.wiring import build_parts
from runtime.control.status import TaskHandle, TaskState
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle

OUTDATED = KafkaException(KafkaError(KafkaError._OUTDATED))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OUTDATED, "the Kafka client has failed: Local: Outdated (_OUTDATED)"),
        (RuntimeError("secret"), "RuntimeError"),
    ],
)
def test_error_of_recovery_ends_with_line(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Raised through Bytewax, the error would be a page of its traceback."""

    def fail(_: float) -> None:
        raise error

    lifecycle = Lifecycle()
    parts = build_parts(Settings(binder_brokers=("127.0.0.1:1",)), TaskHandle(), lifecycle)
    monkeypatch.setattr(parts.committer, "recover", lambda _: True)
    monkeypatch.setattr(parts.backpressure, "poll_paused", fail)
    assert not parts.recovery.recovers_from(ProducerError(KafkaError(KafkaError._FATAL)), {})
    assert parts.task_lifecycle.state is TaskState.FAILED
    assert lifecycle.exit_code == Exit.FAILED
    (logged,) = [
        each.message
        for each in caplog.records
        if (each.name, each.levelname) == ("processor.lifecycle", "ERROR")
    ]
    assert line in logged
    assert "secret" not in logged
    parts.membership.close(awaits_join=False)


def test_new_consumer_is_not_announced_as_start(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parts = build_parts(Settings(binder_brokers=("127.0.0.1:1",)), TaskHandle(), Lifecycle())
    monkeypatch.setattr(parts.committer, "on_consumer_replaced", lambda: None)
    assert parts.recovery.recovers_from(FetchStalledError("in-0", 120), {})
    assert (
        "the consumer has not read in-0 for 120 s (python-processor.client-call-timeout), "
        "a new consumer goes on in its place: nothing is lost"
    ) in caplog.text
    parts.membership.close(awaits_join=False)
