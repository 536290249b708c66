"""Several processes as one program: what holds for one process holds for two and for four."""

import random
import signal
from collections.abc import Callable
from http import HTTPStatus

import pytest

from runtime.exit_codes import Exit
from tests.support.load.records import Record
from tests.support.processor import REPOSITORY, SECONDS, Processor
from tests.support.stream import Stream
from tests.support.verify.bindings import change_state
from tests.support.verify.metrics import EXPOSED, SENDS, families, value
from tests.support.waiting import let_pass, wait_for
from tests.support.worker_processes import ALL, ALL_FAULTS, CONCURRENCY, QUICK, Program, worker_pids


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
def program(stream: Stream, request: pytest.FixtureRequest, rng: random.Random) -> Program:
    number, exactly_once, faults = request.param
    return Program(stream, number, exactly_once, faults, rng)


def test_fault_in_any_process_loses_nothing(
    program: Program, report_figure: Callable[[str], None]
) -> None:
    program.start()
    for fault in program.rng.sample(program.faults, len(program.faults)):
        fault(program)
    program.finish(report_figure)


# Exactly once is a long one: Kafka 4.4, a single node killed in the middle of a commit, was seen to
# come back without markers of its own transaction.
@pytest.mark.parametrize("exactly_once", [False, pytest.param(True, marks=pytest.mark.long)])
def test_all_survive_outage(
    own_stream: Stream,
    exactly_once: bool,  # noqa: FBT001 - pytest gives it by name
    rng: random.Random,
    report_figure: Callable[[str], None],
) -> None:
    program = Program(own_stream, 2, exactly_once, [], rng)
    program.start()
    processes = worker_pids(program.processor)
    program.hit("broker away")
    with own_stream.kafka.away():
        wait_for(lambda: troubles(program.processor), SECONDS, "the problem reported")
        assert (
            program.processor.request("GET", "/actuator/health/readiness")[0]
            == HTTPStatus.SERVICE_UNAVAILABLE
        )
        assert program.processor.request("GET", "/actuator/health/liveness")[0] == HTTPStatus.OK
        let_pass(1)
    wait_for(lambda: not troubles(program.processor), SECONDS, "no trouble any more")
    program.finish(report_figure)
    assert worker_pids(program.processor) == processes


def troubles(processor: Processor) -> bool:
    """Whether health does not know of the broker."""
    binder = processor.get("/actuator/health")["components"]["binders"]["components"]["kafka"]
    return bool(binder["status"] == "UNKNOWN" and binder["details"]["troubles"])


def test_one_actuator_serves_all_processes(stream: Stream) -> None:
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
    change_state(processor, "PAUSED", "paused")
    assert "changing the input to" not in processor.output, "every process applies the level"
    assert (
        processor.request(
            "POST", "/actuator/loggers/processor.lifecycle", {"configuredLevel": None}
        )[0]
        == HTTPStatus.NO_CONTENT
    )
    change_state(processor, "RESUMED", "running")
    wait_for(
        lambda: processor.output.count("changing the input to RESUMED") == 2,
        SECONDS,
        "every process applying the level again",
    )

    assert processor.request("POST", "/shutdown")[0] == HTTPStatus.OK
    assert processor.exit_code() == Exit.OK
    assert processor.output.count("stopped: all records read are delivered and committed") == 2


def test_bytewax_run_starts_all_processes(stream: Stream) -> None:
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


def test_start_error_has_exit_code(stream: Stream) -> None:
    processor = stream.processor(
        {CONCURRENCY: "2", "spring.cloud.stream.bindings.output.destination": "no topic name"}
    ).start()
    assert processor.exit_code() == Exit.FAILED
    assert "'no topic name' is no topic name" in processor.output
    assert "Traceback" not in processor.output
