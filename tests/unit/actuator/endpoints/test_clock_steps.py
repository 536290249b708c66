"""A step of the wall clock changes no age of a task's status."""

import time
from datetime import UTC, datetime

import pytest

from runtime.control.merge import merge_statuses
from runtime.control.status import TaskState, TaskStatus
from tests.fakes.actuator.actuator_app import App

HOUR = 3600.0


@pytest.mark.parametrize("step", [HOUR, -HOUR])
@pytest.mark.parametrize("silent", [0.0, 400.0])
def test_clock_step_changes_no_age(
    monkeypatch: pytest.MonkeyPatch, step: float, silent: float
) -> None:
    app = App(health_show_details="always")
    status = TaskStatus(TaskState.RUNNING, published=time.monotonic() - silent)
    app.handle.publish(merge_statuses([TaskStatus(TaskState.RUNNING), status]))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + step)
    code = 503 if silent else 200
    assert app.get("/actuator/health/liveness").status_code == code
    assert ("no record moves" in app.get("/actuator/health/binders").text) is bool(silent)


def test_stuck_task_is_dated_by_wall_clock() -> None:
    app = App(health_show_details="always")
    app.handle.publish(TaskStatus(TaskState.RUNNING, published=time.monotonic() - 400))
    body = app.get("/actuator/health/liveness").get_json()
    (trouble,) = body["components"]["livenessState"]["details"]["troubles"]
    since = datetime.fromisoformat(trouble["since"])
    assert 399 < (datetime.now(UTC) - since).total_seconds() < 420
