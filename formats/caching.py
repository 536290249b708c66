"""Remembering results by what a sender sends, in bounded memory."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key", bytes, str, bytes | str | None, bytes | None)
Result = TypeVar("Result")


def remember_short(
    max_length: int, entries: int = 256
) -> Callable[[Callable[[Key], Result]], Callable[[Key], Result]]:
    """Remember what a function returns for keys that are short.

    A cache of Python's bounds the number of its keys, not their size, and a sender chooses both.

    Args:
        max_length: Longest key to remember, in bytes or characters. Longer keys are computed at
            each call.
        entries: Keys to remember; the next one empties the memory.

    Returns:
        A decorator for a function of one argument: bytes, str or None. What the function raises is
        not remembered.
    """
    # C finds what is there, at the cost of a dict.
    return lambda function: _Memory(function, max_length, entries).__getitem__


class _Memory(dict[Key, Result], Generic[Key, Result]):
    def __init__(self, function: Callable[[Key], Result], max_length: int, entries: int) -> None:
        super().__init__()
        self._function: Callable[[Key], Result] = function
        self._max_length = max_length
        self._entries = entries

    def __missing__(self, key: Key) -> Result:
        result = self._function(key)
        if key is None or len(key) <= self._max_length:
            if len(self) >= self._entries:
                self.clear()
            self[key] = result
        return result
