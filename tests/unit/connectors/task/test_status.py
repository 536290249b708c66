"""What a task reports when a commit or a transactional.id does not come."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors.monitoring.stalled_processing import STALLED_S
from connectors.task.status import StatusReporter
from runtime.control.status import Counters, TaskState


def trouble(
    state: TaskState,
    monkeypatch: pytest.MonkeyPatch,
    *,
    batches_flow: bool = False,
    pending: bool = True,
) -> str:
    """After a sample a second for longer than work may make no progress."""
    now = 1000.0
    monkeypatch.setattr("connectors.monitoring.stalled_processing.monotonic", lambda: now)
    parts: dict[str, Any] = dict.fromkeys(
        (
            "handle",
            "task_lifecycle",
            "record_consumer",
            "stalled_input",
            "output",
            "assignment",
            "retry_policy",
        )
    )
    parts["brokers"] = SimpleNamespace(trouble=None)
    parts["committer"] = SimpleNamespace(pending=pending, interval=0.5)
    parts["binding"] = SimpleNamespace(partitions={"in": 1})
    parts["stats"] = SimpleNamespace(in_progress=False)
    reporter = StatusReporter(**cast("Any", parts))
    for second in range(round(STALLED_S) + 3):
        now += 1
        reporter._observe_outstanding(state, Counters(batches=second if batches_flow else 0))
    return reporter.stalled_commit.trouble.what if reporter.stalled_commit.trouble else ""


def test_refused_commits_while_records_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "a commit are not answered, or are refused" in trouble(
        TaskState.RUNNING, monkeypatch, batches_flow=True
    )


def test_transactional_id_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not give out the transactional.id" in trouble(TaskState.BINDING, monkeypatch)


@pytest.mark.parametrize("state", [TaskState.RUNNING, TaskState.BINDING])
def test_nothing_to_commit(state: TaskState, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trouble(state, monkeypatch, pending=False) == ""
