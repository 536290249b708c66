"""Handles the stop signals until a watchdog does. Imports little, to be quick."""

import os
import signal
import sys

from runtime import forks

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def exit_on_stop_signals() -> None:
    """Exit at a stop signal with 128 plus its number, until the watchdog takes over.

    The kernel drops signals for which process 1 of a container has no handler. The image's entry
    point starts Python with the signals blocked, so that none is lost before this call. This call
    unblocks them. Call on the main thread.
    """
    for number in signals_received():
        forks.handle(number, lambda received, _: os._exit(128 + received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def signals_received() -> tuple[signal.Signals, ...]:
    """Return the stop signals to handle. As in Java, an ignored SIGHUP (nohup) is none."""
    return tuple(
        each
        for each in STOP_SIGNALS
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN
    )


def open_standard_streams() -> None:
    """Open /dev/null for closed standard streams. Otherwise a socket would get their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # os.open returns the lowest free number, which is this one.
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)  # noqa: FBT003 - as os has it
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(
                sys,
                name,
                open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False),  # noqa: SIM115 - for the life of the process
            )
