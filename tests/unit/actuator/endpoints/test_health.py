"""How health is shown, grouped and mapped, beyond what the task's state decides."""

import time
from typing import Any

import pytest

from actuator.endpoints.health import Group
from actuator.endpoints.indicators import Component
from actuator.http.responses import V2
from runtime.control.status import Issue, TaskState, TaskStatus
from tests.fakes.actuator.actuator_app import App

REFUSED = Issue("kafka:9092 refuses the credentials", since=0, broker_away=True, refused=True)
AWAY = Issue("broker kafka:9092 cannot be reached", since=0, broker_away=True)


def test_v2_calls_components_details() -> None:
    app = App(health_show_details="always")
    body = app.get("/actuator/health", V2).get_json()
    assert body.keys() == {"status", "details", "groups"}
    assert body["details"]["binders"]["details"]["kafka"]["details"]["topicsInUse"] == ["out", "in"]


def test_components_without_details() -> None:
    app = App(health_show_components="always")
    body = app.json("/actuator/health")
    assert body["components"]["binders"] == {
        "status": "UP",
        "components": {"kafka": {"status": "UP"}},
    }
    assert app.json("/actuator/health/diskSpace") == {"status": "UP"}


def test_details_without_components_are_hidden() -> None:
    app = App(health_show_components="never", health_show_details="always")
    assert app.json("/actuator/health") == {"status": "UP", "groups": ["liveness", "readiness"]}


def test_indicators_can_be_switched_off() -> None:
    app = App(
        health_show_details="always", health_binders_enabled=False, health_disk_space_enabled=False
    )
    assert app.json("/actuator/health")["components"].keys() == {"livenessState", "ping"}
    assert (
        "ping"
        not in App(health_show_details="always", health_ping_enabled=False).json(
            "/actuator/health"
        )["components"]
    )


def test_groups_can_be_added_and_changed() -> None:
    app = App(
        health_groups={
            "ops.include": "binders, ping",
            "ops.exclude": "ping",
            "ops.show-components": "always",
            "readiness.include": "*",
            "readiness.showDetails": "always",
        }
    )
    assert app.json("/actuator/health")["groups"] == ["liveness", "ops", "readiness"]
    assert app.json("/actuator/health/ops") == {
        "status": "UP",
        "components": {"binders": {"status": "UP", "components": {"kafka": {"status": "UP"}}}},
    }
    assert app.json("/actuator/health/ops/binders/kafka") == {"status": "UP"}
    assert app.get("/actuator/health/ops/ping").status_code == 404
    assert app.json("/actuator/health/readiness")["components"].keys() == {
        "binders",
        "diskSpace",
        "livenessState",
        "ping",
        "readinessState",
    }
    assert app.json("/actuator/health/liveness") == {"status": "UP"}


def test_empty_group_is_unknown() -> None:
    app = App(health_groups={"none.include": "nope"})
    assert app.json("/actuator/health/none") == {"status": "UNKNOWN"}


@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [
        ({}, "UNKNOWN", 200),
        ({"health_broker_away": "down"}, "DOWN", 503),
        ({"health_http_mapping": {"unknown": 500}}, "UNKNOWN", 500),
        ({"health_broker_away": "down", "health_http_mapping": {"unknown": 500}}, "DOWN", 200),
        ({"health_status_order": ("down", "out-of-service", "up", "unknown")}, "UP", 200),
    ],
)
def test_status_order_and_mapping(settings: dict[str, Any], status: str, code: int) -> None:
    app = App(**settings)
    app.set(TaskState.RUNNING, AWAY)
    answer = app.get("/actuator/health")
    assert (answer.get_json()["status"], answer.status_code) == (status, code)


def test_refusing_broker_keeps_liveness() -> None:
    app = App(health_show_details="always")
    app.set(TaskState.BINDING, REFUSED)
    answer = app.get("/actuator/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "DOWN")
    assert REFUSED.what in answer.text
    assert app.get("/actuator/health/liveness").status_code == 200


@pytest.mark.parametrize(
    ("state", "silent", "alive"),
    [
        (TaskState.RUNNING, 119, True),  # a slow function
        (TaskState.RUNNING, 121, False),  # Kafka has given the member up
        (TaskState.PAUSED, 121, False),
        (TaskState.STARTING, 121, True),
        (TaskState.DRAINING, 121, True),  # the stop's own deadline decides
    ],
)
def test_overlong_record_fails_liveness(state: TaskState, silent: float, *, alive: bool) -> None:
    app = App(
        health_show_details="always", binder_consumer_properties={"max.poll.interval.ms": "120000"}
    )
    app.handle.publish(TaskStatus(state, published=time.monotonic() - silent))
    answer = app.get("/actuator/health/liveness")
    assert (answer.status_code == 200) is alive
    assert ("max.poll.interval.ms" in answer.text) is not alive


def test_failed_task_stays_down() -> None:
    app = App()
    app.set(TaskState.FAILED)
    app.lifecycle.fail()
    assert app.get("/actuator/health/liveness").status_code == 503


def test_probe_paths_answer() -> None:
    app = App(health_additional_paths=True)
    app.set(TaskState.RUNNING, AWAY)
    assert app.get("/livez").get_json() == {"status": "UP"}
    assert (app.get("/readyz").status_code, app.get("/readyz").get_json()) == (
        503,
        {"status": "OUT_OF_SERVICE"},
    )
    assert App().get("/livez").status_code == 404
    assert (
        App(health_additional_paths=True, health_probes_enabled=False).get("/livez").status_code
        == 404
    )


def test_group_of_component_part() -> None:
    """`binders/kafka` is the part of the component binders.

    What is excluded is left out at any depth.
    """
    whole = {
        "binders": Component(components={"kafka": Component(), "other": Component()}),
        "ping": Component(),
    }
    part = Group(("binders/kafka", "ping"), (), "", "").members(whole)
    assert {name: set(each.components) for name, each in part.items()} == {
        "binders": {"kafka"},
        "ping": set(),
    }
    rest = Group(("*",), ("binders/kafka",), "", "").members(whole)
    assert set(rest["binders"].components) == {"other"}
