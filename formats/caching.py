"""Remembering results by what a sender sends, in bounded memory."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Key = TypeVar("Key", bytes, bytes | str | None, bytes | None)
Result = TypeVar("Result")


def remember_short(max_length: int, entries: int = 256) -> Callable[[Callable[[Key], Result]], Callable[[Key], Result]]:
    """Remember what a function returns for keys that are short.

    A cache of Python's bounds the number of its keys, not their size, and a sender chooses both.

    Args:
        max_length: Longest key to remember, in bytes or characters. Longer keys are computed at each call.
        entries: Keys to remember; the next one empties the memory.

    Returns:
        A decorator for a function of one argument: bytes, str or None. What the function raises is not remembered.
    """

    def decorate(function: Callable[[Key], Result]) -> Callable[[Key], Result]:
        known: dict[Key, Result] = {}

        @wraps(function)
        def call(key: Key) -> Result:
            try:
                return known[key]
            except KeyError:
                result = function(key)
                if key is None or len(key) <= max_length:
                    if len(known) >= entries:
                        known.clear()
                    known[key] = result
                return result

        return call

    return decorate
