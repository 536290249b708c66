"""The actuator over real sockets.

Listening at once, on every interface, and never kept from answering by slow clients.
"""

import http.client
import json
import queue
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from waitress.channel import ClientDisconnected  # type: ignore[import-untyped]  # it ships no types
from waitress.utilities import BadRequest  # type: ignore[import-untyped]  # nor here

import actuator
from actuator.server import CONNECTIONS, MAX_BODY_BYTES, MAX_HEADERS_BYTES, _Channel, _Server
from config import Settings
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle

SLOW = 500  # connections held open
SECONDS = 10  # a deadline, not a measurement


def served(settings: Settings, lifecycle: Lifecycle | None = None) -> int:
    return actuator.serve(settings, TaskHandle(), lifecycle or Lifecycle())


def status(port: int, path: str = "/actuator/info", host: str = "127.0.0.1", **headers: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def port() -> int:
    """One server for all tests here; its daemon threads end with the process."""
    return served(Settings(server_port=0))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_answers_on_ipv4_and_ipv6(port: int) -> None:
    assert status(port) == 200
    if socket.has_dualstack_ipv6():
        assert status(port, host="::1") == 200


def test_server_address_is_bound() -> None:
    port = served(Settings(server_port=0, server_address="127.0.0.1"))
    assert status(port) == 200
    with pytest.raises(ConnectionRefusedError):
        status(port, host="127.0.0.2")


def test_taken_port_is_one_line(port: int) -> None:
    with pytest.raises(
        actuator.PortTaken,
        match=rf"^server\.port: port {port} is taken by another process; give a free one, or 0 "
        rf"for any$",
    ):
        served(Settings(server_port=port))


def test_foreign_address_is_one_line() -> None:
    with pytest.raises(
        actuator.PortTaken,
        match=r"^server\.port: cannot listen on 203\.0\.113\.1, port 0: Cannot assign requested "
        r"address$",
    ):
        served(Settings(server_port=0, server_address="203.0.113.1"))


def test_answer_precedes_stop() -> None:
    """The stop may end the process within milliseconds.

    The client must have the whole answer by then.
    """
    lifecycle = Lifecycle()
    answers: queue.Queue[bytes] = queue.Queue()
    with socket.socket() as client:
        client.settimeout(SECONDS)
        lifecycle.on_stop(lambda _reason: answers.put(client.recv(65536)))
        client.connect(
            (
                "127.0.0.1",
                served(Settings(server_port=0, endpoints_shutdown_enabled=True), lifecycle),
            )
        )
        client.sendall(b"POST /shutdown HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        head, _, body = answers.get(timeout=SECONDS).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body) == {"message": "Shutting down, bye..."}


def test_actuator_has_its_own_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        own = probe.getsockname()[1]
    main = served(Settings(server_port=0, management_port=own, management_address="127.0.0.1"))
    assert [status(main), status(own)] == [404, 200]
    with pytest.raises(
        actuator.PortTaken, match=rf"^management\.server\.port: 127\.0\.0\.1, port {own} is taken"
    ):
        served(Settings(server_port=0, management_port=own, management_address="127.0.0.1"))


def test_port_minus_one_is_off() -> None:
    assert status(served(Settings(server_port=0, management_port=-1))) == 404


@pytest.mark.parametrize(
    "opening",
    [
        b"GET /actuator/health HTTP/1.1\r\nHost: x\r\n",
        (
            b"POST /actuator/bindings/input HTTP/1.1\r\nHost: x\r\nContent-Type: "
            b"application/json\r\nContent-Length: 1000\r\n\r\n{"
        ),
    ],
    ids=["headers", "body"],
)
def test_slow_clients_do_not_block_probes(
    port: int, stack: ExitStack, opening: bytes, report_figure: Callable[[str], None]
) -> None:
    assert SLOW > 2 * CONNECTIONS
    slow = [
        stack.enter_context(socket.create_connection(("127.0.0.1", port), SECONDS))
        for _ in range(SLOW)
    ]
    for client in slow:
        client.sendall(opening)
    took = []
    for _ in range(100):
        began = time.monotonic()
        assert status(port) == 200
        took.append(time.monotonic() - began)
    report_figure(f"{SLOW} slow connections, 100 probes: p99 {sorted(took)[98] * 1000:.0f} ms")


def test_slow_client_is_served_at_last(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        for byte in b"GET /actuator/info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
            client.sendall(bytes([byte]))
        assert client.recv(12) == b"HTTP/1.1 200"


def test_missing_path_logs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Its client goes away before the answer; waitress names the path in a log line."""
    app = _Server(lambda _environ, _start: [], listen="127.0.0.1:0")
    request = _Channel.parser_class(app.adj)
    request.error = BadRequest("no HTTP")
    client, server = socket.socketpair()
    with client, server:
        channel = _Channel(app, server, ("127.0.0.1", 1), app.adj, map={})
        channel.requests = [request]
        channel.connected = True
        channel.write_soon = _gone
        channel.service()
        channel.handle_close()
    app.close()
    assert [record for record in caplog.records if record.exc_info] == []


def _gone(_data: bytes) -> int:
    raise ClientDisconnected


def test_double_slash_is_400(port: int) -> None:
    assert status(port, "//actuator/health") == 400


def test_large_request_is_refused(port: int) -> None:
    assert status(port, X="x" * MAX_HEADERS_BYTES) == 431
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.putrequest("POST", "/actuator/bindings/input")
        connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
    finally:
        connection.close()
