"""The HTTP server: waitress on its own thread, from before the first Kafka call to the end."""

import errno
import logging
import resource
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it ships no types
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]  # nor here
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]  # nor here
from waitress.utilities import RequestEntityTooLarge, RequestHeaderFieldsTooLarge  # type: ignore[import-untyped]  # nor here

from actuator.app import main_app, management_app
from actuator.boot_admin import Registration
from config import Settings
from runtime.control.status import TaskHandle
from runtime.errors import ProcessorError
from runtime.forks import close_in_children
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.actuator")

# An answer takes less than a millisecond, so a few threads serve all probes. Only changes of
# bindings wait (bindings.WAITERS).
THREADS = 4
# Open connections. One more closes the oldest connection that waits for its client, so slow clients
# never keep a probe out. A low limit of file descriptors (ulimit -n) allows fewer. Kafka clients,
# files and pipes have the reserved descriptors and half of the rest.
CONNECTIONS = 200
CONNECTIONS_AT_LEAST = 8
RESERVED_DESCRIPTORS = 64
# Requests of one connection that wait for answers. Usual clients wait for one answer before they
# send the next request.
PIPELINED = 8
# How long a connection may be silent. A probe of Kubernetes opens a new connection each time.
IDLE_TIMEOUT_S = 30
# Between attempts to accept a connection while all file descriptors are in use.
NO_DESCRIPTOR_PAUSE_S = 0.05
# Tomcat takes 8 KiB of headers. The largest body that an endpoint needs is a log level.
MAX_HEADERS_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
# One thread parses for all connections. Each header line and each chunk costs time. Tomcat takes
# 100 header lines.
MAX_HEADER_LINES = 100
CHUNKED_BODY_BYTES = 8 * 1024  # as sent, with the sizes of the chunks


class PortTaken(ProcessorError):  # noqa: N818 - the name says it
    """The port cannot be listened on. The text is one line for the user."""


def serve(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> int:
    """Start the server in a daemon thread. Returns at once.

    With a management.server.port of its own the actuator gets a second server.

    Args:
        settings: The processor's settings.
        handle: Has the status of the tasks.
        lifecycle: Stops the processor.

    Returns:
        The server.port. The server listens on it already.

    Raises:
        PortTaken: The port cannot be listened on.
    """
    if logging.getLogger("waitress").level == logging.NOTSET:
        # Clients that go away need no log line.
        logging.getLogger("waitress").setLevel(logging.WARNING)
    # waitress warns when a fifth request has to wait a moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    own_port = settings.own_management_port
    two = own_port is not None and own_port >= 0
    connections = open_connections(
        resource.getrlimit(resource.RLIMIT_NOFILE)[0], servers=2 if two else 1
    )
    app = main_app(settings, handle, lifecycle)
    port = _start("server.port", settings.server_address, settings.server_port, app, connections)
    if own_port is not None and own_port >= 0:
        app = management_app(settings, handle, lifecycle)
        own_port = _start(
            "management.server.port", settings.management_address, own_port, app, connections
        )
    if settings.registers_at_boot_admin and own_port != -1:
        Registration(settings, lifecycle, port, own_port).start()
    return port


def open_connections(descriptors: int, servers: int) -> int:
    """Return how many connections each server keeps open.

    Args:
        descriptors: The limit of file descriptors (ulimit -n); -1 for no limit.
        servers: The number of servers.
    """
    free = (descriptors - RESERVED_DESCRIPTORS) // 2 if descriptors >= 0 else 2 * CONNECTIONS
    return max(CONNECTIONS_AT_LEAST, min(CONNECTIONS, free // servers))


def _start(name: str, address: str | None, wanted: int, app: Flask, connections: int) -> int:
    listener = _listen(name, address, wanted)
    server = _Server(
        app,
        _sock=listener,
        bind_socket=False,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        threads=THREADS,
        # Never reached, as it would keep new connections out. Ten are for waitress itself.
        connection_limit=CONNECTIONS + 10,
        channel_timeout=IDLE_TIMEOUT_S,
        cleanup_interval=5,
        max_request_header_size=MAX_HEADERS_BYTES,
        max_request_body_size=MAX_BODY_BYTES,
        asyncore_use_poll=True,  # select() fails with file descriptors over 1023
        log_socket_errors=False,  # a client that disconnects needs no log line
        ident=None,
    )
    server.connections = connections
    close_in_children(lambda: _close_copies(listener, server))
    threading.Thread(target=server.run, name="actuator", daemon=True).start()
    port: int = listener.getsockname()[1]
    log.info("%s: listening on port %d", name, port)
    return port


def _close_copies(listener: socket.socket, server: Any) -> None:
    """Close a forked child's copies. They would keep the port and the connections open."""
    for own in (listener, *(channel.socket for channel in server.active_channels.values())):
        if own is not None:  # None: closed already
            own.close()


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Refuses requests that a proxy may read differently (400), and costly ones (413, 431)."""

    # waitress logs the path when a client has disconnected. A request that could not be parsed has
    # none.
    path = ""

    def parse_header(self, header_plus: bytes) -> None:
        if header_plus.count(b"\n") > MAX_HEADER_LINES:
            # waitress needs some request to answer. It does the same for long headers.
            super().parse_header(b"GET / HTTP/1.0\r\n")
            self.error = RequestHeaderFieldsTooLarge(f"more than {MAX_HEADER_LINES} lines")
            return
        super().parse_header(header_plus)
        if problem := self._ambiguity():
            self.body_rcv = None
            raise ParsingError(problem)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.chunked and self.body_bytes_received > CHUNKED_BODY_BYTES:
            self.error = RequestEntityTooLarge(f"more than {CHUNKED_BODY_BYTES} bytes in chunks")
            self.completed = True
        return consumed

    def _ambiguity(self) -> str | None:
        """Return the first ambiguity: length (RFC 9112, 6.1 and 6.3), host or target."""
        if "TRANSFER_ENCODING" in self.headers:  # waitress removes the header if it applies it
            return "Transfer-Encoding needs HTTP/1.1"
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            return "Content-Length and Transfer-Encoding"
        if "," in self.headers.get("HOST", ""):
            return "more than one Host"
        if not self.request_uri.lower().startswith(("/", "http://", "https://", "*")):
            return "no request target"
        return None


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """One connection. waitress makes it in its own thread after an accept."""

    parser_class = _Parser

    def __init__(self, server: Any, *args: Any, **kwargs: Any) -> None:
        if len(server.active_channels) >= server.connections:
            server.close_oldest()
        super().__init__(server, *args, **kwargs)

    def received(self, data: bytes) -> bool:
        going_on: bool = super().received(data)
        if len(self.requests) > PIPELINED:
            self.will_close = True
        return going_on


class _Server(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """waitress's server. It closes the longest idle connection to admit a new one."""

    channel_class = _Channel
    connections = CONNECTIONS

    def close_oldest(self) -> bool:
        """Close the oldest connection that waits for its client. Return False if there is none."""
        # The dict has the oldest connection first.
        waiting = (each for each in self.active_channels.values() if not each.requests)
        oldest = next(waiting, None)
        if oldest:
            oldest.handle_close()
        return oldest is not None

    def accept(self) -> Any:
        try:
            return super().accept()
        # waitress ignores this error. The connection is still there at its next poll.
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and not self.close_oldest():
                time.sleep(NO_DESCRIPTOR_PAUSE_S)
            raise


def _listen(name: str, address: str | None, port: int) -> socket.socket:
    """Return a listening socket: on `address`, or on all interfaces with IPv6 and IPv4."""
    try:
        if address is None and socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(
            (address or "", port),
            family=socket.AF_INET6 if ":" in (address or "") else socket.AF_INET,
        )
    except OSError as error:
        where = f"port {port}" if address is None else f"{address}, port {port}"
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"{name}: {where} is taken by another process; give a free one, or 0 for any"
            ) from None
        # Python appends the address to the text. The message has the address already.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise PortTaken(f"{name}: cannot listen on {where}: {reason}") from None
