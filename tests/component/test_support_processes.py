"""What the tests start ends with them, and their waiting ends in time."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import children
from tests.support.processor import REPOSITORY, By, Processor
from tests.support.waiting import TIMEOUT_FACTOR, wait_for

SLEEPER = "import time; time.sleep(600)"
ON_TERM = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); "
    "print('ready', flush=True); time.sleep(600)"
)


def test_wait_returns_the_value() -> None:
    looks = iter([None, 0, "seen"])
    assert wait_for(lambda: next(looks), 5, "the third look") == "seen"


def test_timeout_names_condition() -> None:
    with pytest.raises(
        AssertionError, match=rf"not within {0.05 * TIMEOUT_FACTOR:g} s: a miracle \(last seen: 0\)"
    ):
        wait_for(lambda: 0, 0.05, "a miracle")


def test_child_dies_with_test_run(tmp_path: Path) -> None:
    """Even when they are killed and cannot clean up."""
    output = tmp_path / "pid"
    child = [sys.executable, "-c", f"import os; print(os.getpid(), flush=True); {SLEEPER}"]
    code = (
        f"import pathlib; from tests.support import children; children.start({child!r}, "
        f"pathlib.Path({str(output)!r})); {SLEEPER}"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY) as tests:
        try:
            pid = int(
                wait_for(lambda: output.read_text() if output.exists() else "", 20, "the child")
            )
            assert Path(f"/proc/{pid}").exists()
        finally:
            tests.kill()
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), 20, "the child's end")


def test_free_port_is_no_ephemeral_port() -> None:
    port = children.free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert port < 32768


def sleeper(folder: Path, code: str = SLEEPER) -> Processor:
    return Processor(folder / "output", {"server.port": "1"}, ("-c", code), By.ENVIRONMENT)


def test_killed_process_has_shell_exit_code(tmp_path: Path) -> None:
    process = sleeper(tmp_path).start()
    process.kill()
    assert process.exit_code() == 128 + signal.SIGKILL


def test_signal_reaches_resumed_process(tmp_path: Path) -> None:
    process = sleeper(tmp_path, ON_TERM).start()
    try:
        wait_for(lambda: "ready" in process.output, 20, "its handler")
        with process.frozen():
            process.signal(signal.SIGTERM)
            process.assert_alive()
        assert process.exit_code() == 3
        with pytest.raises(AssertionError, match="ended with code 3:\nready"):
            process.assert_alive()
    finally:
        process.end()


def test_hanging_process_is_killed(tmp_path: Path) -> None:
    process = sleeper(tmp_path).start()
    with pytest.raises(AssertionError, match="did not end within"):
        process.exit_code(0.05)
    process.end()
    assert not Path(f"/proc/{process.child.pid}").exists()


def test_settings_become_spring_variables(tmp_path: Path) -> None:
    code = "import os; print({k: v for k, v in os.environ.items() if k.startswith('SPRING')})"
    settings = {
        "server.port": "1",
        "spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms": "2000",
    }
    process = Processor(tmp_path / "output", settings, ("-c", code), By.ENVIRONMENT).start()
    assert process.exit_code() == 0
    assert (
        process.output
        == "{'SPRING_CLOUD_STREAM_KAFKA_BINDER_CONSUMERPROPERTIES_SESSION_TIMEOUT_MS': '2000'}\n"
    )


def test_test_environment_is_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRING_APPLICATION_JSON", "{}")
    process = Processor(
        tmp_path / "output",
        {"server.port": "1"},
        ("-c", "import os; print(*sorted(os.environ))"),
        By.ARGUMENTS,
    ).start()
    assert process.exit_code() == 0
    assert set(process.output.split()) <= {"LANG", "PATH", "LC_CTYPE"}
    assert "SPRING_APPLICATION_JSON" in os.environ
