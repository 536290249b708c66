"""The signals that ask for a stop, and what they do until there is someone to stop. Imports next to nothing: it has to be quick."""

import os
import signal

from runtime import forks

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_on_signals() -> None:
    """Until the watchdog stands, a stop signal ends the process at once with 128 + its number: there is nothing to lose yet.

    Needed because the kernel drops signals that process 1 of a container has no handler for. Those of the moment before this are kept
    by the image's entry point, which starts Python with them blocked; here they are let through.
    """
    for number in STOP_SIGNALS:
        forks.handle(number, lambda received, _: os._exit(128 + received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
