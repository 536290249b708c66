"""Registration at Spring Boot Admin, against a server that answers as the real one does."""

import base64
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

import actuator
import config
from actuator.boot_admin import Registration, instance
from config import Settings
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle
from tests.fakes.boot_admin_server import Server
from tests.support.children import free_port
from tests.support.waiting import wait_for


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def settings(**what: Any) -> Settings:
    values: dict[str, Any] = {
        "application_name": "label",
        "boot_admin_host_type": "host_name",
        "server_port": 0,
    }
    return Settings(**(values | what))


def test_it_registers_again_and_again_and_deregisters_at_the_end(server: Server) -> None:
    lifecycle = Lifecycle()
    given = settings(
        boot_admin_urls=(server.url,), boot_admin_period=0.1, boot_admin_deregisters=True
    )
    port = actuator.serve(given, TaskHandle(), lifecycle)
    wait_for(lambda: len(server.requests) >= 3, 30, "three registrations")
    method, path, body, _ = server.requests[-1]
    assert (method, path) == ("POST", "/instances")
    assert body
    assert body["name"] == "label"
    assert body["managementUrl"].endswith(f":{port}/actuator")
    assert body == server.requests[0][2]  # else the server would take it for another instance
    lifecycle.request_stop("the test")
    wait_for(lambda: server.requests[-1][:2] == ("DELETE", "/instances/4711"), 30, "the end")


def test_without_a_url_nothing_registers(server: Server) -> None:
    for given in (settings(), settings(boot_admin_urls=(server.url,), boot_admin_enabled=False)):
        actuator.serve(given, TaskHandle(), Lifecycle())
    assert [thread for thread in threading.enumerate() if thread.name == "boot-admin"] == []


def test_the_first_server_that_answers_counts(server: Server) -> None:
    registration = Registration(
        settings(
            boot_admin_urls=(f"http://127.0.0.1:{free_port()}", server.url),
            boot_admin_api_path="/api/",
        ),
        Lifecycle(),
        1,
        None,
    )
    registration.register()
    assert [path for _, path, _, _ in server.requests] == ["/api"]


def test_credentials_are_sent_and_not_told(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(
        boot_admin_urls=(server.url,), boot_admin_user="me", boot_admin_password=SecretStr("s3cret")
    )
    Registration(given, Lifecycle(), 1, None).register()
    server.status = 401
    Registration(given, Lifecycle(), 1, None).register()
    assert server.requests[0][3] == "Basic " + base64.b64encode(b"me:s3cret").decode()
    assert "401" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("status", "answer"), [(500, b""), (201, b"no json"), (201, b"[]"), (201, b"{}")]
)
def test_what_goes_wrong_is_told_once(
    server: Server, caplog: pytest.LogCaptureFixture, status: int, answer: bytes
) -> None:
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


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    server: Server, elsewhere: Server, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    server.status, server.headers = status, {"Location": f"{elsewhere.url}/instances"}
    given = settings(
        boot_admin_urls=(server.url,), boot_admin_user="me", boot_admin_password=SecretStr("s3cret")
    )
    Registration(given, Lifecycle(), 1, None).register()
    assert elsewhere.requests == []
    assert str(status) in caplog.text


GARBAGE = [
    b"",
    b"\x15\x03\x01\x00\x02\x02\x50",
    b"HTTP/9.9 abc def\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000,
    b"HTTP/1.1 200 OK\r\n\r\n" + b'{"id":"' + b"x" * 1_000_000 + b'"}',
    b'HTTP/1.1 200 OK\r\n\r\n{"id":"a\\nERROR forged"}',
    b'HTTP/1.1 200 OK\r\n\r\n{"id":"../../shutdown"}',
    b'HTTP/1.1 200 OK\r\n\r\n{"id":null}',
    b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe\xfd",
    b"HTTP/1.1 500 a\x1b[31mforged\r\n\r\n",
]


@pytest.mark.parametrize("raw", GARBAGE)
def test_garbage_is_one_line_and_no_end(
    server: Server, caplog: pytest.LogCaptureFixture, raw: bytes
) -> None:
    caplog.set_level(logging.INFO)
    good = Registration(settings(boot_admin_urls=(server.url,)), Lifecycle(), 1, None)
    server.raw = raw
    good.register()
    good.register()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].isprintable()
    assert len(caplog.messages[0]) < 500
    server.raw = None
    good.register()
    assert "registered" in caplog.messages[1]


def test_the_thread_outlives_garbage(server: Server) -> None:
    lifecycle = Lifecycle()
    server.raw = GARBAGE[1]
    actuator.serve(
        settings(boot_admin_urls=(server.url,), boot_admin_period=0.1), TaskHandle(), lifecycle
    )
    wait_for(lambda: len(server.requests) >= 3, 30, "three attempts")
    lifecycle.request_stop("the test")


def test_a_url_with_a_password_is_refused() -> None:
    with pytest.raises(
        config.SettingsError, match=r"spring\.boot\.admin\.client\.url.*without user and password"
    ) as refused:
        config.load(["--spring.boot.admin.client.url=http://me:s3cret@admin:8080"], {})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["service-url=http://s:1/x"],
            ("http://s:1/x", "http://s:1/x/actuator", "http://s:1/x/actuator/health"),
        ),
        (
            ["management-url=http://m/a"],
            ("http://HOST:1/", "http://m/a", "http://HOST:1/actuator/health"),
        ),
        (["health-url=http://h/up"], ("http://HOST:1/", "http://HOST:1/actuator", "http://h/up")),
        (
            ["prefer-ip=true"],
            (
                "http://10.0.0.7:1/",
                "http://10.0.0.7:1/actuator",
                "http://10.0.0.7:1/actuator/health",
            ),
        ),
        (
            ["service-host-type=ip"],
            (
                "http://10.0.0.7:1/",
                "http://10.0.0.7:1/actuator",
                "http://10.0.0.7:1/actuator/health",
            ),
        ),
        (
            ["service-path=/p"],
            ("http://HOST:1/p/", "http://HOST:1/p/actuator", "http://HOST:1/p/actuator/health"),
        ),
    ],
)
def test_urls_that_are_set(
    arguments: list[str], expected: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    monkeypatch.setattr("actuator.boot_admin.socket.getfqdn", lambda name="HOST": name)
    monkeypatch.setattr("actuator.boot_admin.socket.gethostbyname", lambda _name: "10.0.0.7")
    loaded = config.load([f"--spring.boot.admin.client.instance.{each}" for each in arguments], {})
    found = instance(loaded, 1, None)
    assert (found["serviceUrl"], found["managementUrl"], found["healthUrl"]) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"server_address": "10.1.2.3"}, "10.1.2.3"),
        ({"server_address": "::1"}, "[::1]"),
        ({"management_address": "10.9.9.9"}, "10.9.9.9"),
    ],
)
def test_the_address_that_is_listened_on(
    given: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    assert instance(settings(**given), 1, 2)["managementUrl"] == f"http://{expected}:2/actuator"


@pytest.mark.parametrize(
    ("given", "management_port", "urls"),
    [
        ({}, None, ("http://HOST:1/", "http://HOST:1/actuator")),
        ({"context_path": "/app"}, None, ("http://HOST:1/app/", "http://HOST:1/app/actuator")),
        ({"management_context_path": "/m"}, 2, ("http://HOST:1/", "http://HOST:2/m/actuator")),
        (
            {"boot_admin_service_base_url": "https://lb"},
            None,
            ("https://lb/", "https://lb/actuator"),
        ),
        (
            {"boot_admin_management_base_url": "https://lb:9"},
            2,
            ("http://HOST:1/", "https://lb:9/actuator"),
        ),
        ({"actuator_base_path": "/manage"}, None, ("http://HOST:1/", "http://HOST:1/manage")),
    ],
)
def test_the_urls(
    given: dict[str, Any],
    management_port: int | None,
    urls: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
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
