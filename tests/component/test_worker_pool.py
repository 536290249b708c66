"""Several processes as one program: a parent, and workers without Kafka."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from runtime.control.status import TargetState, TaskState
from runtime.control.worker_pool import WorkerPool
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle
from tests.support.pool_program import SECONDS, Program, Start
from tests.support.waiting import wait_for


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start so many workers, with these arguments and environment."""
    made: list[Program] = []

    def program(number: int, *argv: str, **environ: str) -> Program:
        made.append(Program(tmp_path, number, *argv, **environ))
        return made[-1]

    yield program
    for each in made:
        each.end()


def test_pool_reports_one_status(start: Start) -> None:
    number = 3
    program = start(number, "--spring.cloud.stream.kafka.binder.consumer-properties.no.such=1")
    partitions = re.escape(str(tuple(("in", each) for each in range(number))))
    samples = ",".join(map(str, range(number)))
    program.reported(
        rf"paused {partitions} received={number} sent=0 samples={samples} logs={5 * number} \[\]"
    )
    program.say("RESUMED")
    program.reported("running ")
    program.say("10")
    program.reported(f"running .* sent={10 * number} ")
    program.child.terminate()
    program.ended(Exit.OK)
    assert len(re.findall(r"\[ +parent\] .* stopping \(SIGTERM\)", program.output)) == number
    assert program.output.count("no.such") == 1, "a warning of the settings is logged once"


def test_one_kill_stops_all(start: Start) -> None:
    program = start(3)
    program.reported("paused .* received=3")
    os.kill(program.workers[1], signal.SIGKILL)
    program.ended(128 + signal.SIGKILL)
    assert re.search(r"worker-1 \(process \d+\) has ended with exit code 137", program.output)
    assert re.search(r"failed .*worker-1 has ended with exit code 137", program.output)
    assert len(re.findall(r"worker-[02] \(process \d+\) has ended\n", program.output)) == 2


def test_failed_process_ends_pool(start: Start) -> None:
    program = start(2)
    program.reported("paused .* received=2")
    program.say("STOPPED")
    program.ended(Exit.FENCED)


def test_one_stop_stops_the_pool(start: Start) -> None:
    program = start(2)
    program.reported("paused .* received=2")
    os.kill(program.workers[0], signal.SIGTERM)
    program.ended(Exit.OK)
    assert re.search(r"\[ +parent\] .* stopping \(the end of worker-0\)", program.output)


def test_early_signal_ends_pool(start: Start) -> None:
    program = start(2)
    program.reported("worker-1 .* is started")
    program.child.terminate()
    program.ended(Exit.OK)


def test_orphans_stop_in_order(start: Start) -> None:
    program = start(2)
    program.reported("paused .* received=2")
    program.child.kill()
    program.gone()
    assert program.output.count("stopping (the parent process has ended)") == 2
    assert "ending now" not in program.output


def test_second_signal_ends_all_at_once(start: Start) -> None:
    program = start(2, STUBBORN="1")
    program.reported("paused .* received=2")
    program.child.terminate()
    wait_for(
        lambda: program.output.count("stopping (SIGTERM)") == 3,
        SECONDS,
        "the first signal's effect",
    )
    program.child.terminate()
    program.ended(128 + signal.SIGTERM)


def test_deadline_ends_a_slow_stop(start: Start) -> None:
    program = start(2, "--spring.lifecycle.timeout-per-shutdown-phase=200ms", STUBBORN="1")
    program.reported("paused .* received=2")
    program.child.terminate()
    program.ended(Exit.UNFINISHED)


def test_unstartable_process_is_one_line() -> None:
    processes = WorkerPool(Settings(input_concurrency=2), Lifecycle(), ("/no/such/program",))
    with pytest.raises(
        ProcessorError, match="worker-0: the process cannot be started: No such file"
    ):
        processes.start()


def test_no_start_after_stop() -> None:
    lifecycle = Lifecycle()
    processes = WorkerPool(Settings(input_concurrency=2), lifecycle, ("/no/such/program",))
    lifecycle.request_stop("SIGTERM")
    assert processes.start().status.state is TaskState.STARTING
    with pytest.raises(StopIteration):
        processes.next_batch()


def test_send_to_closed_pipe_is_no_error() -> None:
    processes = WorkerPool(Settings(input_concurrency=1), Lifecycle())
    processes._all[0]._theirs.close()
    processes.send(TargetState.PAUSE)
