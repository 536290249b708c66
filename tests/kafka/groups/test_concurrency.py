"""Several processes as one program: what holds for one process holds for two and for four."""

import os
import random
import re
import signal
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

import pytest

from runtime.exit_codes import Exit
from tests.support.load.load_generator import LoadGenerator
from tests.support.load.records import Record
from tests.support.processor import REPOSITORY, SECONDS, Processor
from tests.support.stream import Stream
from tests.support.verify.bindings import wish
from tests.support.verify.metrics import EXPOSED, SENDS, families, value
from tests.support.waiting import let_pass, wait_for

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
        chance: random.Random,
    ) -> None:
        self.stream, self.number, self.exactly_once, self.faults, self.chance = (
            stream,
            number,
            exactly_once,
            faults,
            chance,
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
        self.numbers.advance(self.chance.randrange(RATE // 10, RATE))

    def hit(self, fault: str) -> None:
        self.hits.append(
            f"{fault} with {wait_for(self.stream.behind, SECONDS, 'records in flight')} in flight"
        )

    def kill_a_process(self) -> None:
        self.hit("kill -9 of one")
        os.kill(self.chance.choice(lanes(self.processor)), signal.SIGKILL)
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

    def wishes(self) -> None:
        """Each is heeded by all: what is told as held does not move, once what was in hand is
        written.
        """
        for off, then, on in (("PAUSED", "paused", "RESUMED"), ("STOPPED", "stopped", "STARTED")):
            wish(self.processor, off, then)
            wait_for(self.stands, SECONDS, f"a standstill of what is {then}")
            assert self.stream.behind() > 0
            wish(self.processor, on, "running")
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
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in lanes(self.processor)),
            SECONDS,
            "the end of every process",
        )

    def verdict(self, tell: Callable[[str], None]) -> None:
        sent = self.numbers.finish()
        self.stream.drain()
        books = self.stream.count(sent)
        tell(f"{books}; {'; '.join(self.hits)}")
        assert books.nothing_lost, books
        assert books.doubled == 0 or not self.exactly_once, books
        self.processor.signal(signal.SIGTERM)
        assert self.processor.exit_code() == Exit.OK
        self.gone()
        assert list(self.stream.topics.group(self.stream.group).members) == []
        assert "Traceback" not in self.processor.output


def lanes(processor: Processor) -> list[int]:
    """The process ids of those that it has started the last time."""
    latest = processor.output.rpartition("server.port: listening")[2]
    return [int(found) for found in re.findall(r"worker-\d+ \(process (\d+)\) is started", latest)]


Fault = Callable[[Program], None]
QUICK: list[tuple[int, bool, list[Fault]]] = [
    (2, False, [Program.kill_a_process, Program.terminate, Program.wishes]),
    (4, True, [Program.kill_a_process, Program.kill_the_parent]),
]
ALL_FAULTS: list[Fault] = [
    Program.kill_a_process,
    Program.kill_the_parent,
    Program.terminate,
    Program.wishes,
] * 5


@pytest.fixture(
    params=[
        *QUICK,
        *(
            pytest.param((number, mode, ALL_FAULTS), marks=pytest.mark.long)
            for number in (2, 4)
            for mode in (False, True)
        ),
    ],
    ids=lambda each: f"{each[0]}-{'exactly' if each[1] else 'at-least'}-once-{len(each[2])}",
)
def program(stream: Stream, request: pytest.FixtureRequest, chance: random.Random) -> Program:
    number, exactly_once, faults = request.param
    return Program(stream, number, exactly_once, faults, chance)


def test_nothing_is_lost_whichever_process_is_hit(
    program: Program, tell: Callable[[str], None]
) -> None:
    program.start()
    for fault in program.chance.sample(program.faults, len(program.faults)):
        fault(program)
    program.verdict(tell)


# Exactly once is a long one: Kafka 4.4, a single node killed in the middle of a commit, was seen to
# come back without markers of its own transaction.
@pytest.mark.parametrize("exactly_once", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_broker_that_is_away_is_waited_out_by_all(
    own_stream: Stream,
    exactly_once: bool,  # noqa: FBT001 - pytest gives it by name
    chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    program = Program(own_stream, 2, exactly_once, [], chance)
    program.start()
    processes = lanes(program.processor)
    program.hit("broker away")
    with own_stream.kafka.away():
        wait_for(lambda: troubles(program.processor), SECONDS, "the trouble told")
        assert (
            program.processor.request("GET", "/actuator/health/readiness")[0]
            == HTTPStatus.SERVICE_UNAVAILABLE
        )
        assert program.processor.request("GET", "/actuator/health/liveness")[0] == HTTPStatus.OK
        let_pass(1)
    wait_for(lambda: not troubles(program.processor), SECONDS, "no trouble any more")
    program.verdict(tell)
    assert lanes(program.processor) == processes


def troubles(processor: Processor) -> bool:
    """Whether health does not know of the broker."""
    binder = processor.get("/actuator/health")["components"]["binders"]["components"]["kafka"]
    return bool(binder["status"] == "UNKNOWN" and binder["details"]["troubles"])


def test_one_actuator_speaks_for_all(stream: Stream) -> None:
    stream.create(4)
    processor = stream.processor({CONCURRENCY: "2"} | EXPOSED | ALL).start().running()
    stream.members(2)
    stream.send(*(Record(f"text {number}".encode(), partition=number % 4) for number in range(400)))
    stream.drain()
    assert len(stream.arrived()) == 400
    wait_for(
        lambda: value(processor, f"{SENDS}_count", name="output") == 400,
        SECONDS,
        "400 records counted",
    )
    sent = "kafka_producer_record_send_total"
    clients = [f"producer-python-processor-1-{number}" for number in range(2)]

    def by_client() -> dict[str, float]:
        samples = [
            sample
            for family in families(processor)
            for sample in family.samples
            if sample.name == sent
        ]
        return {sample.labels["client_id"]: sample.value for sample in samples}

    wait_for(lambda: by_client() == dict.fromkeys(clients, 200.0), SECONDS, "200 records by each")
    assert (
        value(processor, "spring_cloud_stream_binder_kafka_offset", topic=stream.source) is not None
    )
    assert value(processor, "process_cpu_time_ns_total")
    assert "partitions=4" in processor.binding()["extendedInfo"]["bindingDestination"]
    assert (
        processor.get("/actuator/metrics/kafka.consumer.coordinator.assigned.partitions")[
            "measurements"
        ][0]["value"]
        == 4
    )

    loud = processor.request(
        "POST", "/actuator/loggers/processor.lifecycle", {"configuredLevel": "ERROR"}
    )
    assert loud[0] == HTTPStatus.NO_CONTENT
    wish(processor, "PAUSED", "paused")
    assert "the input is to be" not in processor.output, "every process heeds the level"
    assert (
        processor.request(
            "POST", "/actuator/loggers/processor.lifecycle", {"configuredLevel": None}
        )[0]
        == HTTPStatus.NO_CONTENT
    )
    wish(processor, "RESUMED", "running")
    wait_for(
        lambda: processor.output.count("the input is to be RESUMED") == 2,
        SECONDS,
        "every process heeding the level again",
    )

    assert processor.request("POST", "/shutdown")[0] == HTTPStatus.OK
    assert processor.exit_code() == Exit.OK
    assert processor.output.count("stopped: all that was taken is delivered and committed") == 2


def test_bytewax_run_starts_as_many_and_each_finds_a_partition(stream: Stream) -> None:
    """Both may find that the topic has too few, and there is no second try."""
    stream.create(1)
    program = ("-m", "bytewax.run", f"dataflow:flow('--{CONCURRENCY}=2')")
    settings = {
        "spring.cloud.stream.kafka.binder.auto-add-partitions": "true",
        "spring.cloud.stream.binding-retry-interval": "0",
    }
    processor = (
        stream.processor(settings, program, environ={"PYTHONPATH": str(REPOSITORY)})
        .start()
        .running()
    )
    stream.members(2)
    processor.signal(signal.SIGINT)
    assert processor.exit_code() == Exit.OK


def test_an_error_at_the_start_is_that_of_the_program(stream: Stream) -> None:
    processor = stream.processor(
        {CONCURRENCY: "2", "spring.cloud.stream.bindings.output.destination": "no topic name"}
    ).start()
    assert processor.exit_code() == Exit.FAILED
    assert "'no topic name' is no topic name" in processor.output
    assert "Traceback" not in processor.output
