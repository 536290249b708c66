"""Requests that a proxy may read differently, or that are costly to parse, are refused."""

import re
import socket
from contextlib import suppress

import pytest

import actuator
from actuator.http.responses import MAX_ACCEPT_LENGTH
from actuator.server import CHUNKED_BODY_BYTES, MAX_HEADER_LINES
from config import Settings
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle

SECONDS = 10
HOST = b"Host: x\r\n"
# Inside the body, for a reader that ends the request too early.
NEXT = b"GET /actuator/info HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /actuator/loggers/ROOT HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LEVEL = b'{"configuredLevel":null}'


@pytest.fixture(scope="module")
def port() -> int:
    return actuator.serve(
        Settings(server_port=0, exposure_include=("*",)), TaskHandle(), Lifecycle()
    )


def statuses(port: int, request: bytes) -> list[int]:
    """Of every answer on one connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        with suppress(ConnectionError):
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while part := client.recv(65536):
                received += part
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] ([0-9]{3})", received)]


def get(target: bytes, headers: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"GET " + target + b" HTTP/" + version + b"\r\n" + HOST + headers + b"\r\n"


@pytest.mark.parametrize("version", [b"1.0", b"1.2", b"2.0", b"9.9"])
@pytest.mark.parametrize("connection", [b"", b"Connection: keep-alive\r\n"])
def test_chunks_need_http_1_1(port: int, version: bytes, connection: bytes) -> None:
    head = POST.replace(b"HTTP/1.1", b"HTTP/" + version) + connection + CHUNKED
    assert statuses(port, head + b"\r\n0\r\n\r\n" + NEXT) == [400]


@pytest.mark.parametrize("length", [b"0", b"4", b"24"])
@pytest.mark.parametrize("chunked_first", [True, False])
def test_two_lengths_are_refused(port: int, length: bytes, *, chunked_first: bool) -> None:
    both = [CHUNKED, b"Content-Length: " + length + b"\r\n"]
    head = POST + b"".join(both if chunked_first else both[::-1])
    assert statuses(port, head + b"\r\n0\r\n\r\n" + NEXT) == [400]


@pytest.mark.parametrize(
    "hosts", [b"Host: a\r\nHost: b\r\n", b"Host: x\r\nhost: x\r\n", b"Host: a,b\r\n"]
)
def test_two_hosts_are_refused(port: int, hosts: bytes) -> None:
    assert statuses(port, NEXT.replace(HOST, hosts)) == [400]


@pytest.mark.parametrize(
    "target",
    [
        *(
            b"/actuator%2Fenv",
            b"/actuator%2fenv",
            b"/actuator/health%2Fliveness",
            b"/%2Factuator/env",
            b"/actuator/env%2f",
        ),
        *(
            b"//actuator/env",
            b"/actuator//env",
            b"http://x//actuator/env",
            b"HTTPS://x//actuator/env",
            b"http://x/actuator%2Fenv",
        ),
        *(b"actuator/env", b"x:80", b"file:///actuator/env", b"?pattern=x"),
    ],
)
def test_other_forms_of_path_are_refused(port: int, target: bytes) -> None:
    assert statuses(port, get(target)) == [400]


@pytest.mark.parametrize(
    "target",
    [
        b"/actuator/env",
        b"http://x/actuator/env",
        b"/actuator/env?pattern=%2F%2F",
        b"/%61ctuator/env",
    ],
)
def test_ordinary_path_is_answered(port: int, target: bytes) -> None:
    assert statuses(port, get(target)) == [200]


def test_ordinary_chunks_are_read(port: int) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (LEVEL[:5], LEVEL[5:]))
    assert statuses(port, POST + CHUNKED + b"\r\n" + chunks + b"0\r\n\r\n") == [204]


def test_many_chunks_are_refused(port: int) -> None:
    chunks = b"1\r\n \r\n" * (CHUNKED_BODY_BYTES // 6 + 1)
    assert statuses(port, POST + CHUNKED + b"\r\n" + chunks + b"0\r\n\r\n") == [413]


@pytest.mark.parametrize(
    ("lines", "status"),
    [(MAX_HEADER_LINES - 5, 200), (MAX_HEADER_LINES, 431), (3 * MAX_HEADER_LINES, 431)],
)
def test_header_lines_are_limited(port: int, lines: int, status: int) -> None:
    assert statuses(port, get(b"/actuator/info", b"X: y\r\n" * lines)) == [status]


@pytest.mark.parametrize(
    ("length", "status"), [(MAX_ACCEPT_LENGTH - 10, 200), (MAX_ACCEPT_LENGTH + 10, 406)]
)
def test_accept_length_is_limited(port: int, length: int, status: int) -> None:
    accept = b"application/json" + b",*/*" * (length // 4)
    assert statuses(port, get(b"/actuator/info", b"Accept: " + accept[:length] + b"\r\n")) == [
        status
    ]
