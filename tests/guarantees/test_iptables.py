"""A network that drops packets in silence.

The kernel's own filter, as a firewall or a dead switch does it; needs root.

The processors reach the broker at a port of their own, and only that port's packets are dropped:
the tests' clients see no fault.

make test ARGS="tests/guarantees/test_iptables.py -m long"
"""

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import children
from tests.support.brokers.kafka import Kafka
from tests.support.faults.fault_scenario import MODES, FaultScenario
from tests.support.faults.row import Row
from tests.support.settings import BROKER
from tests.support.stream import Stream
from tests.support.waiting import let_pass

pytestmark = pytest.mark.long

RATE = 700  # records a second
MEMBERS = 2
SHORTER, LONGER = 1.0, 6.0  # seconds, beside a session of two
TRANSACTION = {
    "spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": "10000"
}
BEYOND = 15.0  # seconds: longer than that
DIRECTIONS = {
    "both ways": ("--dport", "--sport"),
    "answers only": ("--sport",),
}  # the latter: what was asked for is done all the same


class FilteredKafka(Kafka):
    """One node with a second port, whose packets can be dropped."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._port = children.free_port()

    @property
    def filtered(self) -> str:
        return f"127.0.0.1:{self._port}"

    @contextmanager
    def dropping(self, ends: tuple[str, ...]) -> Iterator[None]:
        """Packets to (--dport) and from (--sport) that port are lost while the context lasts."""
        with ExitStack() as rules:
            for end in ends:
                rule = ["INPUT", "-i", "lo", "-p", "tcp", end, f"{self._port}", "-j", "DROP"]
                # first: an interrupt between the two leaves nothing behind.
                rules.callback(_iptables, "-D", *rule)
                _iptables("-I", *rule)
            yield

    def _settings(self, node: int) -> dict[str, object]:
        settings = super()._settings(node)
        return settings | {
            "listeners": f"{settings['listeners']},FILTERED://{self.filtered}",
            "advertised.listeners": f"{settings['advertised.listeners']},FILTERED://{self.filtered}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,FILTERED:PLAINTEXT",  # noqa: E501 - one text
            "inter.broker.listener.name": "PLAINTEXT",
        }


def _iptables(*arguments: str) -> None:
    done = subprocess.run(
        ["iptables", "-w", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"iptables {' '.join(arguments)}: {done.stderr}"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilteredKafka]:
    if os.geteuid() != 0 or not shutil.which("iptables"):
        raise RuntimeError("dropping packets needs root, and iptables on PATH")
    with FilteredKafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("mode", MODES)
def test_packets_are_dropped(
    kafka: FilteredKafka,
    stream: Stream,
    rng: random.Random,
    enter: Callable[[Row], None],
    *,
    mode: str,
    direction: str,
) -> None:
    """For less than a session, for more than one, for more than a transaction lives.

    The processors are the same ones afterwards.
    """
    scenario = FaultScenario(
        stream, mode, "range", rng, TRANSACTION | {BROKER: kafka.filtered}, rate=RATE
    )
    for _ in range(MEMBERS):
        scenario.join()
    pids = [one.child.pid for one in scenario.processors]
    for seconds in (SHORTER, LONGER, SHORTER, BEYOND):
        scenario.let_records_pass()
        with ExitStack() as network:
            scenario.inject(
                f"{seconds:g} s",
                scenario.processors[0],
                lambda: network.enter_context(kafka.dropping(DIRECTIONS[direction])),
            )
            let_pass(seconds)
        scenario.await_output()
        scenario.await_members()
        scenario.unharmed(pids)
    row = scenario.finish(f"packets dropped, {direction}")
    enter(row)
    row.check()
    scenario.stop()
