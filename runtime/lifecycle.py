"""The stop of the process. A signal or an HTTP request asks for it once; every thread sees it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic

from runtime.exit_codes import Exit


class Lifecycle:
    """Whether the process should stop. A second request changes nothing. Any thread may call."""

    def __init__(self) -> None:
        """Start without a request to stop."""
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self._last_listeners: list[Callable[[str], None]] = []
        self._call: tuple[str, float] | None = None
        self._excused_at = -inf  # when a call took long and no broker answered
        # An error changes the code, whatever the stop's outcome is.
        self.exit_code: int = Exit.OK

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._asked.is_set()

    def on_stop(self, listener: Callable[[str], None], *, last: bool = False) -> None:
        """Call a listener at the first request to stop, in the thread that makes the request.

        Args:
            listener: Called with the reason. It must not block.
            last: Whether to call it after all others, as it may wait for a log.
        """
        (self._last_listeners if last else self._listeners).append(listener)

    def request_stop(self, reason: str) -> None:
        """Ask for an orderly stop. Returns at once.

        Args:
            reason: For the log ("SIGTERM", "POST /shutdown").
        """
        with self._lock:
            first = not self._asked.is_set()
            self._asked.set()
        if first:
            for listener in (*self._listeners, *self._last_listeners):
                listener(reason)

    def fail(self, code: int = Exit.FAILED) -> None:
        """Stop because of an error that is already in the log. Any thread may call.

        Args:
            code: The exit code. The first one counts.
        """
        self.exit_code = self.exit_code or code
        self.request_stop("the error above")

    @contextmanager
    def watch_call(self, name: str) -> Iterator[None]:
        """Let the watchdog know that the main thread is in a Kafka client call that may hang.

        Args:
            name: The call, for the log.
        """
        before, self._call = self._call, (name, monotonic())
        try:
            yield
        finally:
            self._call = before  # the outer call, if this one ran in a callback of it

    def long_call(self, longest: float) -> str | None:
        """Return the name of the client call that takes longer than `longest`, or None.

        Args:
            longest: Seconds.
        """
        call = self._call
        return call[0] if call and monotonic() - call[1] > longest else None

    def excuse_call(self) -> None:
        """Count the time of the present call from now on, because no broker answers.

        Any thread may call.
        """
        self._excused_at = monotonic()

    def stuck_call(self, longest: float) -> str | None:
        """Return the client call that takes longer than `longest` while a broker answers.

        Args:
            longest: Seconds.

        Returns:
            The call's name, or None.
        """
        return self.long_call(longest) if monotonic() - self._excused_at > longest else None

    def wait(self, seconds: float) -> bool:
        """Sleep until the time is over or a stop is requested. Return whether one is.

        Args:
            seconds: How long.
        """
        return self._asked.wait(seconds)
