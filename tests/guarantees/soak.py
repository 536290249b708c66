"""`make soak`: both guarantees on one Kafka for a long time, under faults of every kind.

    python -m tests.guarantees.soak --minutes 30 --seed 7

The seed decides which faults come in which order; it is printed, so that a run can be had again.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from confluent_kafka import KafkaException

from tests.support.brokers.proxy import ProxiedKafka
from tests.support.faults.fault_scenario import AT_LEAST_ONCE, EXACTLY_ONCE, FaultScenario
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import let_pass

RATE = 1600  # records a second and guarantee: 5.7 million in half an hour
MEMBERS = 2
RECOVERY_TIMEOUT_S = 90.0  # for the flow to come back after a fault
SETTINGS = {
    # Some outages are longer than a transaction lives.
    "spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": "15000",
    # Of which each makes some 20 writes on each node under exactly once.
    "python-processor.commit-interval": "200ms",
}
OUTAGES = (2, 6, 12, 25)  # seconds
PROTOCOL_OF = {EXACTLY_ONCE: "cooperative-sticky", AT_LEAST_ONCE: "range"}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.minutes:g} minutes, {RATE} records/s each", flush=True)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="soak-"))
        print(f"logs in {folder}", flush=True)
        kafka = stack.enter_context(ProxiedKafka(folder / "kafka"))
        soak = Soak(kafka, folder, random.Random(options.seed))  # noqa: S311 - no secret
        stack.callback(soak.end)
        return soak.run(options.minutes * 60)


class Soak:
    """Two scenarios and the faults that hit them.

    Three nodes, of which one at a time is killed: a single node of Kafka 4.4 was seen to come back
    with the group state of minutes ago on a slow machine, though its log had all of it
    (docs/guarantees.md).
    """

    def __init__(self, kafka: ProxiedKafka, folder: Path, rng: random.Random) -> None:
        self._kafka = kafka
        self._rng = rng
        self._scenarios: list[FaultScenario] = []
        for mode, protocol in PROTOCOL_OF.items():
            place = folder / mode
            place.mkdir()
            self._scenarios.append(
                FaultScenario(Stream(kafka, place, mode), mode, protocol, rng, SETTINGS, rate=RATE)
            )
        self._began = time.monotonic()

    def run(self, seconds: float) -> int:
        for scenario in self._scenarios:
            for _ in range(MEMBERS):
                scenario.join()
        faults: list[Callable[[], str]] = [
            self._kill,
            self._kill,
            self._stop,
            self._stop,
            self._come_and_go,
            self._freeze,
            self._kill_broker,
            self._silence,
        ]
        while time.monotonic() - self._began < seconds:
            what = self._rng.choice(faults)()
            standing = self._standing()
            assert not standing, "\n".join(standing)
            print(f"{time.monotonic() - self._began:6.0f} s  {what:45} {self._state()}", flush=True)
            let_pass(self._rng.uniform(3, 12))
        rows = [scenario.finish("soak", timeout=300) for scenario in self._scenarios]
        for row in rows:
            print(row)
        for scenario in self._scenarios:
            scenario.stop()
        for row in rows:
            row.check()
        print(
            f"kept: {sum(row.records for row in rows)} records, 0 lost, 0 doubled under exactly "
            f"once"
        )
        return 0

    def _standing(self) -> list[str]:
        """Which streams do not get on, and why."""
        found = []
        for scenario in self._scenarios:
            for one in scenario.processors[:MEMBERS]:
                one.assert_alive()
            try:
                scenario.await_members(RECOVERY_TIMEOUT_S)
                scenario.await_output(500, RECOVERY_TIMEOUT_S)
            except (AssertionError, TimeoutError, KafkaException) as error:
                found.append(f"{scenario.mode}: {error!r}; {scenario.where()}")
        return found

    def end(self) -> None:
        for scenario in self._scenarios:
            scenario.stream.end()

    # ---- faults; each says what it did

    def _victim(self) -> tuple[FaultScenario, Processor]:
        scenario = self._rng.choice(self._scenarios)
        return scenario, self._rng.choice(scenario.processors[:MEMBERS])  # not the guest

    def _kill(self) -> str:
        scenario, victim = self._victim()
        scenario.kill(victim)
        victim.start().first_answer()
        return f"kill -9 ({scenario.mode})"

    def _stop(self) -> str:
        scenario, victim = self._victim()
        scenario.terminate(victim)
        victim.start().first_answer()
        return f"SIGTERM ({scenario.mode})"

    def _come_and_go(self) -> str:
        scenario = self._rng.choice(self._scenarios)
        guest = (
            scenario.join()
            if len(scenario.processors) == MEMBERS
            else scenario.processors[MEMBERS].start().first_answer()
        )
        scenario.await_members()
        scenario.let_records_pass(3)
        scenario.terminate(guest)
        return f"a third member comes and goes ({scenario.mode})"

    def _freeze(self) -> str:
        scenario, victim = self._victim()
        with victim.frozen():
            let_pass(self._rng.uniform(3, 8))
        return f"frozen past its session ({scenario.mode})"

    def _kill_broker(self) -> str:
        seconds, node = self._rng.choice(OUTAGES), self._rng.choice(self._kafka.nodes)
        self._note("broker killed")
        self._kafka.kill(node)
        let_pass(seconds)
        self._kafka.restore()
        return f"a broker killed for {seconds} s"

    def _silence(self) -> str:
        seconds = self._rng.choice(OUTAGES)
        self._note("all brokers silent")
        with ExitStack() as stack:
            for node in self._kafka.nodes:
                stack.enter_context(self._kafka.frozen(node))
            let_pass(seconds)
        return f"all brokers silent for {seconds} s"

    def _note(self, fault: str) -> None:
        for scenario in self._scenarios:
            scenario.hits[fault].append(scenario.stream.behind())

    def _state(self) -> str:
        """Records so far, doubles so far, and the memory of each processor that lives (MiB)."""
        reported = []
        for scenario in self._scenarios:
            memory = [
                _memory(one.child.pid) for one in scenario.processors if one.child.poll() is None
            ]
            reported.append(
                f"{scenario.mode}: {scenario.verifier.arrived} arrived, "
                f"{scenario.verifier.doubled} doubled, {memory} MiB"
            )
        return "; ".join(reported)


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
