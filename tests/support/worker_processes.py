"""A program of several worker processes under load, and the faults that hit it."""

import os
import random
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.exit_codes import Exit
from tests.support.load.load_generator import LoadGenerator
from tests.support.processor import SECONDS, Processor
from tests.support.stream import Stream
from tests.support.verify.bindings import change_state
from tests.support.waiting import wait_for

RATE = 2000
PARTITIONS = 6
CONCURRENCY = "spring.cloud.stream.bindings.input.consumer.concurrency"
PREFIX = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"

ALL = {
    "management.endpoints.web.exposure.include": "*",
    "management.endpoint.health.show-details": "always",
}


class Program:
    """One program of several processes, under numbered records."""

    def __init__(
        self,
        stream: Stream,
        number: int,
        exactly_once: bool,  # noqa: FBT001 - one of a test's parameters
        faults: Sequence["Fault"],
        rng: random.Random,
    ) -> None:
        self.stream, self.number, self.exactly_once, self.faults, self.rng = (
            stream,
            number,
            exactly_once,
            faults,
            rng,
        )
        stream.create(PARTITIONS)
        transactions = {PREFIX: f"{stream.group}-"} if exactly_once else {}
        self.processor = stream.processor({CONCURRENCY: str(number)} | transactions | ALL)
        self.numbers: LoadGenerator = stream.numbers(RATE)
        self.hits: list[str] = []

    def start(self) -> None:
        """Until each process has partitions, and records have passed."""
        self.processor.start().first_answer()
        self.stream.members(self.number, SECONDS)
        self.numbers.advance(self.rng.randrange(RATE // 10, RATE))

    def hit(self, fault: str) -> None:
        self.hits.append(
            f"{fault} with {wait_for(self.stream.behind, SECONDS, 'records in flight')} in flight"
        )

    def kill_a_process(self) -> None:
        self.hit("kill -9 of one")
        os.kill(self.rng.choice(worker_pids(self.processor)), signal.SIGKILL)
        assert self.processor.exit_code() == 128 + signal.SIGKILL
        self.gone()
        self.start()

    def kill_the_parent(self) -> None:
        self.hit("kill -9 of the parent")
        self.processor.kill()
        self.gone()
        self.start()

    def terminate(self) -> None:
        self.hit("SIGTERM")
        self.processor.signal(signal.SIGTERM)
        assert self.processor.exit_code() == Exit.OK, self.processor.tail()
        self.gone()
        self.start()

    def targets(self) -> None:
        """Every process obeys each command.

        A paused input does not move, once the records in flight are written.
        """
        for off, then, on in (("PAUSED", "paused", "RESUMED"), ("STOPPED", "stopped", "STARTED")):
            change_state(self.processor, off, then)
            wait_for(self.stands, SECONDS, f"a standstill of what is {then}")
            assert self.stream.behind() > 0
            change_state(self.processor, on, "running")
            self.stream.members(self.number, SECONDS)
        self.hits.append("paused and resumed, stopped and started")

    def stands(self) -> bool:
        """Whether nothing is written while more is there to be read."""
        ends = self.stream.topics.ends(self.stream.target)
        self.numbers.advance(RATE // 2)
        return self.stream.topics.ends(self.stream.target) == ends

    def gone(self) -> None:
        """Nothing is left of the program."""
        wait_for(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in worker_pids(self.processor)),
            SECONDS,
            "the end of every process",
        )

    def finish(self, report_figure: Callable[[str], None]) -> None:
        sent = self.numbers.finish()
        self.stream.drain()
        delivery_count = self.stream.count(sent)
        report_figure(f"{delivery_count}; {'; '.join(self.hits)}")
        assert delivery_count.nothing_lost, delivery_count
        assert delivery_count.doubled == 0 or not self.exactly_once, delivery_count
        self.processor.signal(signal.SIGTERM)
        assert self.processor.exit_code() == Exit.OK
        self.gone()
        assert list(self.stream.topics.group(self.stream.group).members) == []
        assert "Traceback" not in self.processor.output


def worker_pids(processor: Processor) -> list[int]:
    """The process ids of those that it has started the last time."""
    latest = processor.output.rpartition("server.port: listening")[2]
    return [int(found) for found in re.findall(r"worker-\d+ \(process (\d+)\) is started", latest)]


Fault = Callable[[Program], None]

QUICK: list[tuple[int, bool, list[Fault]]] = [
    (2, False, [Program.kill_a_process, Program.terminate, Program.targets]),
    (4, True, [Program.kill_a_process, Program.kill_the_parent]),
]

ALL_FAULTS: list[Fault] = [
    Program.kill_a_process,
    Program.kill_the_parent,
    Program.terminate,
    Program.targets,
] * 5
