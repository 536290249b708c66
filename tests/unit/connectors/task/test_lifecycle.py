"""Target states that are asked for while a stop is not finished."""

from typing import Any, cast

import pytest

from connectors.commit.partition_offsets import KEEP_ALIVE_S
from connectors.task.lifecycle import TaskLifecycle
from runtime.control.status import TargetState, TaskState
from tests.fakes.consume.group import Joined


def test_start_keeps_offsets_alive_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop has ended the keep-alive, and an outage has ended the stop."""
    joined, now, unused = Joined(joins=False), 1000.0, cast("Any", None)
    for module in ("committer", "partition_offsets"):
        monkeypatch.setattr(f"connectors.commit.{module}.monotonic", lambda: now)
    joined.assignment.is_fixed = True
    joined.committer.keep_alive({("in", 0): 5})
    joined.committer.end_keep_alive()
    lifecycle = TaskLifecycle(
        binding=unused,
        brokers=unused,
        subscription=unused,
        assignment=joined.assignment,
        membership=joined.membership,
        committer=joined.committer,
        backpressure=unused,
        output=unused,
        lifecycle=unused,
        auto_start=False,
        state=TaskState.RUNNING,
    )
    lifecycle.apply(TargetState.START)
    assert not joined.committer.pending
    now += KEEP_ALIVE_S
    assert joined.committer.pending
