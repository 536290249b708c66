"""Brokers behind a network with a delay: the measured system meets them through delay_proxy.c.

The driver, the sender and the reader meet them directly.
"""

import subprocess
from pathlib import Path
from typing import Self

from benchmarks.rig.broker import JAVA, Broker
from benchmarks.rig.systems import BUILT
from tests.support import children
from tests.support.brokers.kafka import Kafka

SOURCE = Path(__file__).parent / "delay_proxy.c"
PROGRAM = BUILT / "delay_proxy"
COMPILE = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(PROGRAM), str(SOURCE)]
STOP_S = 10


class DelayedKafka(Kafka):
    """A cluster with a second listener, which is reached through the proxy."""

    def __init__(self, folder: Path, nodes: int) -> None:
        super().__init__(folder, nodes, JAVA)
        # The proxy's, the broker's.
        self._behind = {node: (children.free_port(), children.free_port()) for node in self.nodes}
        self._proxy: subprocess.Popen[str] | None = None

    @property
    def delayed(self) -> str:
        """The value for bootstrap.servers, through the proxy."""
        return ",".join(f"127.0.0.1:{port}" for port, _ in self._behind.values())

    def start(self) -> None:
        """Raises RuntimeError without a compiler, and as Kafka does."""
        super().start()
        self._proxy = subprocess.Popen(
            [_built(), *(f"{port}:{target}" for port, target in self._behind.values())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def set_round_trip(self, milliseconds: float) -> None:
        """From now on each way takes half of it."""
        if self._proxy and self._proxy.stdin:
            self._proxy.stdin.write(f"{round(500 * milliseconds)}\n")
            self._proxy.stdin.flush()
            self._answer()

    def stop(self) -> None:
        super().stop()
        if self._proxy:
            self._proxy.communicate(timeout=STOP_S)  # the end of its input ends it
            self._proxy = None

    def _answer(self) -> None:
        if not (self._proxy and self._proxy.stdout and self._proxy.stdout.readline()):
            raise RuntimeError("the proxy has ended")

    def _settings(self, node: int) -> dict[str, object]:
        settings = super()._settings(node)
        port, behind = self._behind[node]
        return settings | {
            "listeners": f"{settings['listeners']},DELAYED://127.0.0.1:{behind}",
            "advertised.listeners": (
                f"{settings['advertised.listeners']},DELAYED://127.0.0.1:{port}"
            ),
            "listener.security.protocol.map": (
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,DELAYED:PLAINTEXT"
            ),
            "inter.broker.listener.name": "PLAINTEXT",
        }


class Network(Broker):
    """One or more brokers that the systems reach over the delay."""

    def __init__(self, nodes: int) -> None:
        super().__init__(lambda folder: DelayedKafka(folder, nodes))

    def __enter__(self) -> Self:
        super().__enter__()
        self.systems_bootstrap = self._delayed.delayed
        return self

    def set_round_trip(self, milliseconds: float) -> None:
        """Of the network, for all connections."""
        self._delayed.set_round_trip(milliseconds)

    @property
    def _delayed(self) -> DelayedKafka:
        if not isinstance(self.kafka, DelayedKafka):
            raise TypeError(self.kafka)
        return self.kafka


def _built() -> str:
    """Compile the proxy where it is missing or older than its source."""
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        BUILT.mkdir(exist_ok=True)
        try:
            subprocess.run(COMPILE, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise RuntimeError(f"the network's proxy needs a C compiler: {error}") from error
    return str(PROGRAM)
