"""A process whose parent has the actuator and the signals, because `concurrency` runs several: what it tells and what it is told."""

import logging
import os
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from time import monotonic
from typing import NoReturn

from config import Settings
from config.place import NOT_OURS, VARIABLE
from runtime.errors import ProcessorError
from runtime.exits import Exit, end_now
from runtime.forks import close_in_children
from runtime.lifecycle import Lifecycle
from runtime.process import Process
from runtime.status import Board, LaneStatus, Wish
from runtime.words import Level, Stop

log = logging.getLogger("processor.workers")

PERIOD = 0.1  # seconds between two reports, as a lane posts
SAMPLING = 1.0  # seconds between two reports with samples, as the Kafka client gives its statistics


def serve(settings: Settings, board: Board, lifecycle: Lifecycle) -> None:
    """Report what is on the board, and do as told, in a daemon thread; to be called on the main thread.

    To lose the parent is a signal to stop, and during a stop the second signal, which ends the process at once.
    """
    place = settings.place
    if place is None:
        raise RuntimeError("this process has no parent of ours")
    os.environ.pop(VARIABLE)  # it is not for the children of this process
    threading.current_thread().name = place.name  # log lines say whose they are
    try:
        os.set_inheritable(place.socket, False)  # noqa: FBT003 - as os has it
        connection = Connection(place.socket)
    except OSError:
        raise ProcessorError(f"{VARIABLE} (environment) {NOT_OURS}") from None
    close_in_children(connection.close)
    threading.Thread(target=lambda: _Link(connection, board, lifecycle).run(), name="parent", daemon=True).start()


class _Link:
    def __init__(self, connection: Connection, board: Board, lifecycle: Lifecycle) -> None:
        self._connection = connection
        self._board = board
        self._lifecycle = lifecycle
        self._process = Process()
        self._told: LaneStatus | None = None
        self._sampled = 0.0

    def run(self) -> None:
        try:
            self._talk()
        except (EOFError, OSError):
            if self._lifecycle.stopping:
                end_now(Exit.UNFINISHED, "the parent process has ended: ending now, what is not committed will be repeated")
            self._lifecycle.stop("the parent process has ended")

    def _talk(self) -> NoReturn:
        while True:
            if self._connection.poll(PERIOD):
                self._heed(self._connection.recv())
            if self._board.status is not self._told:
                self._told = self._board.status
                self._connection.send(self._report(self._told))

    def _report(self, status: LaneStatus) -> LaneStatus:
        """Without samples while the last ones are still good."""
        if monotonic() - self._sampled < SAMPLING:
            return replace(status, samples=())
        self._sampled = monotonic()
        return replace(status, samples=(*status.samples, *self._process.own_samples()))

    def _heed(self, word: object) -> None:
        match word:
            case Wish():
                self._board.send(word)
            case Level():
                self._board.set_level(word)
            case Stop(reason):
                self._lifecycle.stop(reason)
