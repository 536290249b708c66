"""A stop request: the first signal is remembered, and ends a sleep."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from dead_letters.replaying.stopping import StopRequest
from runtime.signals import STOP_SIGNALS
from tests.support.processor import REPOSITORY


@pytest.fixture
def stop() -> Iterator[StopRequest]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    made = StopRequest()
    made.install()
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_first_signal_is_kept(stop: StopRequest, number: signal.Signals) -> None:
    assert not stop.is_set
    os.kill(os.getpid(), number)
    assert (stop.is_set, stop.exit_code) == (True, 128 + number)


def test_signal_ends_a_sleep(stop: StopRequest) -> None:
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
    stop.sleep(3600)
    assert stop.is_set


def test_second_signal_ends_it() -> None:
    program = (
        "import os, signal; from dead_letters.replaying.stopping import stop_request as s; "
        "s.install()\n"
        "os.kill(os.getpid(), signal.SIGTERM); os.kill(os.getpid(), signal.SIGINT); print('still "
        "here')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, b"")
