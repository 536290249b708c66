"""Children that a function starts, in a process that has taken over the signals.

They have nothing of it, and it goes on as before.
"""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support import children

ENVIRON = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": os.environ["PATH"]}

BEGIN = """
import atexit, multiprocessing, os, signal, socket, subprocess, sys, threading, time
from runtime.signals import exit_on_stop_signals
from runtime.exit_codes import code_at_exit, ended_well
exit_on_stop_signals()
from runtime.lifecycle import Lifecycle
from runtime.watchdog import Watchdog

def child_code(work):
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def is_usual():
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.set_wakeup_fd(-1) == -1
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])

def slow(seconds):
    time.sleep(seconds)

if __name__ == "__main__":
    lifecycle = Lifecycle()
    Watchdog(lifecycle, 3600, 3600).start()
"""

# What a function does; it fails by raising.
WORK = {
    "a pool": """
        for _ in range(5):
            with multiprocessing.get_context("fork").Pool(1) as pool:
                assert pool.apply(abs, (-1,)) == 1
        """,
    "a pool of spawned processes": """
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply(abs, (-1,)) == 1
        """,
    "a forkserver": """
        with multiprocessing.get_context("forkserver").Pool(1) as pool:
            assert pool.apply(abs, (-1,)) == 1
        """,
    "processes that are terminated as they begin": """
        for _ in range(100):
            each = multiprocessing.get_context("fork").Process(target=slow, args=(600,))
            each.start()
            each.terminate()
            each.join()
            assert each.exitcode == -signal.SIGTERM, each.exitcode
        """,
    "an executor whose worker is terminated": """
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            result = pool.submit(slow, 600)
            os.kill(*pool._processes, signal.SIGTERM)
            try:
                result.result()
            except BrokenProcessPool:
                pass
            else:
                raise AssertionError("it lives")
        """,
    "a child of os.fork": "assert child_code(is_usual) == 0",
    "a child of another thread": """
        codes = []
        thread = threading.Thread(target=lambda: codes.append(child_code(is_usual)))
        thread.start()
        thread.join()
        assert codes == [0]
        """,
    "a child of a child": "assert child_code(lambda: os._exit(child_code(is_usual))) == 0",
    "a child that gets a Ctrl-C": """
        def interrupted():
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                os._exit(5)
        assert child_code(interrupted) == 5
        """,
    "threads that fork at the same time": """
        codes = []
        threads = [threading.Thread(target=lambda: codes.extend(child_code(is_usual) for _ in range(10))) for _ in range(4)]
        for each in threads: each.start()
        for each in threads: each.join()
        assert codes == [0] * 40
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
        """,  # noqa: E501 - lines of a page
    "a program": """
        text = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout
        masks = dict(line.split(":") for line in text.splitlines())
        stops = 1 << signal.SIGTERM - 1 | 1 << signal.SIGINT - 1
        assert not any(int(masks[name], 16) & stops for name in ("SigBlk", "SigIgn", "SigCgt"))
        each = subprocess.Popen(["sleep", "600"])
        each.terminate()
        assert each.wait() == -signal.SIGTERM
        """,  # noqa: E501 - lines of a page
    "a program with a function before it": """
        each = subprocess.Popen(["sleep", "600"], preexec_fn=is_usual)
        each.terminate()
        assert each.wait() == -signal.SIGTERM
        """,
    "a handler of its own for its children": """
        ended = []
        signal.signal(signal.SIGCHLD, lambda *_: ended.append(1))
        assert child_code(is_usual) == 0
        assert ended
        """,
    "a handler of its own for a stop": """
        taken = lambda *_: None
        before = signal.signal(signal.SIGTERM, taken)
        def has_it():
            assert signal.getsignal(signal.SIGTERM) is taken
        assert child_code(has_it) == 0
        signal.signal(signal.SIGTERM, before)
        """,
    "a child that exits as Python does": """
        code_at_exit(lambda: 7 if ended else 0)
        ended = [1]
        assert child_code(lambda: sys.exit(3)) == 3
        ended.clear()
        """,
}

END = """
    import select
    reader, writer = socket.socketpair()
    lifecycle.on_stop(lambda reason: (print(reason), writer.send(b"x")))
    assert not lifecycle.stopping, "stopped by a child"
    print("goes on", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    assert select.select([reader], [], [], 60)[0]
"""


@pytest.mark.parametrize("name", WORK)
def test_child_inherits_nothing(name: str, tmp_path: Path) -> None:
    body = textwrap.indent(textwrap.dedent(WORK[name]), "    ")
    ran, output = run(tmp_path, BEGIN + body + END)
    assert (ran, output.splitlines()[-2:]) == (0, ["goes on", "SIGTERM"]), output


SERVES = """
    import actuator
    from config import Settings
    from runtime.control.status import TaskHandle
    actuator.serve(Settings(server_port={port}), TaskHandle(), lifecycle)
    print("listens", flush=True)
    sys.stdin.readline()
    if os.fork() == 0:
        print("forked", flush=True)
        sys.stdin.read()
        os._exit(0)
    time.sleep(600)
"""


def test_child_holds_no_port(tmp_path: Path) -> None:
    port = children.free_port()
    script = tmp_path / "script.py"
    script.write_text(BEGIN + SERVES.format(port=port))
    command = ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, str(script)]
    with subprocess.Popen(
        command, env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == "listens\n"
        with socket.create_connection(("127.0.0.1", port), timeout=60) as held:
            held.sendall(b"GET /actuator/info HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(1)
            parent.stdin.write("\n")
            parent.stdin.flush()
            assert parent.stdout.readline() == "forked\n"
            parent.kill()
            parent.wait()
            while held.recv(1000):
                pass  # the end of the connection, or a time-out
        socket.create_server(("", port)).close()
        parent.stdin.close()  # ends the child


def run(folder: Path, text: str) -> tuple[int, str]:
    script = folder / "script.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=ENVIRON,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout
