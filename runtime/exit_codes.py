"""The exit codes, and the end of the process."""

import atexit
import os
import select
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn

from runtime.forks import is_child

_ending = threading.Lock()
_codes: list[Callable[[], int]] = []
_well = threading.Event()


class Exit(IntEnum):
    """Exit codes, as docs/troubleshooting.md lists them.

    A second signal exits with 128 plus its number.
    """

    OK = 0  # stopped as asked; every record read is delivered and committed
    # An error, which is in the log. Data Flow shows `failed`. Bytewax has no other code for errors.
    FAILED = 1
    # The stop took longer than spring.lifecycle.timeout-per-shutdown-phase, or the group took the
    # partitions away during the stop.
    # Uncommitted records are read again.
    UNFINISHED = 3
    # A call of the Kafka client did not return (python-processor.client-call-timeout). A restart is
    # safe and helps.
    STUCK = 4
    # Another process uses this process's transactional.id or group.instance.id. After a restart
    # both would fence each other again.
    FENCED = 5


def end_now(code: int, why: str) -> NoReturn:
    """End the process at once, without waiting for locks, pipes or clients. The first call wins.

    Any thread may call.

    Args:
        code: The exit code.
        why: The text of the last log line.
    """
    _ending.acquire()  # never released: a second call waits for the end
    with suppress(OSError, ValueError):  # the stream is closed, or nobody reads it
        if select.select([], [2], [], 0)[1]:
            os.write(2, f"python-processor: {why}\n".encode())
    os._exit(code)


def code_at_exit(code: Callable[[], int]) -> None:
    """End the process with this code if it is not 0. Bytewax ends every finished flow with 0.

    Args:
        code: Returns the exit code. Called at exit.
    """
    _codes.append(code)


def ended_well() -> int:
    """Note that the flow has ended, and return 0. The interpreter is then not finalized.

    Client threads live on. With them, finalization crashed once in some thousands of stops
    (SIGSEGV, exit code 139).
    """
    _well.set()
    return Exit.OK


def _leave() -> None:
    if is_child():  # forked by a user's function: Python ends it as usual
        return
    number = next((number for code in _codes if (number := code())), Exit.OK)
    if number or _well.is_set():
        for stream in (sys.stdout, sys.stderr):
            # A stream without a reader is no reason for another exit code.
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(number)


# Exit functions run in reverse order. This module is imported first, so that _leave runs after all
# functions of a user.
atexit.register(_leave)
