"""What a listener wants is found out at its own port."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.errors.listener_security import explain_silence

SASL = struct.pack(">ihi", 0, 33, 2) + b"".join(
    struct.pack(">h", len(name)) + name for name in (b"SCRAM-SHA-512", b"PLAIN")
)
NOT_SASL = struct.pack(">ihi", 0, 34, 0)


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """A port that gives this answer to whatever it is asked; its address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def test_login_is_named_with_its_mechanisms() -> None:
    with listener(framed(SASL)) as broker:
        assert explain_silence(["127.0.0.1:1", broker], {}) == (
            f"{broker} wants a login (PLAIN, SCRAM-SHA-512): security.protocol must be "
            "SASL_PLAINTEXT for this listener"
        )
        assert explain_silence([broker], {"security.protocol": "sasl_plaintext"}) is None


@pytest.mark.parametrize(
    "answer",
    [framed(NOT_SASL), b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", framed(SASL[:15]), framed(b"\0")],
)
def test_other_answers_say_nothing(answer: bytes) -> None:
    with listener(answer) as broker:
        assert explain_silence([broker, "no address", "[::1]:1"], {}) is None
