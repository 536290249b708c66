"""Child processes that cannot outlive the tests, and ports for them."""

import os
import random
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PLACES = 8  # for tests that run at the same time
_GIVEN: set[int] = set()  # ports nobody may listen on yet; a run needs some hundreds


def start(
    command: Sequence[str],
    output: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command`, its stdout and stderr appended to the file `output`, and the kernel told to
    kill it when the tests die.

    The kernel watches the thread that starts a child, so this is called from threads that live as
    long as the child.
    """
    if not shutil.which("setpriv"):
        raise RuntimeError(
            "the tests need setpriv (util-linux) on PATH: it ties the processes they start to "
            "their own life"
        )
    with output.open("ab") as out:
        return subprocess.Popen(
            # Execs the command: the pid is the command's own.
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            # A Ctrl-C at the terminal is for pytest, which ends its children one by one.
            start_new_session=True,
        )


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill (SIGKILL) and reap, unless it has ended already."""
    if child.poll() is None:
        child.kill()
        child.wait()


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on.

    Below 32768, where Linux begins to take the ports of outgoing connections: a client that keeps
    trying a port of that range while its server is down connects to itself sooner or later, and
    another program may take the port meanwhile.
    """
    # Each has ports of its own.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 15000 + worker % PLACES * (17000 // PLACES)
    while True:
        port = random.randrange(first, first + 17000 // PLACES)  # noqa: S311 - not a secret
        if port in _GIVEN:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
        _GIVEN.add(port)
        return port
