"""The stop of the process: asked for once, by a signal or over HTTP, and seen by everyone."""

import threading
from collections.abc import Callable


class Lifecycle:
    """Whether the process has been asked to stop. Asking twice changes nothing; any thread may ask or look."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self.failed = False  # an error ends the process: the exit code is not 0, however the stop goes

    @property
    def stopping(self) -> bool:
        return self._asked.is_set()

    def on_stop(self, listener: Callable[[str], None]) -> None:
        """Call `listener(reason)` in the thread of the first stop()."""
        self._listeners.append(listener)

    def stop(self, reason: str) -> None:
        """Ask for an orderly stop; `reason` is for the log ("SIGTERM", "POST /shutdown")."""
        with self._lock:
            first = not self._asked.is_set()
            self._asked.set()
        if first:
            for listener in self._listeners:
                listener(reason)

    def fail(self) -> None:
        """Stop because of an error, which its finder has logged."""
        self.failed = True
        self.stop("the error above")

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until a stop is asked for; True if it has been."""
        return self._asked.wait(seconds)
