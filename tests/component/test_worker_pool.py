"""Several processes as one program: a parent and lanes that only pretend to be some."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import Settings
from runtime.control.status import TargetState, TaskState
from runtime.control.worker_pool import WorkerPool
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
SECONDS = 30

# The parent sends what it reads on stdin and tells every change of what the actuator would see.
# Lanes do what a lane does with wishes.
PROGRAM = f"""
import logging, os, sys, threading
sys.path.insert(0, {str(ROOT)!r})
import config
from runtime.control import worker_link
from runtime.startup import set_up_process
from runtime.metrics.meters import Sample
from runtime.control.worker_pool import WorkerPool
from runtime.control.status import TaskHandle, Counters, TaskState, TaskStatus, TargetState
from runtime.control.commands import SetLogLevel

settings = config.load(sys.argv[1:], os.environ)
lifecycle = set_up_process(settings)
STATES = {{TargetState.PAUSE: TaskState.PAUSED, TargetState.RESUME: TaskState.RUNNING}}

def lane(board, number):
    state = TaskState.RUNNING
    stubborn = "STUBBORN" in os.environ
    while stubborn or not lifecycle.wait(0.02):
        while wish := board.next_command():
            if wish is TargetState.STOP and number == 0:
                lifecycle.fail(5)
            state = STATES.get(wish, state)
        level = logging.getLogger("some").level
        tags = (("client.id", f"c{{settings.suffix}}"),)
        counters = Counters(received=1, sent=level)
        board.publish(TaskStatus(state, (("in", number),), (), counters, samples=(Sample("a", number, tags),)))
        if stubborn:
            threading.Event().wait(0.02)

def commands():
    for line in sys.stdin:
        word = line.strip()
        processes.set_level(SetLogLevel("some", int(word))) if word.isdigit() else processes.send(TargetState(word))

if settings.place:
    board = TaskHandle()
    worker_link.connect_to_parent(settings, board, lifecycle)
    assert settings.input_group == "anonymous." + settings.place.instance_id
    lane(board, settings.place.number)
else:
    processes, told = WorkerPool(settings, lifecycle), None
    processes.send(TargetState.PAUSE)  # before anyone can hear it
    threading.Thread(target=commands, daemon=True).start()
    processes.start()
    while True:
        status = processes.status
        now = f"{{status.state}} {{status.partitions}} received={{status.counters.received}} sent={{status.counters.sent}}"
        now += " samples=" + ",".join(str(each.value) for each in status.samples if each.meter == "a")
        now += f" logs={{sum(each.meter == 'logback.events' for each in status.samples)}} {{[each.what for each in status.troubles]}}"
        if now != told:
            print(now, flush=True)
            told = now
        try:
            processes.next_batch()
        except StopIteration:
            break
"""  # noqa: E501 - lines of a page


class Program:
    """The parent, with what it and its children have written."""

    def __init__(self, folder: Path, number: int, *argv: str, **environ: str) -> None:
        self._output = folder / "output"
        program = folder / "program.py"
        program.write_text(PROGRAM)
        with self._output.open("wb") as output:
            self.child = subprocess.Popen(
                [
                    sys.executable,
                    str(program),
                    f"--spring.cloud.stream.bindings.input.consumer.concurrency={number}",
                    *argv,
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | environ,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def told(self, pattern: str) -> None:
        wait_for(lambda: re.search(pattern, self.output), SECONDS, f"{pattern} in\n{self.output}")

    def say(self, word: str) -> None:
        assert self.child.stdin
        self.child.stdin.write(f"{word}\n".encode())
        self.child.stdin.flush()

    @property
    def lanes(self) -> list[int]:
        """The process ids of those that have been started."""
        return [
            int(found)
            for found in re.findall(r"worker-\d+ \(process (\d+)\) is started", self.output)
        ]

    def ended(self, code: int) -> None:
        """It ends with this code, and soon nothing is left of it."""
        assert self.child.wait(SECONDS) == code, self.output
        self.gone()

    def gone(self) -> None:
        wait_for(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in self.lanes),
            SECONDS,
            "the end of the lanes",
        )

    def end(self) -> None:
        self.child.kill()
        self.child.communicate()
        for pid in self.lanes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start so many lanes, with these arguments and environment."""
    made: list[Program] = []

    def program(number: int, *argv: str, **environ: str) -> Program:
        made.append(Program(tmp_path, number, *argv, **environ))
        return made[-1]

    yield program
    for each in made:
        each.end()


def test_they_are_seen_and_told_as_one(start: Start) -> None:
    number = 3
    program = start(number, "--spring.cloud.stream.kafka.binder.consumer-properties.no.such=1")
    partitions = re.escape(str(tuple(("in", each) for each in range(number))))
    samples = ",".join(map(str, range(number)))
    program.told(
        rf"paused {partitions} received={number} sent=0 samples={samples} logs={5 * number} \[\]"
    )
    program.say("RESUMED")
    program.told("running ")
    program.say("10")
    program.told(f"running .* sent={10 * number} ")
    program.child.terminate()
    program.ended(Exit.OK)
    assert len(re.findall(r"\[ +parent\] .* stopping \(SIGTERM\)", program.output)) == number
    assert program.output.count("no.such") == 1, "a warning of the settings is told once"


def test_one_that_is_killed_ends_all_with_its_code_the_others_in_good_order(start: Start) -> None:
    program = start(3)
    program.told("paused .* received=3")
    os.kill(program.lanes[1], signal.SIGKILL)
    program.ended(128 + signal.SIGKILL)
    assert re.search(r"worker-1 \(process \d+\) has ended with exit code 137", program.output)
    assert re.search(r"failed .*worker-1 has ended with exit code 137", program.output)
    assert len(re.findall(r"worker-[02] \(process \d+\) has ended\n", program.output)) == 2


def test_one_that_fails_ends_all_with_its_code(start: Start) -> None:
    program = start(2)
    program.told("paused .* received=2")
    program.say("STOPPED")
    program.ended(Exit.FENCED)


def test_one_that_is_asked_to_stop_stops_all(start: Start) -> None:
    program = start(2)
    program.told("paused .* received=2")
    os.kill(program.lanes[0], signal.SIGTERM)
    program.ended(Exit.OK)
    assert re.search(r"\[ +parent\] .* stopping \(the end of worker-0\)", program.output)


def test_a_signal_before_any_is_up_ends_all(start: Start) -> None:
    program = start(2)
    program.told("worker-1 .* is started")
    program.child.terminate()
    program.ended(Exit.OK)


def test_without_their_parent_they_stop_in_good_order(start: Start) -> None:
    program = start(2)
    program.told("paused .* received=2")
    program.child.kill()
    program.gone()
    assert program.output.count("stopping (the parent process has ended)") == 2
    assert "ending now" not in program.output


def test_a_second_signal_ends_all_at_once(start: Start) -> None:
    program = start(2, STUBBORN="1")
    program.told("paused .* received=2")
    program.child.terminate()
    wait_for(
        lambda: program.output.count("stopping (SIGTERM)") == 3,
        SECONDS,
        "the first signal's effect",
    )
    program.child.terminate()
    program.ended(128 + signal.SIGTERM)


def test_a_stop_that_outlasts_the_deadline_ends_all(start: Start) -> None:
    program = start(2, "--spring.lifecycle.timeout-per-shutdown-phase=200ms", STUBBORN="1")
    program.told("paused .* received=2")
    program.child.terminate()
    program.ended(Exit.UNFINISHED)


def test_a_process_that_cannot_be_started_is_told_in_one_line() -> None:
    processes = WorkerPool(Settings(input_concurrency=2), Lifecycle(), ("/no/such/program",))
    with pytest.raises(
        ProcessorError, match="worker-0: the process cannot be started: No such file"
    ):
        processes.start()


def test_none_is_started_once_a_stop_is_asked_for() -> None:
    lifecycle = Lifecycle()
    processes = WorkerPool(Settings(input_concurrency=2), lifecycle, ("/no/such/program",))
    lifecycle.request_stop("SIGTERM")
    assert processes.start().status.state is TaskState.STARTING
    with pytest.raises(StopIteration):
        processes.next_batch()


def test_whoever_does_not_listen_is_no_one_s_trouble() -> None:
    processes = WorkerPool(Settings(input_concurrency=1), Lifecycle())
    processes._all[0]._theirs.close()
    processes.send(TargetState.PAUSE)
