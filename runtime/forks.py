"""Keeps children that a user's function forks away from this process's resources.

A child inherits the signal handlers and the socket that tells of signals: a SIGTERM for a worker of
a pool would stop the processor. It also inherits the listening sockets, which would keep the port
after this process's end. Children that another program is started in, as subprocess does, have none
of that: Python and the kernel see to it.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

_Handler = Callable[[int, FrameType | None], Any]

_ours: dict[int, _Handler] = {}
_before: dict[int, Any] = {}  # what was done on each signal before
_closers: list[Callable[[], object]] = []
_mask = threading.local()  # the thread's own at the fork
_owner: list[int] = []  # the process that has the handlers, and the clients


def handle(number: int, handler: _Handler) -> None:
    """As signal.signal; children go back to what was before. To be called on the main thread."""
    previous = signal.signal(number, handler)
    _ours[number] = handler
    _before.setdefault(number, signal.SIG_DFL if previous is None else previous)
    _owner[:] = [os.getpid()]


def close_in_children(close: Callable[[], object]) -> None:
    """Have forked children call this, which closes their copies of sockets."""
    _closers.append(close)


def is_child() -> bool:
    """Whether this process is a forked child of the one that has the clients."""
    return _owner not in ([], [os.getpid()])


def end_child(error: BaseException | None = None) -> None:
    """End a forked child that returns from the user's function. Does nothing in the parent.

    Args:
        error: What the function has raised there. The code of sys.exit is the child's.
    """
    if not is_child():
        return
    code = 0
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the function has closed it
            stream.flush()
    os._exit(code & 0xFF)


def _hold_signals() -> None:
    """In the parent, before: no signal may reach the child while it has our handlers."""
    _mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, _ours)


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _mask.before)


def _leave_alone() -> None:
    """In the child, whose only thread is the one that has forked and is its main thread."""
    # A Kafka client among the parent's garbage would wait here for threads that the child does not
    # have.
    gc.freeze()
    signal.set_wakeup_fd(-1)
    for number, handler in _ours.items():
        if signal.getsignal(number) is handler:  # else the user's own
            signal.signal(number, _before[number])
    for close in _closers:
        close()
    _let_through()


os.register_at_fork(before=_hold_signals, after_in_parent=_let_through, after_in_child=_leave_alone)
