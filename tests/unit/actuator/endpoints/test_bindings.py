"""Bindings, and changes of their state."""

import pytest

from actuator.http.responses import JSON, V2
from runtime.control.status import TargetState, TaskState
from tests.fakes.actuator.actuator_app import App
from tests.support.verify.health_states import AWAY

# bindings


def test_inputs_precede_the_output() -> None:
    app = App(input_destinations=("a", "b"), group="")
    listed = app.get("/actuator/bindings").get_json()
    assert [(each["bindingName"], each["name"], each["input"]) for each in listed] == [
        ("input", "a", True),
        ("input", "b", True),
        ("output", "out", False),
    ]
    assert [each["group"] for each in listed] == [None, None, None]
    assert app.get("/actuator/bindings/input").get_json() == listed[:2]
    assert app.get("/actuator/bindings/nope").get_json() == []


def test_multiplexed_input_is_one_binding() -> None:
    app = App(input_destinations=("a", "in"), multiplex=True, health_show_details="always")
    (binding, _) = app.json("/actuator/bindings")
    assert (binding["name"], binding["extension"]["enableDlq"]) == ("a,in", True)
    destination = (
        "KafkaConsumerDestination{consumerDestinationName='a,in', partitions=2, "
        "dlqName='error.a.g,error.in.g'}"
    )
    assert binding["extendedInfo"]["bindingDestination"] == destination
    details = app.json("/actuator/health/binders/kafka")["details"]
    assert [each["listenerId"] for each in details["listenerContainers"]] == [
        f"{destination}.container"
    ]
    assert details["topicsInUse"] == ["out", "a", "in"]


STATES = {
    TaskState.STARTING: ("stopped", "stopped"),
    TaskState.BINDING: ("stopped", "stopped"),
    TaskState.JOINING: ("stopped", "running"),
    TaskState.RUNNING: ("running", "running"),
    TaskState.PAUSED: ("paused", "running"),
    TaskState.STOPPED: ("stopped", "stopped"),
    TaskState.DRAINING: ("stopped", "running"),
    TaskState.ENDED: ("stopped", "stopped"),
    TaskState.FAILED: ("stopped", "stopped"),
}


@pytest.mark.parametrize("state", TaskState)
def test_each_task_state_has_its_binding_state(app: App, state: TaskState) -> None:
    app.set(state)
    listed = app.get("/actuator/bindings").get_json()
    assert tuple(each["state"] for each in listed) == STATES[state]
    assert [each["paused"] for each in listed] == [state is TaskState.PAUSED, False]
    assert all("error" not in each for each in listed)


def test_binding_shows_its_configuration() -> None:
    app = App(
        input_destinations=("a",),
        dlq_partitions=2,
        start_offset="latest",
        back_off_initial_interval=0.25,
        input_configuration={
            "fetch.min.bytes": "1",
            "sasl.jaas.config": "secret",
            "security.protocol": "PLAINTEXT",
        },
    )
    binding = app.json("/actuator/bindings/input")[0]
    assert binding["extension"] == {
        "startOffset": "latest",
        "enableDlq": True,
        "dlqName": None,
        "dlqPartitions": 2,
        "configuration": {
            "fetch.min.bytes": "1",
            "sasl.jaas.config": "******",
            "security.protocol": "PLAINTEXT",
        },
    }
    assert binding["extendedInfo"]["bindingDestination"].endswith("dlqName='error.a.g'}")
    assert binding["extendedInfo"]["ExtendedConsumerProperties"]["backOffInitialInterval"] == 250
    for settings in ({"group": ""}, {"enable_dlq": False}):
        binding = App(**settings).json("/actuator/bindings/input")[0]
        assert binding["extension"]["enableDlq"] is False
        assert binding["extendedInfo"]["bindingDestination"].endswith("dlqName='null'}")


def test_unbound_binding_says_why(app: App) -> None:
    app.set(TaskState.BINDING, AWAY)
    assert [each["error"] for each in app.get("/actuator/bindings").get_json()] == [AWAY.what] * 2


@pytest.mark.parametrize("target", TargetState)
def test_commands_reach_the_input(app: App, target: TargetState) -> None:
    for state in (target.value, target.value.lower()):
        answer = app.client.post("/actuator/bindings/input", json={"state": state})
        assert (answer.status_code, answer.data) == (204, b"")
        assert "Content-Type" not in answer.headers
    assert app.targets() == [target, target]


def test_output_can_only_be_stopped_or_started(app: App) -> None:
    for target in TargetState:
        assert (
            app.client.post("/actuator/bindings/output", json={"state": target}).status_code == 204
        )
    assert app.targets() == [TargetState.STOP, TargetState.START]


def test_unknown_binding_is_204(app: App) -> None:
    assert app.client.post("/actuator/bindings/Input", json={"state": "STOPPED"}).status_code == 204
    assert app.targets() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"state":"BOGUS"}',
        b'{"state":null}',
        b'{"state":["STOPPED"]}',
        b"[1]",
        b"{",
        b"[" * 9999,
    ],
)
def test_no_or_bad_state_is_400(app: App, body: bytes) -> None:
    assert (
        app.client.post("/actuator/bindings/input", data=body, content_type=JSON).status_code == 400
    )
    assert app.targets() == []


def test_bodies_other_than_json_are_415(app: App) -> None:
    assert app.client.post("/actuator/bindings/input", data={"state": "STOPPED"}).status_code == 415
    assert (
        app.client.post(
            "/actuator/bindings/input", data=b'{"state":"STOPPED"}', content_type=V2
        ).status_code
        == 204
    )
