"""The actuator's app over a task handle of its own, for tests that need no socket."""

from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from actuator.app import main_app, management_app
from config import Settings
from runtime.control.status import Issue, TargetState, TaskHandle, TaskState, TaskStatus
from runtime.lifecycle import Lifecycle

STATES = {
    TargetState.STOP: TaskState.STOPPED,
    TargetState.START: TaskState.RUNNING,
    TargetState.PAUSE: TaskState.PAUSED,
    TargetState.RESUME: TaskState.RUNNING,
}


class ObedientHandle(TaskHandle):
    """Its task obeys each command at once."""

    def send(self, target: TargetState) -> None:
        super().send(target)
        self.publish(replace(self.status, state=STATES[target]))


class App:
    """A client of the app, the handle and the lifecycle behind it, and what it did to them."""

    def __init__(self, *, own_port: bool = False, **settings: Any) -> None:
        defaults = {"input_destinations": ("in",), "output_destination": "out", "group": "g"}
        self.handle = ObedientHandle()
        self.handle.publish(TaskStatus(TaskState.RUNNING, partitions=(("in", 0), ("in", 1))))
        self.lifecycle = Lifecycle()
        self.stops: list[str] = []
        self.lifecycle.on_stop(self.stops.append)
        make = management_app if own_port else main_app
        self.client = make(
            Settings(**(defaults | settings)), self.handle, self.lifecycle
        ).test_client()

    def get(
        self, path: str, accept: str | None = None, user: tuple[str, str] | None = None
    ) -> TestResponse:
        return self.client.get(path, headers={"Accept": accept} if accept else {}, auth=user)

    def post(
        self, path: str, body: Any = None, user: tuple[str, str] | None = None
    ) -> TestResponse:
        return self.client.post(path, json=body, auth=user)

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_json()

    def set(self, state: TaskState, *troubles: Issue) -> None:
        self.handle.publish(TaskStatus(state, troubles=troubles))

    def targets(self) -> list[TargetState]:
        return list(iter(self.handle.next_command, None))
