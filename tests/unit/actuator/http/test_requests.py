"""Random requests: the answer is never a 500 or a secret, and nothing of them stays in memory."""

import gc
import http.client
import logging
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from werkzeug.test import run_wsgi_app

import actuator
import config
from actuator.app import main_app
from actuator.endpoints.loggers import MADE_BY_REQUESTS, NAME_PARTS
from config import Settings
from runtime.control.status import Issue, TaskHandle, TaskState, TaskStatus
from runtime.lifecycle import Lifecycle
from tests.fakes.actuator.fuzzed_requests import Requests

SECRET = "pl4nted-s3cret"  # noqa: S105 - planted
GROWTH_KIB = 8_000
ALL = {200, 204, 400, 403, 404, 405, 406, 415}
PLANTED = [
    "--management.endpoints.web.exposure.include=*",
    "--management.endpoint.shutdown.access=unrestricted",
    "--management.endpoint.env.show-values=always",
    "--management.endpoint.configprops.show-values=always",
    "--management.endpoint.health.show-details=always",
    "--management.info.env.enabled=true",
    "--endpoints.shutdown.enabled=true",
    f"--info.db.password={SECRET}",
    f"--info.db.pwd={SECRET}",
    f"--db.password={SECRET}",
    "--info.app.name=${db.password}",
    "--spring.cloud.stream.bindings.input.group=g-${db.password}",
    f"--spring.cloud.stream.kafka.bindings.input.consumer.configuration.proxy.pwd={SECRET}",
    f"--spring.cloud.stream.kafka.binder.configuration.basic.auth.user.info=u:{SECRET}",
    "--spring.boot.admin.client.username=admin",
    f"--spring.boot.admin.client.password={SECRET}",
    f"--somebody.elses.pwd={SECRET}",
]


def planted(**settings: Any) -> Settings:
    loaded = config.load(PLANTED, {"MY_API_TOKEN": SECRET, "SPRING_DATASOURCE_PASSWORD": SECRET})
    return loaded.model_copy(update={"server_port": 0} | settings)


def resident_kib() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def send(
    number: int, report_figure: Callable[[str], None], expected: set[int], **settings: Any
) -> None:
    """Send `number` random requests to an app, and look at every answer.

    The statuses `expected` are among them.
    """
    handle = TaskHandle()
    app = main_app(planted(**settings), handle, Lifecycle())
    requests, seen, loggers = (
        Requests(seed=1),
        dict[int, int](),
        len(logging.root.manager.loggerDict),
    )
    before = 0
    for index in range(number):
        if index == number // 4:  # what is made once has been made
            before = resident_kib()
        if index % 1000 == 0:  # a task that publishes nothing for minutes is stuck
            handle.publish(
                TaskStatus(
                    TaskState.RUNNING, troubles=(Issue(f"the broker refuses {SECRET}", 0.0),)
                )
            )
        environ = requests.environ()
        chunks, status, headers = run_wsgi_app(app, environ)
        body = b"".join(chunks)
        seen[int(status[:3])] = seen.get(int(status[:3]), 0) + 1
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"])
        assert int(status[:3]) < 500, asked
        assert SECRET.encode() not in body, asked
        assert SECRET not in str(headers), asked
        assert b"Traceback" not in body, asked
        while handle.next_command():
            pass
    grown = resident_kib() - before
    report_figure(
        f"{number} random requests: {dict(sorted(seen.items()))}, +{grown} KiB after the first "
        f"quarter"
    )
    assert expected <= seen.keys()
    assert grown < GROWTH_KIB
    assert len(logging.root.manager.loggerDict) - loggers <= MADE_BY_REQUESTS * NAME_PARTS


def test_random_requests(report_figure: Callable[[str], None]) -> None:
    send(3_000, report_figure, ALL)


def test_random_requests_of_strangers(report_figure: Callable[[str], None]) -> None:
    send(
        1_000,
        report_figure,
        {200, 400, 401, 403},
        admin_user="me",
        admin_password=SecretStr(SECRET),
    )


@pytest.mark.long
def test_hundred_thousand_requests(report_figure: Callable[[str], None]) -> None:
    send(100_000, report_figure, ALL)


def test_random_bytes_at_a_socket(caplog: pytest.LogCaptureFixture) -> None:
    port = actuator.serve(planted(), TaskHandle(), Lifecycle())
    requests = Requests(seed=2)
    for _ in range(300):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(requests.raw())
            with suppress(OSError):  # the server has closed already
                client.shutdown(socket.SHUT_WR)
            answer = _received(client)
        assert not answer.startswith(b"HTTP/1.1 5") or answer.startswith(b"HTTP/1.1 501"), answer
        assert SECRET.encode() not in answer
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/actuator/info")
    assert connection.getresponse().status == 200
    connection.close()
    assert [record for record in caplog.records if record.exc_info] == []


def _received(client: socket.socket) -> bytes:
    """All until the server closes, which may have had enough before it has read all."""
    found = b""
    with suppress(ConnectionError):
        while part := client.recv(65536):
            found += part
    return found
