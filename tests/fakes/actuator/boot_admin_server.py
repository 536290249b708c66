"""A Spring Boot Admin server that keeps what it is sent, and settings of its client."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from config import Settings


class Server:
    """What was asked of it, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, Any] | None, str | None]] = []
        self.status, self.answer = 201, b'{"id":"4711"}'
        self.headers: dict[str, str] = {}
        self.raw: bytes | None = None  # instead of an answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                outer.requests.append(
                    (
                        self.command,
                        self.path,
                        json.loads(body or "null"),
                        self.headers["Authorization"],
                    )
                )
                if outer.raw is not None:
                    self.wfile.write(outer.raw)
                    return
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(outer.answer)

            def do_DELETE(self) -> None:
                outer.requests.append(
                    (self.command, self.path, None, self.headers["Authorization"])
                )
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


def settings(**what: Any) -> Settings:
    values: dict[str, Any] = {
        "application_name": "label",
        "boot_admin_host_type": "host_name",
        "server_port": 0,
    }
    return Settings(**(values | what))
