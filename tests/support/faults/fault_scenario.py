"""A stream with numbered records, the faults that hit it, and a count of the records at the end."""

import random
import re
import signal
from collections import defaultdict
from collections.abc import Callable

from confluent_kafka import IsolationLevel

from runtime.exit_codes import Exit
from tests.support.faults.inject import inject_when_in_flight
from tests.support.faults.row import Row
from tests.support.load.records import read
from tests.support.processor import Processor
from tests.support.settings import PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.output_verifier import OutputVerifier
from tests.support.waiting import let_pass, wait_for

# Records a second: three streams, six processors and three nodes share what may be two slow cores.
RATE = 300
# Seconds of records in a batch; with 0.05 the generators of three streams kept 1.5 slow cores busy.
TOGETHER = 0.2
PARTITIONS = 4  # of which the third processor still gets one

_BINDER = "spring.cloud.stream.kafka.binder"
AT_LEAST_ONCE, EXACTLY_ONCE = "at-least-once", "exactly-once"
MODES = (AT_LEAST_ONCE, EXACTLY_ONCE)
Settings = dict[str, str]
# Logs the rewinds that a row counts, and serves the thread dump that a failure shows.
SHOWN_AT_INFO = {
    "logging.level.processor.commit": "debug",
    "logging.level.processor.group": "debug",
    "management.endpoints.web.exposure.include": "*",
}


class FaultScenario:
    """One stream, its generator, its verifier, its processors, and what hit them."""

    def __init__(
        self,
        stream: Stream,
        mode: str,
        protocol: str,
        rng: random.Random,
        settings: Settings | None = None,
        *,
        rate: float = RATE,
    ) -> None:
        self.stream, self.mode, self.protocol, self.rng = stream, mode, protocol, rng
        self._settings = PROTOCOLS[protocol] | SHOWN_AT_INFO | (settings or {})
        self._rate = rate
        self.hits: dict[str, list[int]] = defaultdict(list)
        self.row: Row | None = None  # the result, once counted
        stream.create(PARTITIONS)
        self.numbers = stream.numbers(rate, TOGETHER)
        self.verifier = OutputVerifier(
            stream.kafka.bootstrap, stream.target, PARTITIONS, self.numbers.record
        )

    @property
    def broken(self) -> bool:
        """Whether the result breaks the delivery guarantee."""
        return self.row is not None and self.row.broken > 0

    @property
    def processors(self) -> list[Processor]:
        return self.stream.processors

    def join(self, settings: Settings | None = None) -> Processor:
        """One more processor takes part."""
        made = self.launch(settings).first_answer()
        self.await_members()
        return made

    def launch(self, settings: Settings | None = None) -> Processor:
        """One more processor is on its way."""
        return self.stream.processor(self.settings(len(self.processors)) | (settings or {})).start()

    def settings(self, index: int) -> Settings:
        """Of the instance with this index."""
        own = {"spring.cloud.stream.instanceIndex": f"{index}"}
        if self.mode == EXACTLY_ONCE:
            own[f"{_BINDER}.transaction.transaction-id-prefix"] = f"{self.stream.group}-"
        return own | self._settings

    @property
    def alive(self) -> int:
        return sum(one.child.poll() is None for one in self.processors)

    def await_members(self, timeout: float = 60) -> None:
        """Wait until all processors that live have their partitions."""
        self.stream.members(self.alive, timeout)

    def let_records_pass(self, seconds: float = 1.0) -> None:
        """Let a random number of records pass, `seconds` long at most."""
        self.numbers.advance(
            self.rng.randrange(int(self._rate * seconds / 10), int(self._rate * seconds))
        )

    def await_output(self, records: int = 500, timeout: float = 60) -> None:
        """Wait until output arrives (again)."""
        self.verifier.advance(records, timeout)

    # ---- faults

    def inject(self, name: str, processor: Processor, fault: Callable[[], None]) -> None:
        """Apply `fault` at a moment when records are in flight, and write down how many."""
        self.hits[name].append(inject_when_in_flight(self.stream, processor, fault))

    def kill(self, processor: Processor) -> None:
        self.inject("kill -9", processor, processor.kill)

    def terminate(self, processor: Processor) -> None:
        """SIGTERM after the first HTTP answer: the processor drains and its exit code is 0.

        Or UNFINISHED, exactly once: a rebalance in the middle of the last commit costs the
        transaction, which others then read again.
        """
        processor.first_answer()
        # Not frozen: a stop needs its session.
        self.hits["SIGTERM"].append(wait_for(self.stream.behind, 30, "records in flight"))
        processor.signal(signal.SIGTERM)
        assert processor.exit_code() in (
            {Exit.OK, Exit.UNFINISHED} if self.mode == EXACTLY_ONCE else {Exit.OK}
        ), processor.tail()

    def outage(self, seconds: float, node: int = 1) -> None:
        """A broker dies and comes back; the processors are the same ones afterwards."""
        pids = [one.child.pid for one in self.processors]
        self.inject("broker killed", self.processors[0], lambda: self.stream.kafka.kill(node))
        let_pass(seconds)
        self.stream.kafka.restart(node)
        self.await_output()
        self.unharmed(pids)

    def unharmed(self, pids: list[int]) -> None:
        """The processors are those of `pids`, alive."""
        for one in self.processors:
            one.assert_alive()
        assert [one.child.pid for one in self.processors] == pids

    # ---- the end

    def finish(self, scenario: str, at_least: int = 0, timeout: float = 120) -> Row:
        """Let the flow end, count the records."""
        sent = len(self.numbers.finish(at_least))
        self.stream.drain(timeout)
        lost = self.verifier.finish(sent, self.stream.topics.ends(self.stream.target))
        self.row = row = Row(scenario, self.mode, self.protocol, sent, self._hits())
        row.rebalances = self._count_lines("partitions assigned: ")
        row.aborts = self._count_lines("transaction aborted")
        row.rewinds = self._count_lines("rewound to")
        row.lost, row.doubled, row.pause = (
            len(lost),
            self.verifier.doubled,
            self.verifier.longest_pause,
        )
        row.disordered, row.wrong = self.verifier.disordered, self.verifier.wrong
        row.places = [
            *self.verifier.places,
            *(f"lost: {self._in_input(number)}" for number in lost[:5]),
        ]
        return row

    def _in_input(self, number: int) -> str:
        """Where a number is that has not arrived: a broker may have lost it, too."""
        value = self.numbers.record(number).value
        found = [
            (one.partition, one.offset)
            for one in read(self.stream.kafka.bootstrap, self.stream.source)
            if one.value == value
        ]
        return f"number {number}, in the input at {found}"

    def stop(self) -> None:
        """SIGTERM for all that run, each after its first HTTP answer: the exit codes are 0."""
        # A fault may have ended a moment ago with a start, and the other member does the work.
        running = [one.first_answer() for one in self.processors if one.child.poll() is None]
        for one in running:
            one.signal(signal.SIGTERM)
        assert [one.exit_code() for one in running] == [0] * len(running), [
            one.tail(5) for one in running
        ]

    def where(self) -> str:
        """How far everything has come, and how the broker sees the group; for messages."""
        try:
            return self._where()
        except Exception as error:  # noqa: BLE001 - what has gone wrong may be the broker that is asked
            return f"where it stands is unknown: {error!r}"

    def _where(self) -> str:
        topics, stream = self.stream.topics, self.stream
        threads = "\n".join(main_thread(one) for one in self.processors)
        return (
            f"{self.numbers.where()}; input ends at {topics.ends(stream.source)}, "
            f"committed {topics.committed(stream.group, stream.source)}, "
            f"output ends at {topics.ends(stream.target)}, stable to "
            f"{topics.ends(stream.target, IsolationLevel.READ_COMMITTED)}, "
            f"{self.verifier.arrived} arrived; the group is "
            f"{topics.describe_group(stream.group)}\n{threads}"
        )

    def _count_lines(self, line: str) -> int:
        return sum(len(re.findall(re.escape(line), one.output)) for one in self.processors)

    def _hits(self) -> str:
        return "; ".join(
            f"{len(met)} x {fault} ({min(met)}-{max(met)})" for fault, met in self.hits.items()
        )


def main_thread(processor: Processor) -> str:
    """The stack of the processor's main thread."""
    try:
        threads = processor.get("/actuator/threaddump")["threads"]
    except (OSError, AssertionError) as error:
        return f"no thread dump: {error}"
    (main,) = [thread for thread in threads if thread["threadName"] == "MainThread"]
    return " <- ".join(
        f"{frame['methodName']} ({frame['fileName']}:{frame['lineNumber']})"
        for frame in main["stackTrace"]
    )


def ended(processor: Processor, timeout: float = 30) -> int:
    """The exit code, once there is one."""
    wait_for(lambda: processor.child.poll() is not None, timeout, "the end of the processor")
    return processor.exit_code()
