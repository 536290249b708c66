"""Signals, real ones at a real process.

None waits for a log, none loses work, and fds 0 to 2 are always open.
"""

import array
import fcntl
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.exit_codes import Exit
from tests.support.children import end, free_port
from tests.support.processor import Processor
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
SECONDS = 20

# A main thread that waits in a write to a pipe that nobody reads, and holds the lock of the log
# handler.
BLOCKED = """
import logging, sys, threading
sys.path.insert(0, {root!r})
from runtime.logs import console
from runtime.lifecycle import Lifecycle
from runtime.watchdog import Watchdog
console.configure("test", {{}})
lifecycle = Lifecycle()
Watchdog(lifecycle, {deadline}, 3600).start()
lifecycle.on_stop(lambda reason: open({seen!r}, "w").write(reason))
{more}
while True:
    logging.info("x" * 1000)
"""
PIPE_BYTES = 4096
FULL_BYTES = 3000  # what is left of the pipe then is less than a line


class Blocked:
    """A process of BLOCKED, whose stdout and stderr are one pipe."""

    def __init__(self, folder: Path, deadline: float, more: str = "") -> None:
        self.seen = folder / "reason"
        self.reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        script = BLOCKED.format(root=str(ROOT), deadline=deadline, seen=str(self.seen), more=more)
        self.child = subprocess.Popen([sys.executable, "-c", script], stdout=writer, stderr=writer)
        os.close(writer)

    def full(self) -> bool:
        waiting = array.array("i", [0])
        fcntl.ioctl(self.reader, termios.FIONREAD, waiting)
        return waiting[0] > FULL_BYTES

    def blocked(self) -> "Blocked":
        wait_for(self.full, SECONDS, "a full pipe")
        return self

    def close(self) -> None:
        end(self.child)
        os.close(self.reader)


@pytest.fixture
def started() -> Iterator[list[Blocked]]:
    children: list[Blocked] = []
    yield children
    for child in children:
        child.close()


def start(started: list[Blocked], folder: Path, deadline: float, more: str = "") -> Blocked:
    started.append(Blocked(folder, deadline, more))
    return started[-1].blocked()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_deadline_waits_for_no_log(
    started: list[Blocked], tmp_path: Path, number: signal.Signals
) -> None:
    blocked = start(started, tmp_path, deadline=0.5)
    blocked.child.send_signal(number)
    assert blocked.child.wait(SECONDS) == Exit.UNFINISHED
    assert blocked.seen.read_text() == number.name  # all other threads know of the stop


def test_second_signal_waits_for_no_log(started: list[Blocked], tmp_path: Path) -> None:
    blocked = start(started, tmp_path, deadline=3600)
    blocked.child.terminate()
    wait_for(blocked.seen.exists, SECONDS, "the first signal")
    blocked.child.terminate()
    assert blocked.child.wait(SECONDS) == 128 + signal.SIGTERM


def test_stop_by_http_waits_for_no_log(started: list[Blocked], tmp_path: Path) -> None:
    more = 'threading.Timer(1, lifecycle.request_stop, ["POST /shutdown"]).start()'
    blocked = start(started, tmp_path, deadline=0.5, more=more)
    assert blocked.child.wait(SECONDS) == Exit.UNFINISHED


def test_thread_dump_waits_for_no_log(started: list[Blocked], tmp_path: Path) -> None:
    blocked = start(started, tmp_path, deadline=0.5)
    blocked.child.send_signal(signal.SIGQUIT)
    blocked.child.terminate()
    assert blocked.child.wait(SECONDS) == Exit.UNFINISHED


# the processor itself, without a broker


@pytest.fixture
def processor(tmp_path: Path) -> Iterator[Processor]:
    made = offline(tmp_path)
    yield made
    made.end()


def offline(folder: Path, *wrapper: str) -> Processor:
    settings = {
        "server.port": str(free_port()),
        "spring.cloud.stream.kafka.binder.brokers": f"127.0.0.1:{free_port()}",
    }
    made = Processor(folder / "output", settings)
    made._command = [*wrapper, *made._command]
    return made


def test_sighup_is_an_orderly_stop(processor: Processor) -> None:
    processor.start().first_answer().signal(signal.SIGHUP)
    assert processor.exit_code() == Exit.OK
    assert "stopping (SIGHUP)" in processor.output


def test_sighup_stays_ignored(tmp_path: Path) -> None:
    made = offline(tmp_path, "nohup").start()
    try:
        made.first_answer()
        made.signal(signal.SIGHUP)
        assert made.answers()
        made.signal(signal.SIGTERM)
        assert made.exit_code() == Exit.OK
        assert "stopping (SIGTERM)" in made.output
    finally:
        made.end()


def test_sigquit_dumps_threads(processor: Processor) -> None:
    processor.start().first_answer().signal(signal.SIGQUIT)
    wait_for(
        lambda: "thread MainThread: " in processor.output, SECONDS, "a line for the main thread"
    )
    wait_for(lambda: "thread watchdog: " in processor.output, SECONDS, "a line for the watchdog")
    assert processor.answers()
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == Exit.OK


def test_closed_stream_is_dev_null(tmp_path: Path) -> None:
    made = offline(tmp_path, "sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh").start()
    try:
        made.first_answer()
        assert {Path(f"/proc/{made.child.pid}/fd/{number}").readlink() for number in range(3)} == {
            Path("/dev/null")
        }
        made.signal(signal.SIGTERM)
        assert made.exit_code() == Exit.OK
    finally:
        made.end()


@pytest.mark.parametrize("option", ["--help", "--check"])
def test_closed_stream_is_no_error(option: str) -> None:
    brokers = f"--spring.cloud.stream.kafka.binder.brokers=127.0.0.1:{free_port()}"
    command = f'exec "{sys.executable}" dataflow.py {option} {brokers} <&- >&- 2>&-'
    code = subprocess.run(["sh", "-c", command], cwd=ROOT, check=False).returncode
    assert code == (Exit.OK if option == "--help" else Exit.FAILED)
