"""The turns of a task, without a broker."""

import pytest

from config import Settings
from connectors.consume import partition_ends
from connectors.task.stream_task import StreamTask
from connectors.task.wiring import build_parts
from runtime.control.status import TaskHandle, TaskState
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle


def test_stop_with_fixed_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stay assigned, and the consumer is closed before the last status."""
    monkeypatch.setattr(partition_ends, "REFRESH_PAUSED_S", 0.0)
    monkeypatch.setattr(partition_ends, "TIMEOUT_S", 0.01)
    lifecycle = Lifecycle()
    parts = build_parts(Settings(binder_brokers=("127.0.0.1:1",)), TaskHandle(), lifecycle)
    monkeypatch.setattr(parts.brokers, "mark_down", lambda _: None)
    task = StreamTask(parts)
    # As assign() does, without requests that no broker answers.
    parts.assignment.is_fixed = True
    parts.assignment.assigned.add(("in", 0))
    monkeypatch.setattr(parts.membership, "_join", lambda: None)
    monkeypatch.setattr(parts.membership, "_static_member", None)
    parts.task_lifecycle.state = TaskState.RUNNING
    lifecycle.request_stop("the end of the test")
    with pytest.raises(StopIteration):
        task.next_batch()
    assert parts.task_lifecycle.state is TaskState.ENDED
    assert lifecycle.exit_code == Exit.OK
