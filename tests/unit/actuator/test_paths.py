"""Where endpoints are and which exist.

Base path, path mapping, context paths, an own port, access, discovery.
"""

import pytest

from config import Settings
from tests.fakes.actuator.actuator_app import App


def test_base_path_and_mappings_combine() -> None:
    app = App(
        context_path="/app", actuator_base_path="/manage", path_mapping={"health": "/healthz"}
    )
    assert app.get("/app/manage/healthz").status_code == 200
    assert app.get("/app/manage/healthz/liveness").status_code == 200
    assert app.get("/app/manage/health").status_code == 404
    assert app.get("/actuator/info").status_code == 404
    links = app.json("/app/manage")["_links"]
    assert links["self"]["href"] == "http://localhost/app/manage"
    assert links["health-path"]["href"] == "http://localhost/app/manage/healthz/{*path}"


def test_at_root_there_is_no_links_page() -> None:
    app = App(actuator_base_path="")
    assert app.get("/info").status_code == 200
    assert app.get("/").status_code == 404


def test_discovery_can_be_off() -> None:
    app = App(discovery_enabled=False)
    assert [app.get(path).status_code for path in ("/actuator", "/actuator/info")] == [404, 200]


@pytest.mark.parametrize("port", [-1, 0, 9090])
def test_own_port_moves_actuator(port: int) -> None:
    main = App(management_port=port, endpoints_shutdown_enabled=True, health_additional_paths=True)
    assert [
        main.get(path).status_code for path in ("/actuator", "/actuator/info", "/livez", "/readyz")
    ] == [404, 404, 200, 200]
    assert main.post("/shutdown").status_code == 200
    own = App(
        own_port=True,
        management_port=port,
        management_context_path="/m",
        context_path="/app",
        health_additional_paths=True,
    )
    assert [own.get(path).status_code for path in ("/m/actuator/info", "/livez", "/shutdown")] == [
        200,
        404,
        404,
    ]


def test_same_port_is_no_own_port() -> None:
    assert Settings(server_port=9090, management_port=9090).own_management_port is None
    assert Settings(server_port=0, management_port=0).own_management_port == 0
    assert App(server_port=9090, management_port=9090).get("/actuator/info").status_code == 200


@pytest.mark.parametrize(
    ("settings", "endpoint", "access"),
    [
        ({}, "loggers", "unrestricted"),
        ({}, "shutdown", "none"),
        ({"default_access": "read-only"}, "loggers", "read-only"),
        ({"default_access": "unrestricted"}, "shutdown", "unrestricted"),
        (
            {"default_access": "none", "endpoint_accesses": {"loggers.access": "read-only"}},
            "loggers",
            "read-only",
        ),
        ({"enabled_by_default": False}, "loggers", "none"),
        ({"enabled_by_default": True}, "shutdown", "unrestricted"),
        (
            {"enabled_by_default": False, "endpoints_enabled": {"loggers.enabled": True}},
            "loggers",
            "unrestricted",
        ),
        (
            {
                "endpoints_enabled": {"loggers.enabled": True},
                "endpoint_accesses": {"loggers.access": "none"},
            },
            "loggers",
            "none",
        ),
    ],
)
def test_access_of_an_endpoint(settings: dict[str, object], endpoint: str, access: str) -> None:
    assert Settings.model_validate(settings).access(endpoint) == access


def test_read_only_access_refuses_writes() -> None:
    app = App(exposure_include=("*",), default_access="read-only")
    for path in ("/actuator/bindings/input", "/actuator/loggers/ROOT"):
        refused = app.post(path, {"state": "STOPPED"})
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET,HEAD,OPTIONS")
        assert app.get(path).status_code == 200
    assert app.post("/actuator/shutdown").status_code == 404
    assert app.targets() == []


def test_no_access_is_404() -> None:
    app = App(exposure_include=("*",), endpoints_enabled={"health.enabled": False})
    assert app.get("/actuator/health").status_code == 404
    assert "health" not in app.json("/actuator")["_links"]
