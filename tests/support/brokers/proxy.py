"""A network that can be cut: TCP proxies between the processors and a cluster's brokers."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from confluent_kafka import ElectionType

from tests.support import children
from tests.support.brokers.admin import quick_admin
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS
from tests.support.waiting import wait_for

CHUNK = 1 << 16  # bytes


class Proxy:
    """Forwards connections from `port` to `target` on 127.0.0.1, until the network is cut.

    Runs a thread of its own.
    """

    def __init__(self, port: int, target: int) -> None:
        self._port, self._target = port, target
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()  # bytes move
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"proxy {port}", daemon=True
        )
        self._thread.start()
        self._do(self._listen())

    def cut(self) -> None:
        """Connections are reset, and new ones refused."""
        self._do(self._close())

    def silence(self) -> None:
        """Connections stay, new ones are accepted, and nothing passes."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def heal(self) -> None:
        """All is well again; what silence has kept back arrives."""
        self._do(self._listen())

    def stop(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(SECONDS)

    async def _listen(self) -> None:
        self._open.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        self._open.set()  # the waiting thread finds the connection gone

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the broker is dead
            writer.transport.abort()
            return
        ends = {writer, back}
        self._writers |= ends
        try:
            await asyncio.gather(self._requests(reader, back), self._pump(onward, writer))
        finally:
            self._writers -= ends

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._pump(reader, writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


class ProxiedKafka(Kafka):
    """Clients of `proxied` meet the nodes through proxies; the tests' own clients do not."""

    def __init__(
        self, folder: Path, nodes: int = 3, proxy: Callable[[int, int], Proxy] = Proxy
    ) -> None:
        """`proxy`: makes one of a port and a target."""
        super().__init__(folder, nodes)
        self._proxy = proxy
        # The proxy's, the broker's.
        self._behind = {node: (children.free_port(), children.free_port()) for node in self._ports}
        self._proxies: dict[int, Proxy] = {}

    @property
    def proxied(self) -> str:
        """Like `bootstrap`, through the proxies."""
        return ",".join(f"127.0.0.1:{port}" for port, _ in self._behind.values())

    @property
    def broker_ports(self) -> tuple[int, ...]:
        """Where the proxies reach the brokers."""
        return tuple(port for _, port in self._behind.values())

    def start(self) -> None:
        super().start()
        self._proxies = {node: self._proxy(*ports) for node, ports in self._behind.items()}

    def stop(self) -> None:
        super().stop()
        for proxy in self._proxies.values():
            proxy.stop()
        self._proxies = {}

    @contextmanager
    def cut(self) -> Iterator[None]:
        """The network is gone: connections are reset and refused, while the context lasts."""
        self._each(Proxy.cut)
        try:
            yield
        finally:
            self._each(Proxy.heal)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """The network drops everything, while the context lasts."""
        self._each(Proxy.silence)
        try:
            yield
        finally:
            self._each(Proxy.heal)

    def kill_all(self) -> None:
        for node in tuple(self._running):
            self.kill(node)

    def restore(self) -> None:
        """Start all stopped nodes; return when every partition has all of its replicas."""
        for node in self._ports:
            if node not in self._running:
                self._launch(node)
        self._wait_ready()
        wait_for(self._in_sync, SECONDS, "all replicas in sync")

    def prefer_leaders(self) -> None:
        """Every partition's leader is the first of its replicas again.

        With the leaders of Kafka's own topics the coordinators move.
        """
        admin = quick_admin(self.bootstrap)
        admin.elect_leaders(ElectionType.PREFERRED, None).result(SECONDS)

    def _in_sync(self) -> bool:
        topics = quick_admin(self.bootstrap).list_topics(timeout=SECONDS).topics.values()
        return all(
            len(one.isrs) == len(one.replicas) and one.leader >= 0
            for topic in topics
            for one in topic.partitions.values()
        )

    def _each(self, what: Callable[[Proxy], None]) -> None:
        for proxy in self._proxies.values():
            what(proxy)

    def _settings(self, node: int) -> dict[str, object]:
        settings = super()._settings(node)
        port, behind = self._behind[node]
        return settings | {
            "listeners": f"{settings['listeners']},PROXIED://127.0.0.1:{behind}",
            "advertised.listeners": f"{settings['advertised.listeners']},PROXIED://127.0.0.1:{port}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT",  # noqa: E501 - one text
            "inter.broker.listener.name": "PLAINTEXT",
        }
