"""An attack from outside.

A thousand slow clients and endless requests at a processor with few file descriptors, and its
probes.
"""

import http.client
import itertools
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from actuator.server import CONNECTIONS, CONNECTIONS_AT_LEAST, open_connections
from tests.support.children import free_port
from tests.support.processor import Processor
from tests.support.verify.probes import percentile
from tests.support.waiting import TIMEOUT_FACTOR, wait_for

DESCRIPTORS = (256, 100)
SLOW = 1000
PROBES = 300
PROBE_S = 1.0  # a probe of Kubernetes gives up after that by default; the figure itself is reported
ROUNDS = 40  # for each attacker that sends again and again
MEMORY_KIB = 40_000  # that the processor may grow by
SECONDS = 10

HOST = b"Host: x\r\n"
# What a slow client has sent, and the bytes that follow one by one.
SENT = [
    b"",
    b"G",
    b"GET /actuator/health HTTP/1.1\r\n" + HOST,
    b"POST /actuator/bindings/input HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    b"POST /actuator/bindings/input HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\nFFFF\r\n",
    b"GET /actuator/health HTTP/1.1\r\n" + HOST + b"\r\n",  # has its answer and goes on waiting
]
# What is sent over and over. None has an end that the client would ever reach.
ENDLESS = {
    "headers": lambda: itertools.chain(
        [b"GET / HTTP/1.1\r\n"], itertools.repeat(b"X: " + b"x" * 4000 + b"\r\n")
    ),
    "one header": lambda: itertools.chain(
        [b"GET / HTTP/1.1\r\nX: "], itertools.repeat(b"x" * 8000)
    ),
    "path": lambda: itertools.chain([b"GET /"], itertools.repeat(b"%41" * 2000)),
    "chunks": lambda: itertools.chain(
        [
            b"POST /actuator/bindings/input HTTP/1.1\r\n"
            + HOST
            + b"Transfer-Encoding: chunked\r\n\r\n"
        ],
        itertools.repeat(b"1000\r\n" + b"x" * 4096 + b"\r\n"),
    ),
    "chunk size": lambda: itertools.chain(
        [
            b"POST /actuator/bindings/input HTTP/1.1\r\n"
            + HOST
            + b"Transfer-Encoding: chunked\r\n\r\n"
        ],
        itertools.repeat(b"1" * 4000),
    ),
    "tiny chunks": lambda: itertools.chain(
        [
            b"POST /actuator/bindings/input HTTP/1.1\r\n"
            + HOST
            + b"Transfer-Encoding: chunked\r\n\r\n"
        ],
        itertools.repeat(b"1\r\nx\r\n" * 10_000),
    ),
    "header lines": lambda: itertools.repeat(b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 3000 + b"\r\n"),
    "accept": lambda: itertools.repeat(
        b"GET / HTTP/1.1\r\n" + HOST + b"Accept: " + b"a/b," * 3800 + b"\r\n\r\n"
    ),
    "gigabytes": lambda: itertools.chain(
        [
            b"POST /actuator/bindings/input HTTP/1.1\r\n"
            + HOST
            + b"Content-Length: 9999999999\r\n\r\n"
        ],
        itertools.repeat(b"x" * 65536),
    ),
    "pipelined": lambda: itertools.repeat(
        (b"GET /actuator/bindings HTTP/1.1\r\n" + HOST + b"\r\n") * 200
    ),
    "methods": lambda: itertools.repeat(b"N0NS=NSE \x00\xff HTTP/9.9\r\n\r\n"),
    "tls": lambda: itertools.repeat(
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))
    ),
}


@pytest.fixture(params=DESCRIPTORS)
def processor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Processor]:
    """Without a broker, and with few file descriptors."""
    settings = {
        "server.port": str(free_port()),
        "spring.cloud.stream.kafka.binder.brokers": f"127.0.0.1:{free_port()}",
        "management.endpoints.web.exposure.include": "*",
    }
    made = Processor(tmp_path / "output", settings)
    made._command = ["prlimit", f"--nofile={request.param}", "--", *made._command]
    yield made.start().first_answer()
    made.end()


def resident_kib(processor: Processor) -> int:
    pages = int(Path(f"/proc/{processor.child.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def send_endlessly(port: int, parts: Iterator[bytes], ends: threading.Event) -> None:
    """Until the server has had enough; what it answers is not read."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        client.settimeout(1)
        for part in parts:
            if ends.is_set():
                return
            client.sendall(part)


class Attack:
    """Keep threads sending endless requests, and one adding bytes to each slow request."""

    def __init__(self, port: int, slow: list[socket.socket]) -> None:
        self._ends = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=[port, make], daemon=True)
            for make in ENDLESS.values()
        ]
        self._threads.append(threading.Thread(target=self._drip, args=[slow], daemon=True))

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, port: int, make: Callable[[], Iterator[bytes]]) -> None:
        for _ in range(ROUNDS):
            send_endlessly(port, make(), self._ends)
            if self._ends.wait(0.05):
                return

    def _drip(self, slow: list[socket.socket]) -> None:
        for client in itertools.cycle(slow):
            with suppress(OSError):
                client.sendall(b"x")
            if self._ends.wait(0.002):
                return


def probe(port: int) -> tuple[int, float]:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/actuator/health/liveness")
        return connection.getresponse().status, time.monotonic() - began
    finally:
        connection.close()


def test_probes_survive_a_flood(processor: Processor, report_figure: Callable[[str], None]) -> None:
    port = int(processor._port)
    assert 2 * max(DESCRIPTORS) < SLOW
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), SECONDS))
            for _ in range(SLOW)
        ]
        for number, client in enumerate(slow):
            with suppress(OSError):  # closed already for one that came later
                client.sendall(SENT[number % len(SENT)])
        before = resident_kib(processor)
        with Attack(port, slow):
            answers = [probe(port) for _ in range(PROBES)]
        grown = resident_kib(processor) - before
    took = percentile([seconds for _, seconds in answers], 99)
    attack = f"{SLOW} slow connections and {len(ENDLESS)} floods"
    report_figure(f"{attack}: {PROBES} probes, p99 {took * 1000:.0f} ms, +{grown} KiB")
    assert {status for status, _ in answers} == {200}
    assert took < TIMEOUT_FACTOR * PROBE_S
    assert grown < MEMORY_KIB
    assert "Traceback" not in processor.output


def test_forty_descriptors_suffice_for_probe(tmp_path: Path) -> None:
    settings = {
        "server.port": str(free_port()),
        "spring.cloud.stream.kafka.binder.brokers": f"127.0.0.1:{free_port()}",
    }
    made = Processor(tmp_path / "output", settings)
    made._command = ["prlimit", "--nofile=40", "--", *made._command]
    try:
        made.start().first_answer()
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(
                    socket.create_connection(("127.0.0.1", int(settings["server.port"])), SECONDS)
                )
            wait_for(made.answers, SECONDS, "an answer")
            for _ in range(20):
                assert probe(int(settings["server.port"]))[0] == 200
    finally:
        made.end()


@pytest.mark.parametrize(
    ("descriptors", "servers", "expected"),
    [
        (-1, 1, CONNECTIONS),
        (1024, 1, CONNECTIONS),
        (256, 1, 96),
        (256, 2, 48),
        (64, 1, CONNECTIONS_AT_LEAST),
        (3, 2, CONNECTIONS_AT_LEAST),
    ],
)
def test_connections_follow_descriptors(descriptors: int, servers: int, expected: int) -> None:
    assert open_connections(descriptors, servers) == expected
