"""Lifecycle, task handle, watchdog and log lines."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.control.status import Counters, TargetState, TaskHandle, TaskState, TaskStatus
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle
from runtime.logs.console import RepeatFilter, SpringFormatter

ROOT = Path(__file__).parents[3]

# A main thread that sits in C code, as inside the Kafka client, where Python runs no signal
# handler.
STUCK = """
import ctypes, logging, sys
sys.path.insert(0, {root!r})
from runtime.lifecycle import Lifecycle
from runtime.watchdog import Watchdog
lifecycle = Lifecycle()
lifecycle.exit_code = {code}
Watchdog(lifecycle, {deadline}, {call_timeout}).start()
lifecycle.on_stop(lambda reason: print(reason, flush=True))
{more}
print("ready", flush=True)

with lifecycle.watch_call("commit_transaction"):
  while True: ctypes.CDLL(None).pause()
"""


def stuck(
    deadline: float, code: int = 0, call_timeout: float = 3600, more: str = ""
) -> subprocess.Popen[str]:
    script = STUCK.format(
        root=str(ROOT), deadline=deadline, code=code, call_timeout=call_timeout, more=more
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.parametrize(("code", "expected"), [(0, Exit.UNFINISHED), (Exit.FENCED, Exit.FENCED)])
def test_overlong_stop_has_its_own_exit_code(code: int, expected: Exit) -> None:
    child = stuck(0.2, code=int(code))
    child.terminate()
    _, errors = child.communicate(timeout=20)
    assert child.returncode == expected
    assert "timeout-per-shutdown-phase" in errors


def test_hanging_client_call_ends_process() -> None:
    child = stuck(3600, call_timeout=0.1)
    _, errors = child.communicate(timeout=20)
    assert child.returncode == Exit.STUCK
    assert "commit_transaction" in errors


# An object that lives to the end of the interpreter and crashes there.
ENDING = """
import sys
sys.path.insert(0, {root!r})
from runtime.exit_codes import Exit, code_at_exit, ended_well
import atexit, os

class Crash:
    def __del__(self, abort=os.abort):
        abort()

crash = Crash()
atexit.register(print, "a user's own")
code_at_exit(lambda: {code})
sys.exit({last})
"""


@pytest.mark.parametrize(
    ("code", "last", "expected"),
    [
        (0, "ended_well()", Exit.OK),
        (int(Exit.UNFINISHED), "ended_well()", Exit.UNFINISHED),
        (int(Exit.FENCED), "Exit.OK", Exit.FENCED),
        (0, "Exit.OK", -signal.SIGABRT),  # nobody said that it went well: Python ends as it does
    ],
)
def test_exit_comes_after_user_functions(code: int, last: str, expected: int) -> None:
    script = ENDING.format(root=str(ROOT), code=code, last=last)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (expected, "a user's own\n")


def test_blocked_output_keeps_exit_code() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    script = ENDING.format(root=str(ROOT), code=int(Exit.FENCED), last="Exit.OK")
    buffered = os.environ | {"PYTHONUNBUFFERED": ""}  # else the user's own function meets it
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=buffered,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (Exit.FENCED, "")


def test_inner_client_call_ends_only_itself() -> None:
    lifecycle = Lifecycle()
    with lifecycle.watch_call("close"):
        with lifecycle.watch_call("commit_transaction"):
            assert lifecycle.stuck_call(-1) == "commit_transaction"
        assert lifecycle.stuck_call(-1) == "close"
        lifecycle.excuse_call()
        assert lifecycle.stuck_call(60) is None
    assert lifecycle.stuck_call(-1) is None


def test_user_handlers_are_kept() -> None:
    child = stuck(
        3600, call_timeout=1, more="import signal; signal.signal(signal.SIGUSR1, lambda *_: None)"
    )
    for _ in range(2):
        child.send_signal(signal.SIGUSR1)
    output, _ = child.communicate(timeout=20)
    assert child.returncode == Exit.STUCK
    assert output == ""


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_it(second: signal.Signals) -> None:
    child = stuck(3600)
    child.terminate()
    assert child.stdout is not None
    # noticed, so that the second does not merge with it.
    assert child.stdout.readline() == "SIGTERM\n"
    child.send_signal(second)
    _, errors = child.communicate(timeout=20)
    assert child.returncode == 128 + second
    assert second.name in errors


def test_stop_is_logged_once_and_ends_waits() -> None:
    lifecycle, reasons = Lifecycle(), list[str]()
    lifecycle.on_stop(reasons.append)
    assert not lifecycle.wait(0)
    lifecycle.request_stop("SIGTERM")
    lifecycle.request_stop("POST /shutdown")
    assert reasons == ["SIGTERM"]
    assert lifecycle.stopping
    assert lifecycle.wait(3600)


def test_counters_add_up() -> None:
    assert Counters(received=1, commits=2) + Counters(received=3, sent=4) == Counters(
        received=4, sent=4, commits=2
    )


def test_commands_are_taken_once_in_order() -> None:
    handle = TaskHandle()
    handle.send(TargetState.PAUSE)
    handle.send(TargetState.RESUME)
    assert [handle.next_command(), handle.next_command(), handle.next_command()] == [
        TargetState.PAUSE,
        TargetState.RESUME,
        None,
    ]


def test_board_shows_latest_status() -> None:
    handle, states = TaskHandle(), list[TaskState]()
    for status in (handle.status, TaskStatus(TaskState.RUNNING), TaskStatus(TaskState.DRAINING)):
        handle.publish(status)
        states.append(handle.status.state)
    assert states == [TaskState.STARTING, TaskState.RUNNING, TaskState.DRAINING]


def record(message: str, created: float = 0.0, level: int = logging.INFO) -> logging.LogRecord:
    made = logging.LogRecord("processor.lifecycle", level, "", 1, message, (), None)
    made.created, made.msecs, made.threadName = created, 7.0, "MainThread"
    return made


def test_lines_are_like_boots() -> None:
    line = SpringFormatter("python-processor").format(record("hello", level=logging.WARNING))
    assert line.endswith(
        "--- [python-processor] [     MainThread] processor.lifecycle                      : hello"
    )
    assert "  WARN " in line
    assert line[:24].endswith("00:00.007Z") or "T" in line


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The monotonic clock's seconds, which a test sets. They are few after a machine's start."""
    now = [0.0]
    monkeypatch.setattr("runtime.logs.console.time.monotonic", lambda: now[0])
    yield now
    monkeypatch.undo()


def test_repeated_line_is_counted_per_period(clock: list[float]) -> None:
    damper, seen = RepeatFilter(30), []
    for second in range(35):
        clock[0] = float(second)
        if damper.filter(made := record(f"broker {second}: refused", 1000.0 + second)):
            seen.append(made.getMessage())
    assert seen == ["broker 0: refused", "broker 30: refused (and 29 more like it)"]


def test_clock_that_steps_back_suppresses_no_line(clock: list[float]) -> None:
    damper = RepeatFilter(30)
    assert damper.filter(record("refused", 9000.0))
    clock[0] = 31.0
    assert damper.filter(record("refused", 1000.0))


def test_different_lines_are_not_suppressed() -> None:
    damper = RepeatFilter(30)
    assert [damper.filter(record(text, 1000.0)) for text in ("a", "b", "a")] == [True, True, False]


def test_suppression_keeps_few_lines() -> None:
    damper = RepeatFilter(30)
    assert all(damper.filter(record("x" * length, 1000.0)) for length in range(5000))
    assert len(damper._seen) <= 1000
