"""Registration at Spring Boot Admin, against a server that answers as the real one does."""

import base64
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

import actuator
import config
from actuator.boot_admin import Registration, instance
from config import Settings
from runtime.lifecycle import Lifecycle
from runtime.status import Board
from tests.support.children import free_port
from tests.support.waiting import wait_for


class Server:
    """What was asked of it, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, Any] | None, str | None]] = []
        self.status, self.answer = 201, b'{"id":"4711"}'
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                outer.requests.append((self.command, self.path, json.loads(body or "null"), self.headers["Authorization"]))
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.answer)

            def do_DELETE(self) -> None:
                outer.requests.append((self.command, self.path, None, self.headers["Authorization"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing: requests are looked at by the tests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def settings(**what: Any) -> Settings:
    values: dict[str, Any] = {"application_name": "label", "boot_admin_host_type": "host_name", "server_port": 0}
    return Settings(**(values | what))


def test_it_registers_again_and_again_and_deregisters_at_the_end(server: Server) -> None:
    lifecycle = Lifecycle()
    given = settings(boot_admin_urls=(server.url,), boot_admin_period=0.1, boot_admin_deregisters=True)
    port = actuator.serve(given, Board(), lifecycle)
    wait_for(lambda: len(server.requests) >= 3, 30, "three registrations")
    method, path, body, _ = server.requests[-1]
    assert (method, path) == ("POST", "/instances")
    assert body
    assert body["name"] == "label"
    assert body["managementUrl"].endswith(f":{port}/actuator")
    assert body == server.requests[0][2]  # else the server would take it for another instance
    lifecycle.stop("the test")
    wait_for(lambda: server.requests[-1][:2] == ("DELETE", "/instances/4711"), 30, "the end")


def test_without_a_url_nothing_registers(server: Server) -> None:
    for given in (settings(), settings(boot_admin_urls=(server.url,), boot_admin_enabled=False)):
        actuator.serve(given, Board(), Lifecycle())
    assert [thread for thread in threading.enumerate() if thread.name == "boot-admin"] == []


def test_the_first_server_that_answers_counts(server: Server) -> None:
    registration = Registration(
        settings(boot_admin_urls=(f"http://127.0.0.1:{free_port()}", server.url), boot_admin_api_path="/api/"), Lifecycle(), 1, None
    )
    registration.register()
    assert [path for _, path, _, _ in server.requests] == ["/api"]


def test_credentials_are_sent_and_not_told(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    given = settings(boot_admin_urls=(server.url,), boot_admin_user="me", boot_admin_password=SecretStr("s3cret"))
    Registration(given, Lifecycle(), 1, None).register()
    server.status = 401
    Registration(given, Lifecycle(), 1, None).register()
    assert server.requests[0][3] == "Basic " + base64.b64encode(b"me:s3cret").decode()
    assert "401" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(("status", "answer"), [(500, b""), (201, b"no json"), (201, b"[]"), (201, b"{}")])
def test_what_goes_wrong_is_told_once(server: Server, caplog: pytest.LogCaptureFixture, status: int, answer: bytes) -> None:
    caplog.set_level(logging.INFO)
    registration = Registration(settings(boot_admin_urls=(server.url,)), Lifecycle(), 1, None)
    good, (server.status, server.answer) = (server.status, server.answer), (status, answer)
    for _ in range(3):
        registration.register()
    assert len(caplog.messages) == 1
    assert server.url in caplog.messages[0]
    server.status, server.answer = good
    for _ in range(3):
        registration.register()
    assert len(caplog.messages) == 2
    assert "registered" in caplog.messages[1]


@pytest.mark.parametrize(
    ("given", "management_port", "urls"),
    [
        ({}, None, ("http://HOST:1/", "http://HOST:1/actuator")),
        ({"context_path": "/app"}, None, ("http://HOST:1/app/", "http://HOST:1/app/actuator")),
        ({"management_context_path": "/m"}, 2, ("http://HOST:1/", "http://HOST:2/m/actuator")),
        ({"boot_admin_service_base_url": "https://lb"}, None, ("https://lb/", "https://lb/actuator")),
        ({"boot_admin_management_base_url": "https://lb:9"}, 2, ("http://HOST:1/", "https://lb:9/actuator")),
        ({"actuator_base_path": "/manage"}, None, ("http://HOST:1/", "http://HOST:1/manage")),
    ],
)
def test_the_urls(
    given: dict[str, Any], management_port: int | None, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    found = instance(settings(**given), 1, management_port)
    assert (found["serviceUrl"], found["managementUrl"]) == urls
    assert found["healthUrl"] == f"{urls[1]}/health"


def test_the_settings() -> None:
    given = {
        "spring.boot.admin.client.url": "http://a:1/, https://b/admin",
        "spring.boot.admin.client.instance.metadata.user.name": "me",
        "spring.boot.admin.client.instance.metadata.tags.environment": "prod",
    }
    loaded = config.load([f"--{name}={value}" for name, value in given.items()], {})
    assert loaded.boot_admin_urls == ("http://a:1", "https://b/admin")
    metadata = instance(loaded, 1, None)["metadata"]
    assert metadata["user.name"] == "me"
    assert metadata["tags.environment"] == "prod"
    assert "startup" in metadata
    with pytest.raises(config.SettingsError, match=r"spring\.boot\.admin\.client\.url"):
        config.load(["--spring.boot.admin.client.url=file:///etc/passwd"], {})
