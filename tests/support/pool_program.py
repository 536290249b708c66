"""A parent and worker processes that only pretend to process records."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
SECONDS = 30

# The parent sends what it reads on stdin, and prints each change that the actuator would see.
# Tasks change their state as a real task does.
PROGRAM = f"""
import logging, os, sys, threading
sys.path.insert(0, {str(ROOT)!r})
import config
from runtime.control import worker_link
from runtime.startup import set_up_process
from runtime.metrics.meter import Sample
from runtime.control.worker_pool import WorkerPool
from runtime.control.status import TaskHandle, Counters, TaskState, TaskStatus, TargetState
from runtime.control.commands import SetLogLevel

settings = config.load(sys.argv[1:], os.environ)
lifecycle = set_up_process(settings)
STATES = {{TargetState.PAUSE: TaskState.PAUSED, TargetState.RESUME: TaskState.RUNNING}}

def run_task(handle, number):
    state = TaskState.RUNNING
    stubborn = "STUBBORN" in os.environ
    while stubborn or not lifecycle.wait(0.02):
        while target := handle.next_command():
            if target is TargetState.STOP and number == 0:
                lifecycle.fail(5)
            state = STATES.get(target, state)
        level = logging.getLogger("some").level
        tags = (("client.id", f"c{{settings.suffix}}"),)
        counters = Counters(received=1, sent=level)
        handle.publish(TaskStatus(state, (("in", number),), (), counters, samples=(Sample("a", number, tags),)))
        if stubborn:
            threading.Event().wait(0.02)

def commands():
    for line in sys.stdin:
        word = line.strip()
        processes.set_level(SetLogLevel("some", int(word))) if word.isdigit() else processes.send(TargetState(word))

if settings.worker_slot:
    handle = TaskHandle()
    worker_link.connect_to_parent(settings, handle, lifecycle)
    assert settings.input_group == "anonymous." + settings.worker_slot.instance_id
    run_task(handle, settings.worker_slot.number)
else:
    processes, printed = WorkerPool(settings, lifecycle), None
    processes.send(TargetState.PAUSE)  # before anyone can hear it
    threading.Thread(target=commands, daemon=True).start()
    processes.start()
    while True:
        status = processes.status
        now = f"{{status.state}} {{status.partitions}} received={{status.counters.received}} sent={{status.counters.sent}}"
        now += " samples=" + ",".join(str(each.value) for each in status.samples if each.meter == "a")
        now += f" logs={{sum(each.meter == 'logback.events' for each in status.samples)}} {{[each.what for each in status.troubles]}}"
        if now != printed:
            print(now, flush=True)
            printed = now
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

    def reported(self, pattern: str) -> None:
        wait_for(lambda: re.search(pattern, self.output), SECONDS, f"{pattern} in\n{self.output}")

    def say(self, word: str) -> None:
        assert self.child.stdin
        self.child.stdin.write(f"{word}\n".encode())
        self.child.stdin.flush()

    @property
    def workers(self) -> list[int]:
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
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in self.workers),
            SECONDS,
            "the end of the workers",
        )

    def end(self) -> None:
        self.child.kill()
        self.child.communicate()
        for pid in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


Start = Callable[..., Program]
