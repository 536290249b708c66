"""A retry policy whose waits take no time, and errors for it."""

from collections.abc import Callable
from typing import Any

from config import Settings
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from tests.fakes.messages import batch, message

SECRET = b"secret"


class Made:
    """A retry policy whose waits are written down and take no time."""

    def __init__(
        self,
        *,
        dead_letters: bool = True,
        wait: Callable[[float], None] | None = None,
        **settings: Any,
    ) -> None:
        chosen = Settings(**({"group": "g"} | settings))
        self.letters = DeadLetterQueue(chosen)
        if dead_letters:
            self.letters.found("error.in.g", 1)
        self.waits: list[float] = []
        self.retry_policy = RetryPolicy(chosen, self.letters, wait or self.waits.append)

    def attempts(self, *errors: Exception, recovers: bool = False) -> tuple[int, Any, list[Any]]:
        """Let a function meet `errors` one after the other.

        The last one repeats for ever unless the function recovers. Returns attempts,
        result, dead letters.
        """
        left, attempts = list(errors), 0

        def function(value: bytes) -> bytes:
            nonlocal attempts
            attempts += 1
            if left:
                raise left.pop(0) if len(left) > 1 or recovers else left[0]
            return value + b" done"

        result = batch(message(SECRET), recover=self.retry_policy.recover).map("step", function)
        if result.error:
            raise result.error
        return attempts, result.values[0], [letter for _, letter in result.dead_letters]


class OwnError(Exception):
    """Not a built-in one, and not in a package."""

    class InnerError(ValueError):
        """In a class."""


def caused(error: Exception, *causes: BaseException) -> Exception:
    last: BaseException = error
    for cause in causes:
        last.__cause__ = cause
        last = cause
    return error
