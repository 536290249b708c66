"""Registration at Spring Boot Admin, against a server that answers as the real one does."""

import base64
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

import actuator
import config
from actuator.boot_admin import Registration
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle
from tests.fakes.actuator.boot_admin_server import Server, settings
from tests.support.children import free_port
from tests.support.waiting import wait_for


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_registration_repeats_until_end(server: Server) -> None:
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


def test_no_url_no_registration(server: Server) -> None:
    for given in (settings(), settings(boot_admin_urls=(server.url,), boot_admin_enabled=False)):
        actuator.serve(given, TaskHandle(), Lifecycle())
    assert [thread for thread in threading.enumerate() if thread.name == "boot-admin"] == []


@pytest.mark.parametrize("switch", ["auto-registration", "enabled"])
@pytest.mark.parametrize("off", ["false", "off"])
def test_registration_switched_off(server: Server, switch: str, off: str) -> None:
    client = "--spring.boot.admin.client"
    given = config.load(
        [
            f"{client}.url={server.url}",
            f"{client}.{switch}={off}",
            f"{client}.period=100ms",
            f"{client}.auto-deregistration=true",
            "--server.port=0",
        ],
        {},
    )
    assert given.warnings == ()
    actuator.serve(given, TaskHandle(), Lifecycle())
    assert [thread for thread in threading.enumerate() if thread.name == "boot-admin"] == []
    assert server.requests == []


def test_first_answering_server_is_enough(server: Server) -> None:
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


def test_credentials_are_sent_but_not_logged(
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
def test_failure_is_logged_once(
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


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_proxy_of_the_environment_is_unused(
    server: Server, elsewhere: Server, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, elsewhere.url)
    given = settings(
        boot_admin_urls=(server.url,), boot_admin_user="me", boot_admin_password=SecretStr("s3cret")
    )
    registration = Registration(given, Lifecycle(), 1, None)
    registration.register()
    registration.deregister()
    assert [method for method, *_ in server.requests] == ["POST", "DELETE"]
    assert elsewhere.requests == []


def test_other_modules_open_no_url() -> None:
    """http.client uses no proxy; urllib.request does."""
    root = Path(actuator.__file__).parents[1]
    folders = [path.parent for path in root.glob("*/__init__.py") if path.parent.name != "tests"]
    modules = (
        path
        for each in [*folders, root]
        for path in each.glob("**/*.py" if each != root else "*.py")
    )
    opening = {
        str(path.relative_to(root))
        for path in modules
        if re.search(
            r"urllib\.request|import requests|httpx|aiohttp|urllib3", path.read_text("utf-8")
        )
    }
    assert opening == {"actuator/boot_admin.py"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_ignored(
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
def test_bad_answer_is_one_line(
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


def test_thread_survives_garbage_answer(server: Server) -> None:
    lifecycle = Lifecycle()
    server.raw = GARBAGE[1]
    actuator.serve(
        settings(boot_admin_urls=(server.url,), boot_admin_period=0.1), TaskHandle(), lifecycle
    )
    wait_for(lambda: len(server.requests) >= 3, 30, "three attempts")
    lifecycle.request_stop("the test")
