"""A real Apache Kafka (KRaft) from the jars in .kafka/libs: each node is broker and controller."""

import base64
import signal
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.support import children
from tests.support.brokers.admin import brokers_seen
from tests.support.brokers.java import CLASSES, JAVA, need_jars, need_java
from tests.support.waiting import wait_for

SLOW_HEARTBEAT = 6  # seconds: a session lasts two (see _settings)
START_SECONDS = 60  # ready in 3 s on an idle machine; a busy one took 10


class Kafka:
    """A cluster of `nodes` nodes that lives in `folder`; node numbers count from 1.

    Everything here is called from one thread, which lives as long as the cluster (see
    children.start).
    """

    def __init__(self, folder: Path, nodes: int = 1, options: Sequence[str] = ()) -> None:
        """`options`: more of the Java machine's."""
        self._folder = folder
        self._options = options
        # Kafka's own form of an id; without a "-", which at the beginning looks like an option
        self._id = base64.b64encode(uuid.uuid4().bytes, b"__").decode().rstrip("=")
        ports = [children.free_port() for _ in range(2 * nodes)]
        # clients', controllers'.
        self._ports = {
            node: (ports[2 * node - 2], ports[2 * node - 1]) for node in range(1, nodes + 1)
        }
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def nodes(self) -> tuple[int, ...]:
        """The numbers of all nodes."""
        return tuple(self._ports)

    @property
    def bootstrap(self) -> str:
        """The value for bootstrap.servers: all nodes."""
        return ",".join(self._address(node) for node in self._ports)

    def start(self) -> None:
        """Format the nodes' folders, start all nodes, return when they are ready.

        RuntimeError without Java 17 or the jars.
        """
        need_java()
        need_jars()
        for node in self._ports:
            self._home(node).mkdir(parents=True)
            self._properties(node).write_text(
                "".join(f"{key}={value}\n" for key, value in self._settings(node).items())
            )
            self._format(node)
        try:
            for node in self._ports:
                self._launch(node)
            self._wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all nodes. They are killed: their data is of no more use. May be called twice."""
        while self._running:
            children.end(self._running.popitem()[1])

    def kill(self, node: int = 1) -> None:
        """Kill one node (SIGKILL)."""
        children.end(self._running.pop(node))

    def shut_down(self, node: int = 1) -> None:
        """End one node in good order (SIGTERM), return when it has ended."""
        child = self._running.pop(node)
        child.terminate()
        child.wait(START_SECONDS)

    def restart(self, node: int = 1) -> None:
        """Start a killed node again, return when it is ready."""
        self._launch(node)
        self._wait_ready()

    @contextmanager
    def away(self, node: int = 1) -> Iterator[None]:
        """A node that is dead (SIGKILL) while the context lasts: connections to it are refused."""
        self.kill(node)
        try:
            yield
        finally:
            self.restart(node)

    @contextmanager
    def frozen(self, node: int = 1) -> Iterator[None]:
        """Let a node accept connections and answer nothing (SIGSTOP), while the context lasts."""
        child = self._running[node]
        child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            child.send_signal(signal.SIGCONT)

    @contextmanager
    def fenced_now_and_then(self) -> Iterator[None]:
        """A cluster of one whose node loses its session every few seconds, while the context lasts.

        That starts it again twice. Its own clients' connections stay, and what it answers until its
        next heartbeat is that there is no broker.
        """
        whole = self._properties(1).read_text()
        self.shut_down()
        self._properties(1).write_text(
            f"{whole}broker.heartbeat.interval.ms={1000 * SLOW_HEARTBEAT}\n"
        )
        self.restart()
        try:
            yield
        finally:
            self._properties(1).write_text(whole)
            self.kill()
            self.restart()

    def pid(self, node: int = 1) -> int:
        """The process of a running node."""
        return self._running[node].pid

    def log(self, node: int = 1) -> str:
        """What a node has written so far."""
        return (self._home(node) / "output.log").read_text()

    def _home(self, node: int) -> Path:
        return self._folder / f"node-{node}"

    def _properties(self, node: int) -> Path:
        return self._home(node) / "server.properties"

    def _address(self, node: int) -> str:
        return f"127.0.0.1:{self._ports[node][0]}"

    def _format(self, node: int) -> None:
        command = [
            *JAVA,
            *_classes(),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            self._id,
            "-c",
            str(self._properties(node)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Kafka did not format its folder:\n{done.stdout}{done.stderr}")

    def _launch(self, node: int) -> None:
        command = [*JAVA, *_classes(), *self._options, "kafka.Kafka", str(self._properties(node))]
        self._running[node] = children.start(
            command, self._home(node) / "output.log", cwd=self._home(node)
        )

    def _wait_ready(self) -> None:
        """Ready: every running node answers and sees all of them.

        A node that only accepts connections is not.
        """

        def ready() -> bool:
            for node, child in self._running.items():
                if child.poll() is not None:
                    raise RuntimeError(
                        f"Kafka node {node} ended with code "
                        f"{child.returncode}:\n{self.log(node)[-3000:]}"
                    )
            return all(
                brokers_seen(self._address(node)) == len(self._running) for node in self._running
            )

        wait_for(ready, START_SECONDS, f"{len(self._running)} Kafka nodes ready in {self._folder}")

    def _settings(self, node: int) -> dict[str, object]:
        copies = min(3, len(self._ports))
        in_sync = max(1, copies - 1)
        clients, controllers = (f"127.0.0.1:{port}" for port in self._ports[node])
        return {
            "process.roles": "broker,controller",
            "node.id": node,
            "controller.quorum.voters": ",".join(
                f"{n}@127.0.0.1:{port}" for n, (_, port) in self._ports.items()
            ),
            "listeners": f"PLAINTEXT://{clients},CONTROLLER://{controllers}",
            "advertised.listeners": f"PLAINTEXT://{clients}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self._home(node) / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            # Kafka's own topics: as many copies as there are nodes, few partitions, so that a
            # coordinator is there at once
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 5,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "transaction.state.log.num.partitions": 5,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            "share.coordinator.state.topic.num.partitions": 1,
            # a group assigns its partitions at once, and a member that died is noticed soon (the
            # default floor is 6 s)
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            # the newer group protocol takes these from the broker, not from the client
            "group.consumer.min.session.timeout.ms": 1000,
            "group.consumer.session.timeout.ms": 6000,
            "group.consumer.min.heartbeat.interval.ms": 200,
            # Also what librdkafka gives the answer, on a busy machine too.
            "group.consumer.heartbeat.interval.ms": 2000,
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
            # a node that comes back is refused until the session of the dead one is over: 9 s by
            # default
            "broker.heartbeat.interval.ms": 500,
            "broker.session.timeout.ms": 2000,
            # small: several of these run on one developer's machine
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
        }


def _classes() -> list[str]:
    """With them a start takes 2.3 instead of 3.9 s of a slow core.

    Without them Java reads the jars.
    """
    return [f"-XX:SharedArchiveFile={CLASSES}"] if CLASSES.exists() else []
