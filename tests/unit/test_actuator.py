"""The actuator's endpoints through Flask's test client: no sockets, no lanes, only a board."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from actuator.media import JSON, V2, V3
from runtime.status import LaneState, Trouble, Wish
from tests.unit.actuator_app import App

AWAY = Trouble("broker kafka:9092 cannot be reached", since=1_700_000_000.5, broker_away=True)


@pytest.fixture
def app() -> App:
    return App()


# media types


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, V3),
        ("*/*", V3),
        ("application/*", V3),
        ("application/*+json", V3),
        (JSON, JSON),
        ("application/json;charset=UTF-8", JSON),
        (V2, V2),
        ("text/plain, application/json, application/*+json, */*", JSON),  # Data Flow's client
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", V3),  # a browser
        (f"{V3};q=0.1, {V2};q=0.9", V2),
    ],
)
def test_accept_chooses_the_media_type(app: App, accept: str | None, media_type: str) -> None:
    answer = app.get("/actuator/health", accept)
    assert (answer.status_code, answer.content_type) == (200, media_type)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("text/plain", None), ("application/xml", None), (f"{JSON};q=0", None), ("text/html", "text/html;charset=UTF-8")],
)
def test_unacceptable_is_406(app: App, accept: str, content_type: str | None) -> None:
    answer = app.get("/actuator/health", accept)
    assert (answer.status_code, answer.content_type) == (406, content_type)


# errors and methods


@pytest.mark.parametrize("path", ["/", "/actuator/nope", "/actuator/health/", "/actuator/env", "/actuator/shutdown", "/shutdown"])
def test_unknown_hidden_and_disabled_paths_are_404(app: App, path: str) -> None:
    answer = app.get(path)
    assert (answer.status_code, answer.content_type) == (404, JSON)
    body = answer.get_json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", body.pop("timestamp"))
    assert body == {"status": 404, "error": "Not Found", "path": path}


def test_error_body_for_a_browser_escapes_the_path(app: App) -> None:
    answer = app.get("/<script>", "text/html")
    assert (answer.status_code, answer.content_type) == (404, "text/html;charset=UTF-8")
    assert "&lt;script&gt;" in answer.text


def test_double_slash_is_400_as_springs_firewall_says(app: App) -> None:
    assert app.client.get("/", environ_overrides={"REQUEST_URI": "//actuator/health"}).status_code == 400
    assert app.get("/actuator//health").status_code == 400


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/actuator", "GET,HEAD,OPTIONS"),
        ("/actuator/health", "GET,HEAD,OPTIONS"),
        ("/actuator/bindings/input", "GET,HEAD,POST,OPTIONS"),
        ("/actuator/shutdown", "POST,OPTIONS"),
    ],
)
def test_methods(path: str, allow: str) -> None:
    app = App(exposure_include=("*",), endpoint_accesses={"shutdown.access": "unrestricted"})
    options = app.client.options(path)
    assert (options.status_code, options.headers["Allow"], options.data) == (200, allow, b"")
    refused = app.client.delete(path)
    assert (refused.status_code, refused.headers["Allow"], refused.get_json()["error"]) == (405, allow, "Method Not Allowed")
    assert "DELETE" not in allow


def test_head_is_get_without_body(app: App) -> None:
    answer = app.client.head("/actuator/health")
    assert (answer.status_code, answer.content_type, answer.data) == (200, V3, b"")


def test_a_fault_is_told_in_the_log_and_not_in_the_answer(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.board.post("not a status")  # type: ignore[arg-type]  # the fault
    answer = app.get("/actuator/health")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "Internal Server Error")
    assert "Traceback" not in answer.text
    assert "AttributeError" in caplog.text


# links and exposure


def test_links_name_what_is_exposed(app: App) -> None:
    links = app.get("http://example:8080/actuator").get_json()["_links"]
    assert links == {
        "self": {"href": "http://example:8080/actuator", "templated": False},
        "bindings": {"href": "http://example:8080/actuator/bindings", "templated": False},
        "bindings-name": {"href": "http://example:8080/actuator/bindings/{name}", "templated": True},
        "health": {"href": "http://example:8080/actuator/health", "templated": False},
        "health-path": {"href": "http://example:8080/actuator/health/{*path}", "templated": True},
        "info": {"href": "http://example:8080/actuator/info", "templated": False},
    }


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*",), (), {"bindings", "health", "info"}),
        (("HEALTH", "in-fo"), (), {"health", "info"}),
        (("*",), ("info",), {"bindings", "health"}),
        (("health",), ("*",), set()),
        ((), (), set()),
    ],
)
def test_exposure(include: tuple[str, ...], exclude: tuple[str, ...], expected: set[str]) -> None:
    app = App(exposure_include=include, exposure_exclude=exclude)
    assert {name for name in ("bindings", "health", "info") if app.get(f"/actuator/{name}").status_code == 200} == expected


# info


def test_info_is_the_tree_of_its_properties() -> None:
    app = App(info_env_enabled=True, info={"app.name": "n", "app.version": "1", "app": "hidden", "team": "t"})
    assert app.get("/actuator/info").get_json() == {"app": {"name": "n", "version": "1"}, "team": "t"}


def test_info_answers_whatever_the_lane_does(app: App) -> None:
    for state in LaneState:
        app.set(state, AWAY)
        assert app.get("/actuator/info").status_code == 200


# health

# of health, its liveness and its readiness group
HEALTH = {
    LaneState.STARTING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.BINDING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.JOINING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.RUNNING: ("UP", "UP", "UP"),
    LaneState.PAUSED: ("UP", "UP", "UP"),
    LaneState.STOPPED: ("UP", "UP", "UP"),
    LaneState.DRAINING: ("UP", "UP", "OUT_OF_SERVICE"),
    LaneState.ENDED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
    LaneState.FAILED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
}


@pytest.mark.parametrize("state", LaneState)
def test_health_of_every_state(app: App, state: LaneState) -> None:
    app.set(state)
    for path, status in zip(("", "/liveness", "/readiness"), HEALTH[state], strict=True):
        answer = app.get(f"/actuator/health{path}")
        assert answer.get_json()["status"] == status
        assert answer.status_code == (200 if status in ("UP", "UNKNOWN") else 503)


def test_a_broker_that_is_away_costs_readiness_only_and_is_named() -> None:
    app = App(health_show_details="always")
    app.set(LaneState.RUNNING, AWAY)
    answer = app.get("/actuator/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "UNKNOWN")
    kafka = app.get("/actuator/health/binders/kafka").get_json()
    assert kafka["status"] == "UNKNOWN"
    assert kafka["details"]["troubles"] == [{"what": AWAY.what, "since": "2023-11-14T22:13:20.500+00:00"}]
    assert app.get("/actuator/health/liveness").status_code == 200
    assert app.get("/actuator/health/readiness").status_code == 503


def test_a_trouble_that_is_no_absent_broker_leaves_health_up() -> None:
    app = App(health_show_details="always")
    app.set(LaneState.RUNNING, Trouble("no dead letter topic", since=0))
    kafka = app.get("/actuator/health/binders/kafka").get_json()
    assert (kafka["status"], kafka["details"]["troubles"][0]["what"]) == ("UP", "no dead letter topic")


def test_a_stop_takes_the_processor_out_of_service_but_not_down(app: App) -> None:
    app.lifecycle.stop("test")
    assert app.get("/actuator/health/readiness").status_code == 503
    app.set(LaneState.ENDED)
    assert app.get("/actuator/health/liveness").status_code == 200


def test_details_are_hidden_by_default(app: App) -> None:
    assert app.get("/actuator/health").get_json() == {"status": "UP", "groups": ["liveness", "readiness"]}
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
                    "listenerId": "KafkaConsumerDestination{consumerDestinationName='in', partitions=2, dlqName='error.in.g'}.container",
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


# bindings


def test_bindings_lists_inputs_then_the_output() -> None:
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


def test_multiplexed_destinations_are_one_binding() -> None:
    app = App(input_destinations=("a", "in"), multiplex=True, health_show_details="always")
    (binding, _) = app.json("/actuator/bindings")
    assert (binding["name"], binding["extension"]["enableDlq"]) == ("a,in", True)
    destination = "KafkaConsumerDestination{consumerDestinationName='a,in', partitions=2, dlqName='error.a.g,error.in.g'}"
    assert binding["extendedInfo"]["bindingDestination"] == destination
    details = app.json("/actuator/health/binders/kafka")["details"]
    assert [each["listenerId"] for each in details["listenerContainers"]] == [f"{destination}.container"]
    assert details["topicsInUse"] == ["out", "a", "in"]


STATES = {
    LaneState.STARTING: ("stopped", "stopped"),
    LaneState.BINDING: ("stopped", "stopped"),
    LaneState.JOINING: ("stopped", "running"),
    LaneState.RUNNING: ("running", "running"),
    LaneState.PAUSED: ("paused", "running"),
    LaneState.STOPPED: ("stopped", "stopped"),
    LaneState.DRAINING: ("stopped", "running"),
    LaneState.ENDED: ("stopped", "stopped"),
    LaneState.FAILED: ("stopped", "stopped"),
}


@pytest.mark.parametrize("state", LaneState)
def test_binding_state_of_every_lane_state(app: App, state: LaneState) -> None:
    app.set(state)
    listed = app.get("/actuator/bindings").get_json()
    assert tuple(each["state"] for each in listed) == STATES[state]
    assert [each["paused"] for each in listed] == [state is LaneState.PAUSED, False]
    assert all("error" not in each for each in listed)


def test_a_binding_tells_its_dead_letters_retries_and_configuration() -> None:
    app = App(
        input_destinations=("a",),
        dlq_partitions=2,
        start_offset="latest",
        back_off_initial_interval=0.25,
        input_configuration={"fetch.min.bytes": "1", "sasl.jaas.config": "secret", "security.protocol": "PLAINTEXT"},
    )
    binding = app.json("/actuator/bindings/input")[0]
    assert binding["extension"] == {
        "startOffset": "latest",
        "enableDlq": True,
        "dlqName": None,
        "dlqPartitions": 2,
        "configuration": {"fetch.min.bytes": "1", "sasl.jaas.config": "******", "security.protocol": "PLAINTEXT"},
    }
    assert binding["extendedInfo"]["bindingDestination"].endswith("dlqName='error.a.g'}")
    assert binding["extendedInfo"]["ExtendedConsumerProperties"]["backOffInitialInterval"] == 250
    for settings in ({"group": ""}, {"enable_dlq": False}):
        binding = App(**settings).json("/actuator/bindings/input")[0]
        assert binding["extension"]["enableDlq"] is False
        assert binding["extendedInfo"]["bindingDestination"].endswith("dlqName='null'}")


def test_a_binding_that_is_not_bound_says_why(app: App) -> None:
    app.set(LaneState.BINDING, AWAY)
    assert [each["error"] for each in app.get("/actuator/bindings").get_json()] == [AWAY.what] * 2


@pytest.mark.parametrize("wish", Wish)
def test_wishes_for_the_input(app: App, wish: Wish) -> None:
    for state in (wish.value, wish.value.lower()):
        answer = app.client.post("/actuator/bindings/input", json={"state": state})
        assert (answer.status_code, answer.data) == (204, b"")
        assert "Content-Type" not in answer.headers
    assert app.wishes() == [wish, wish]


def test_the_output_can_be_stopped_and_started_only(app: App) -> None:
    for wish in Wish:
        assert app.client.post("/actuator/bindings/output", json={"state": wish}).status_code == 204
    assert app.wishes() == [Wish.STOP, Wish.START]


def test_an_unknown_binding_is_204_and_moves_nothing(app: App) -> None:
    assert app.client.post("/actuator/bindings/Input", json={"state": "STOPPED"}).status_code == 204
    assert app.wishes() == []


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"state":"BOGUS"}', b'{"state":null}', b'{"state":["STOPPED"]}', b"[1]", b"{", b"[" * 9999]
)
def test_a_missing_or_bad_state_is_400(app: App, body: bytes) -> None:
    assert app.client.post("/actuator/bindings/input", data=body, content_type=JSON).status_code == 400
    assert app.wishes() == []


def test_bodies_other_than_json_are_415(app: App) -> None:
    assert app.client.post("/actuator/bindings/input", data={"state": "STOPPED"}).status_code == 415
    assert app.client.post("/actuator/bindings/input", data=b'{"state":"STOPPED"}', content_type=V2).status_code == 204


# shutdown


def sent(answer: TestResponse) -> Any:
    """The answer's JSON, once the server is done with sending it."""
    body = answer.get_json()
    answer.close()
    return body


def test_data_flows_shutdown_needs_no_body_and_no_accept() -> None:
    app = App(endpoints_shutdown_enabled=True)
    answer = app.client.post("/shutdown", data={}, headers={"Accept": "text/plain"})
    assert (answer.status_code, answer.content_type) == (200, JSON)
    assert app.stops == []
    assert sent(answer) == {"message": "Shutting down, bye..."}
    assert app.stops == ["POST /shutdown"]


def test_boots_shutdown_must_be_enabled_and_exposed() -> None:
    for settings in ({"endpoints_enabled": {"shutdown.enabled": True}}, {"exposure_include": ("*",)}):
        assert App(**settings).client.post("/actuator/shutdown").status_code == 404
    app = App(endpoints_enabled={"shutdown.enabled": True}, exposure_include=("shutdown",))
    answer = app.client.post("/actuator/shutdown")
    assert (answer.status_code, answer.content_type) == (200, V3)
    assert sent(answer) == {"message": "Shutting down, bye..."}
    assert app.stops == ["POST /actuator/shutdown"]


def test_a_shutdown_whose_answer_is_not_acceptable_does_not_happen() -> None:
    app = App(endpoints_enabled={"shutdown.enabled": True}, exposure_include=("shutdown",))
    answer = app.client.post("/actuator/shutdown", headers={"Accept": "text/plain"})
    answer.close()
    assert (answer.status_code, app.stops) == (406, [])
