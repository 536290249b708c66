"""Keeps children that a user's function forks away from this process's resources.

A child inherits the signal handlers and the socket that reports signals. A SIGTERM for a worker of
a pool would stop the processor. A child also inherits the listening sockets, which would keep the
port after this process's end.

Children of subprocess run another program and inherit none of these. Python and the kernel see to
that.
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
_before: dict[int, Any] = {}  # the former handler of each signal
_closers: list[Callable[[], object]] = []
_mask = threading.local()  # the forking thread's signal mask
_owner: list[int] = []  # the process that has the handlers and the clients


def handle(number: int, handler: _Handler) -> None:
    """Handle a signal, as signal.signal does. Children get the former handler back.

    Call on the main thread.

    Args:
        number: The signal.
        handler: As signal.signal takes it.
    """
    previous = signal.signal(number, handler)
    _ours[number] = handler
    _before.setdefault(number, signal.SIG_DFL if previous is None else previous)
    _owner[:] = [os.getpid()]


def close_in_children(close: Callable[[], object]) -> None:
    """Have forked children call this function.

    Args:
        close: Closes the child's copy of a socket. It must not raise.
    """
    _closers.append(close)


def is_child() -> bool:
    """Return whether this process is a forked child of the process that has the clients."""
    return _owner not in ([], [os.getpid()])


def end_child(error: BaseException | None = None) -> None:
    """End a forked child that returns from the user's function. Does nothing in the parent.

    Args:
        error: What the function raised in the child. A SystemExit sets the exit code.
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
    """In the parent, before the fork: no signal may reach the child while it has our handlers."""
    _mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, _ours)


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _mask.before)


def _leave_alone() -> None:
    """In the child. Its only thread is the one that forked."""
    # A Kafka client among the parent's garbage would wait for threads that the child does not have.
    gc.freeze()
    signal.set_wakeup_fd(-1)
    for number, handler in _ours.items():
        if signal.getsignal(number) is handler:  # otherwise the handler is the user's
            signal.signal(number, _before[number])
    for close in _closers:
        close()
    _let_through()


os.register_at_fork(before=_hold_signals, after_in_parent=_let_through, after_in_child=_leave_alone)
