"""Caches results by keys from senders, in bounded memory."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key", bytes, str, bytes | str | None, bytes | None)
Result = TypeVar("Result")


def remember_short(
    max_length: int, entries: int = 256
) -> Callable[[Callable[[Key], Result]], Callable[[Key], Result]]:
    """Return a decorator that caches a function's results for short keys.

    Python's caches limit the number of keys, not their size, and a sender chooses both.

    Args:
        max_length: The longest key to cache, in bytes or characters. For a longer key the function
            is called each time.
        entries: How many keys to cache. The next key empties the cache.

    Returns:
        A decorator for a function of one argument: bytes, str or None. Exceptions are not cached.
    """
    # A cached key costs one dict lookup in C.
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
