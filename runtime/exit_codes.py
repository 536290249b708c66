"""How this program can end."""

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
    """Exit codes; the README lists them. A second signal exits with 128 + its number."""

    OK = 0  # stopped as asked: every record read is delivered and committed
    # An error, which is in the log; Data Flow shows `failed`. Bytewax has no other code for errors.
    FAILED = 1
    # The stop outlasted spring.lifecycle.timeout-per-shutdown-phase, or lost its partitions; what
    # is uncommitted is repeated.
    UNFINISHED = 3
    # A call of the Kafka client did not come back (python-processor.client-call-timeout); a restart
    # is safe and helps.
    STUCK = 4
    # Another process uses this one's transactional.id; restarted side by side they would fence each
    # other again.
    FENCED = 5


def end_now(code: int, why: str) -> NoReturn:
    """End the process at once, without waiting for locks, pipes or clients. The first call wins.
    Any thread may call.

    Args:
        code: The exit code.
        why: For the last log line.
    """
    _ending.acquire()  # for good
    with suppress(OSError, ValueError):  # a stream that is closed, or that nobody reads any more
        if select.select([], [2], [], 0)[1]:
            os.write(2, f"python-processor: {why}\n".encode())
    os._exit(code)


def code_at_exit(code: Callable[[], int]) -> None:
    """End the process with `code()` if not 0: to Bytewax every ended flow went well."""
    _codes.append(code)


def ended_well() -> int:
    """End a program whose flow ended. The interpreter is not taken down: client threads live.

    That crashed once in some thousands of stops, after all was done (SIGSEGV, exit code 139).
    """
    _well.set()
    return Exit.OK


def _leave() -> None:
    if is_child():  # of a function: its end is its own
        return
    number = next((number for code in _codes if (number := code())), Exit.OK)
    if number or _well.is_set():
        for stream in (sys.stdout, sys.stderr):
            # Nobody reads it any more: no reason for another exit code.
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(number)


# At the import, which is the program's first: what is registered first comes last, after all of a
# user's own functions.
atexit.register(_leave)
