"""Health in every state of a task."""

import pytest

from runtime.control.status import Issue, TaskState
from tests.fakes.actuator.actuator_app import App
from tests.support.verify.health_states import AWAY, HEALTH


@pytest.mark.parametrize("state", TaskState)
def test_health_of_every_state(app: App, state: TaskState) -> None:
    app.set(state)
    for path, status in zip(("", "/liveness", "/readiness"), HEALTH[state], strict=True):
        answer = app.get(f"/actuator/health{path}")
        assert answer.get_json()["status"] == status
        assert answer.status_code == (200 if status in ("UP", "UNKNOWN") else 503)


def test_missing_broker_fails_readiness() -> None:
    app = App(health_show_details="always")
    app.set(TaskState.RUNNING, AWAY)
    answer = app.get("/actuator/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "UNKNOWN")
    kafka = app.get("/actuator/health/binders/kafka").get_json()
    assert kafka["status"] == "UNKNOWN"
    assert kafka["details"]["troubles"] == [
        {"what": AWAY.what, "since": "2023-11-14T22:13:20.500+00:00"}
    ]
    assert app.get("/actuator/health/liveness").status_code == 200
    assert app.get("/actuator/health/readiness").status_code == 503


def test_other_problem_leaves_health_up() -> None:
    app = App(health_show_details="always")
    app.set(TaskState.RUNNING, Issue("no dead letter topic", since=0))
    kafka = app.get("/actuator/health/binders/kafka").get_json()
    assert (kafka["status"], kafka["details"]["troubles"][0]["what"]) == (
        "UP",
        "no dead letter topic",
    )


def test_stop_is_out_of_service_not_down(app: App) -> None:
    app.lifecycle.request_stop("test")
    assert app.get("/actuator/health/readiness").status_code == 503
    app.set(TaskState.ENDED)
    assert app.get("/actuator/health/liveness").status_code == 200


def test_details_hidden_by_default(app: App) -> None:
    assert app.get("/actuator/health").get_json() == {
        "status": "UP",
        "groups": ["liveness", "readiness"],
    }
    hidden = app.get("/actuator/health/binders")
    assert (hidden.status_code, hidden.data) == (404, b"")
    assert "Content-Type" not in hidden.headers


def test_details_when_shown() -> None:
    app = App(health_show_details="always", health_probes_enabled=False)
    body = app.get("/actuator/health").get_json()
    assert body.keys() == {"status", "components"}
    assert body["components"].keys() == {"binders", "diskSpace", "ping"}
    assert body["components"]["binders"]["components"]["kafka"] == {
        "status": "UP",
        "details": {
            "topicsInUse": ["out", "in"],
            "listenerContainers": [
                {
                    "isPaused": False,
                    "listenerId": (
                        "KafkaConsumerDestination{consumerDestinationName='in', "
                        "partitions=2, dlqName='error.in.g'}.container"
                    ),
                    "isRunning": True,
                    "groupId": "g",
                    "isStoppedAbnormally": False,
                }
            ],
        },
    }
    assert app.get("/actuator/health/liveness").status_code == 404
    assert app.get("/actuator/health/ping").get_json() == {"status": "UP"}
    assert app.get("/actuator/health/diskSpace").get_json()["details"]["exists"] is True
    for unknown in ("nope", "binders/nope", "binders/kafka/nope"):
        assert app.get(f"/actuator/health/{unknown}").status_code == 404
