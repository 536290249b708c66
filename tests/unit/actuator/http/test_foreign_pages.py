"""A page of another origin may read, but change nothing."""

from typing import Any

import pytest

from actuator.http.responses import V3
from tests.fakes.actuator.actuator_app import App

FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "https://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:81"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]

OWN = [
    {},
    {"Origin": "http://localhost"},
    {"Origin": "https://LOCALHOST:443"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://admin"},
]

WRITES = ["/shutdown", "/actuator/shutdown", "/actuator/bindings/input", "/actuator/loggers/ROOT"]


def writable(**settings: Any) -> App:
    return App(
        exposure_include=("*",),
        endpoint_accesses={"shutdown.access": "unrestricted"},
        endpoints_shutdown_enabled=True,
        **settings,
    )


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", WRITES)
def test_foreign_page_changes_nothing(path: str, headers: dict[str, str]) -> None:
    app = writable()
    answer = app.client.post(path, json={"state": "STOPPED"}, headers=headers)
    answer.close()
    assert answer.status_code == 403
    assert (app.stops, app.targets()) == ([], [])


@pytest.mark.parametrize("headers", OWN)
@pytest.mark.parametrize("path", WRITES)
def test_other_clients_may_change(path: str, headers: dict[str, str]) -> None:
    answer = writable().client.post(path, json={"state": "STOPPED"}, headers=headers)
    assert answer.status_code in (200, 204)


def test_admin_page_may_change() -> None:
    app = writable(boot_admin_urls=("http://admin:80/context",))
    post = {"json": {"state": "STOPPED"}, "content_type": V3}
    assert (
        app.client.post(
            "/actuator/bindings/input", headers={"Origin": "http://admin"}, **post
        ).status_code
        == 204
    )
    assert (
        app.client.post(
            "/actuator/bindings/input", headers={"Origin": "http://admin:81"}, **post
        ).status_code
        == 403
    )


@pytest.mark.parametrize("headers", FOREIGN)
def test_foreign_page_may_read(headers: dict[str, str]) -> None:
    answer = writable().client.get("/actuator/health", headers=headers)
    assert answer.status_code == 200
    # And so the browser keeps it from the page.
    assert "Access-Control-Allow-Origin" not in answer.headers
