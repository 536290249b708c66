"""The actuator's endpoints through Flask's test client: no sockets, no task, only its handle."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from actuator.http.responses import JSON, V2, V3
from runtime.control.status import TaskState
from tests.fakes.actuator.actuator_app import App
from tests.support.verify.health_states import AWAY

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
def test_accept_chooses_media_type(app: App, accept: str | None, media_type: str) -> None:
    answer = app.get("/actuator/health", accept)
    assert (answer.status_code, answer.content_type) == (200, media_type)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/plain", None),
        ("application/xml", None),
        (f"{JSON};q=0", None),
        ("text/html", "text/html;charset=UTF-8"),
    ],
)
def test_unacceptable_is_406(app: App, accept: str, content_type: str | None) -> None:
    answer = app.get("/actuator/health", accept)
    assert (answer.status_code, answer.content_type) == (406, content_type)


# errors and methods


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/actuator/nope",
        "/actuator/health/",
        "/actuator/env",
        "/actuator/shutdown",
        "/shutdown",
    ],
)
def test_unexposed_paths_are_404(app: App, path: str) -> None:
    answer = app.get(path)
    assert (answer.status_code, answer.content_type) == (404, JSON)
    body = answer.get_json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", body.pop("timestamp"))
    assert body == {"status": 404, "error": "Not Found", "path": path}


def test_html_error_escapes_path(app: App) -> None:
    answer = app.get("/<script>", "text/html")
    assert (answer.status_code, answer.content_type) == (404, "text/html;charset=UTF-8")
    assert "&lt;script&gt;" in answer.text


def test_double_slash_is_400(app: App) -> None:
    assert (
        app.client.get("/", environ_overrides={"REQUEST_URI": "//actuator/health"}).status_code
        == 400
    )
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
def test_other_methods_are_405(path: str, allow: str) -> None:
    app = App(exposure_include=("*",), endpoint_accesses={"shutdown.access": "unrestricted"})
    options = app.client.options(path)
    assert (options.status_code, options.headers["Allow"], options.data) == (200, allow, b"")
    refused = app.client.delete(path)
    assert (refused.status_code, refused.headers["Allow"], refused.get_json()["error"]) == (
        405,
        allow,
        "Method Not Allowed",
    )
    assert "DELETE" not in allow


def test_head_is_get_without_body(app: App) -> None:
    answer = app.client.head("/actuator/health")
    assert (answer.status_code, answer.content_type, answer.data) == (200, V3, b"")


def test_internal_error_is_logged(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.handle.publish("not a status")  # type: ignore[arg-type]  # the fault
    answer = app.get("/actuator/health")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "Internal Server Error")
    assert "Traceback" not in answer.text
    assert "AttributeError" in caplog.text


# links and exposure


def test_links_name_all_exposed(app: App) -> None:
    links = app.get("http://example:8080/actuator").get_json()["_links"]
    assert links == {
        "self": {"href": "http://example:8080/actuator", "templated": False},
        "bindings": {"href": "http://example:8080/actuator/bindings", "templated": False},
        "bindings-name": {
            "href": "http://example:8080/actuator/bindings/{name}",
            "templated": True,
        },
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
def test_exposure_picks_endpoints(
    include: tuple[str, ...], exclude: tuple[str, ...], expected: set[str]
) -> None:
    app = App(exposure_include=include, exposure_exclude=exclude)
    assert {
        name
        for name in ("bindings", "health", "info")
        if app.get(f"/actuator/{name}").status_code == 200
    } == expected


# info


def test_info_is_a_property_tree() -> None:
    app = App(
        info_env_enabled=True,
        info={"app.name": "n", "app.version": "1", "app": "hidden", "team": "t"},
    )
    assert app.get("/actuator/info").get_json() == {
        "app": {"name": "n", "version": "1"},
        "team": "t",
    }


def test_info_answers_in_every_task_state(app: App) -> None:
    for state in TaskState:
        app.set(state, AWAY)
        assert app.get("/actuator/info").status_code == 200


# shutdown


def sent(answer: TestResponse) -> Any:
    """The answer's JSON, once the server is done with sending it."""
    body = answer.get_json()
    answer.close()
    return body


def test_data_flow_shutdown_needs_no_body() -> None:
    app = App(endpoints_shutdown_enabled=True)
    answer = app.client.post("/shutdown", data={}, headers={"Accept": "text/plain"})
    assert (answer.status_code, answer.content_type) == (200, JSON)
    assert app.stops == []
    assert sent(answer) == {"message": "Shutting down, bye..."}
    assert app.stops == ["POST /shutdown"]


def test_boot_shutdown_is_opt_in() -> None:
    for settings in (
        {"endpoints_enabled": {"shutdown.enabled": True}},
        {"exposure_include": ("*",)},
    ):
        assert App(**settings).client.post("/actuator/shutdown").status_code == 404
    app = App(endpoints_enabled={"shutdown.enabled": True}, exposure_include=("shutdown",))
    answer = app.client.post("/actuator/shutdown")
    assert (answer.status_code, answer.content_type) == (200, V3)
    assert sent(answer) == {"message": "Shutting down, bye..."}
    assert app.stops == ["POST /actuator/shutdown"]


def test_unacceptable_shutdown_does_nothing() -> None:
    app = App(endpoints_enabled={"shutdown.enabled": True}, exposure_include=("shutdown",))
    answer = app.client.post("/actuator/shutdown", headers={"Accept": "text/plain"})
    answer.close()
    assert (answer.status_code, app.stops) == (406, [])
