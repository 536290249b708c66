"""What a request may not do.

Exhaust the processor, read a secret, or act for another site's page.
"""

import logging
import re
import resource
import threading
import time

import pytest

import config
from actuator.endpoints import env, loggers
from config.errors import MASK
from tests.fakes.actuator.loaded_app import SECRET, loaded


def peak_memory() -> int:
    """KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# F1, patterns


@pytest.mark.parametrize(
    "pattern",
    [
        "a{999999999}",
        "(?:a{1000}){1000}",
        "((a{99}){99}){99}",
        "a{2,100}b{99}",
        "(?:ab){e<=99}",
        r"\p{L}",
        "(?R)",
        "(?P<x>a)(?&x)",
        "(?<=a)b",
        "x" * (env.PATTERN_LENGTH + 1),
        "(" * 5000,
    ],
)
def test_costly_pattern_is_400(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = loaded(exposure_include=("env",))
    monkeypatch.setattr(
        "actuator.endpoints.env.regex.compile", lambda *_, **__: pytest.fail("it was compiled")
    )
    before = peak_memory()
    assert app.client.get("/actuator/env", query_string={"pattern": pattern}).status_code == 400
    assert peak_memory() - before < 10_000


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "((a?){9}){9}b", "(.*)*x(.*)*y"]
)
def test_slow_pattern_is_cut_off(pattern: str) -> None:
    app = loaded(
        *(f"--info.{'a' * 40}{number}!=1" for number in range(50)), exposure_include=("env",)
    )
    began = time.thread_time()
    status = app.client.get("/actuator/env", query_string={"pattern": pattern}).status_code
    assert status in (200, 400)
    assert time.thread_time() - began < 30 * env.PATTERN_TIME_S  # it would take hours


def test_patterns_are_searched_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = loaded(exposure_include=("env",))
    running = threading.Lock()
    monkeypatch.setattr("actuator.endpoints.env._SEARCHING", running)
    with running:
        assert app.get("/actuator/env?pattern=port").status_code == 429
        assert app.get("/actuator/env").status_code == 200
    assert app.get("/actuator/env?pattern=port").status_code == 200
    assert not running.locked()


@pytest.mark.parametrize(
    "pattern",
    ["port$", "^server[.]", r"server\.port", "(?:server|spring).port", "(?i)SERVER", "p.{2}t", ""],
)
def test_plain_pattern_is_searched(pattern: str) -> None:
    body = loaded("--server.port=1", exposure_include=("env",)).client.get(
        "/actuator/env", query_string={"pattern": pattern}
    )
    assert "server.port" in body.get_json()["propertySources"][0]["properties"]


def test_long_name_has_no_lookup() -> None:
    app = loaded(exposure_include=("env",))
    assert app.get(f"/actuator/env/{'a.b-' * 4000}").status_code == 404


# F2, loggers


@pytest.mark.parametrize("name", ["a." * 7500 + "a", "a" * 201, "a." * 20 + "a", "a%0Ab"])
def test_long_logger_name_is_400(name: str) -> None:
    app = loaded(exposure_include=("loggers",))
    before = len(logging.root.manager.loggerDict)
    assert app.post(f"/actuator/loggers/{name}", {"configuredLevel": "INFO"}).status_code == 400
    assert app.get(f"/actuator/loggers/{name}").status_code == 400
    assert len(logging.root.manager.loggerDict) == before


def test_requests_make_few_loggers() -> None:
    app = loaded(exposure_include=("loggers",))
    statuses = [
        app.post(
            f"/actuator/loggers/made.by.request{number}", {"configuredLevel": "INFO"}
        ).status_code
        for number in range(loggers.MADE_BY_REQUESTS + 50)
    ]
    assert (statuses.count(204), statuses.count(400)) == (loggers.MADE_BY_REQUESTS, 50)
    assert (
        app.post("/actuator/loggers/made.by.request0", {"configuredLevel": "WARN"}).status_code
        == 204
    )
    assert app.post("/actuator/loggers/werkzeug", {"configuredLevel": None}).status_code == 204


def test_missing_level_creates_no_logger() -> None:
    app = loaded(exposure_include=("loggers",))
    assert (
        app.post("/actuator/loggers/never.seen.before", {"configuredLevel": None}).status_code
        == 204
    )
    assert "never.seen.before" not in logging.root.manager.loggerDict


# F3, info


def test_info_is_empty_by_default() -> None:
    environ = {"INFO_TEAM": "mine", "INFO_DB_PASSWORD": SECRET}
    assert loaded("--info.app.name=n", environ=environ).json("/actuator/info") == {}


@pytest.mark.parametrize(
    "name",
    [
        "db.password",
        "db.pwd",
        "db.pasword",
        "smtp.auth",
        "api-key",
        "db.user.info",
        "jwt.signature",
    ],
)
def test_info_masks_secret_names(name: str) -> None:
    body = loaded(
        "--management.info.env.enabled=true", f"--info.{name}={SECRET}", "--info.app.name=n"
    ).get("/actuator/info")
    assert body.get_json()["app"] == {"name": "n"}
    assert MASK in body.text
    assert SECRET not in body.text


# F9, other sites


# E15, paths in settings

PATHS = [
    "management.endpoints.web.base-path",
    "server.servlet.context-path",
    "management.server.base-path",
]


@pytest.mark.parametrize(
    "path",
    [
        "/<path:x>/",
        "/<x",
        "/a>",
        "/{x}",
        "/*",
        "/a?b",
        "/a#b",
        "/a%2Fb",
        "//host",
        "/a//b",
        "/../x",
        "/a b",
        "/\n",
    ],
)
@pytest.mark.parametrize("name", [*PATHS, "management.endpoints.web.path-mapping.health"])
def test_path_with_pattern_fails(name: str, path: str) -> None:
    if name.endswith("health"):
        path = path.replace("//host", "a//host")
    with pytest.raises(config.SettingsError, match=rf"^{re.escape(name)}: .* allowed is a path"):
        loaded(f"--{name}={path}")


@pytest.mark.parametrize("mapped", ["healthz", "/healthz", "a/b", "é", "a.b-c_d~"])
def test_plain_mapping_is_served(mapped: str) -> None:
    app = loaded(
        f"--management.endpoints.web.path-mapping.health={mapped}",
        "--management.endpoints.web.base-path=/m/n/",
    )
    assert app.get(f"/m/n/{mapped.strip('/')}").status_code == 200


@pytest.mark.parametrize(("name", "other"), [("health", "info"), ("env", "/loggers/")])
def test_duplicate_endpoint_path_is_refused(name: str, other: str) -> None:
    with pytest.raises(config.SettingsError, match="have the same path"):
        loaded(f"--management.endpoints.web.path-mapping.{name}={other}")
    mapped = f"--management.endpoints.web.path-mapping.{other.strip('/')}=elsewhere"
    loaded(f"--management.endpoints.web.path-mapping.{name}={other}", mapped)


# E5, TLS


@pytest.mark.parametrize(
    "name",
    [
        "server.ssl.enabled",
        "server.ssl.bundle",
        "server.ssl.key-store-password",
        "management.server.ssl.certificate",
    ],
)
def test_tls_is_never_dropped(name: str) -> None:
    with pytest.raises(
        config.SettingsError,
        match=rf"^{re.escape(name)} \(the command line\) is not allowed: .* sidecar",
    ) as refused:
        loaded(f"--{name}={'true' if name.endswith('enabled') else SECRET}")
    assert SECRET not in str(refused.value)
    variable = name.replace("-", "").replace(".", "_").upper()
    with pytest.raises(config.SettingsError, match=variable):
        loaded(environ={variable: "true"})


def test_disabled_tls_is_accepted() -> None:
    assert (
        loaded("--server.ssl.enabled=false", "--server.ssl.key-store=x")
        .get("/actuator/info")
        .status_code
        == 200
    )
