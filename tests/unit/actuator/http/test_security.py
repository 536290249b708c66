"""Who may do what, once users are set."""

from typing import Any

import pytest
from pydantic import SecretStr

from tests.fakes.actuator.actuator_app import App
from tests.fakes.actuator.loaded_app import loaded

ADMIN = ("admin", "pässword:with colon")
USERS: dict[str, Any] = {"admin_user": ADMIN[0], "admin_password": SecretStr(ADMIN[1])}
WRONG = [None, ("admin", "wrong"), ("wrong", ADMIN[1]), ("", ""), ("admin", ""), ("user", ADMIN[1])]


def secured(**settings: Any) -> App:
    return App(
        **{"exposure_include": ("*",), "endpoint_accesses": {"shutdown.access": "unrestricted"}}
        | USERS
        | settings
    )


@pytest.mark.parametrize("user", WRONG)
def test_data_flow_paths_are_open(user: tuple[str, str] | None) -> None:
    app = secured(health_additional_paths=True)
    for path in (
        "/actuator",
        "/actuator/health",
        "/actuator/health/readiness",
        "/actuator/info",
        "/actuator/bindings/input",
        "/livez",
    ):
        assert app.get(path, user=user).status_code == 200
    assert app.get("/nope", user=user).status_code == 404


@pytest.mark.parametrize("user", WRONG)
def test_rest_and_posts_need_user(user: tuple[str, str] | None) -> None:
    app = secured()
    refused = [
        app.get(f"/actuator/{name}", user=user)
        for name in ("env", "configprops", "loggers", "threaddump", "loggers/ROOT")
    ]
    refused += [
        app.post(f"/actuator/{path}", {"state": "STOPPED"}, user=user)
        for path in ("bindings/input", "loggers/ROOT", "shutdown")
    ]
    for answer in refused:
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
            401,
            'Basic realm="Realm"',
        )
        assert answer.get_json()["error"] == "Unauthorized"
    assert (app.targets(), app.stops) == ([], [])


def test_user_may_do_everything() -> None:
    app = secured()
    assert app.get("/actuator/env", user=ADMIN).status_code == 200
    assert app.post("/actuator/bindings/input", {"state": "STOPPED"}, user=ADMIN).status_code == 204
    app.post("/actuator/shutdown", user=ADMIN).close()
    assert app.stops == ["POST /actuator/shutdown"]


def test_springs_own_user_may_too() -> None:
    app = App(exposure_include=("*",), user_password=SecretStr("s"))
    assert [app.get("/actuator/env", user=user).status_code for user in (None, ("user", "s"))] == [
        401,
        200,
    ]


@pytest.mark.parametrize("name", ["user", "admin"])
def test_password_without_encoding_logs_in(name: str) -> None:
    """As in Spring, {noop} says that the text behind it is the password."""
    app = loaded(
        "--spring.security.user.password={noop}pass:word",
        "--spring.cloud.streamapp.security.admin-user=admin",
        "--spring.cloud.streamapp.security.admin-password={noop}pass:word",
        "--management.endpoints.web.exposure.include=*",
        security_enabled=True,
    )
    answers = [
        app.get("/actuator/env", user=(name, password)).status_code
        for password in ("pass:word", "{noop}pass:word", "")
    ]
    assert answers == [200, 401, 401]


@pytest.mark.parametrize(
    "settings",
    [{"security_enabled": False}, {"admin_password": None}, {"admin_user": None}],
    ids=str,
)
def test_no_user_means_no_login(settings: dict[str, Any]) -> None:
    app = secured(**settings)
    assert app.get("/actuator/env").status_code == 200
    assert app.post("/actuator/bindings/input", {"state": "STOPPED"}).status_code == 204


def test_data_flow_shutdown_needs_no_user() -> None:
    app = secured(endpoints_shutdown_enabled=True)
    app.post("/shutdown").close()
    assert app.stops == ["POST /shutdown"]


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic YQ==", "Basic /////w==", "Bearer x", "Digest username=admin", "é"],
)
def test_broken_credentials_grant_nothing(header: str) -> None:
    app = secured()
    for path, status in (("/actuator/health", 200), ("/actuator/env", 401)):
        assert app.client.get(path, headers={"Authorization": header}).status_code == status


def test_details_when_authorized() -> None:
    app = secured(health_show_details="when-authorized", env_show_values="when-authorized")
    assert "components" not in app.get("/actuator/health").get_json()
    assert app.get("/actuator/health/ping").status_code == 404
    assert "components" in app.get("/actuator/health", user=ADMIN).get_json()
    assert app.get("/actuator/health/ping", user=ADMIN).status_code == 200
