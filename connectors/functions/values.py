"""Which results of functions can be a record's value.

The client takes more types: numbers and arrays of numpy and ctypes, whose memory it reads. And a
subclass of bytes or str has methods of its own, which can lie or raise. So a value that is not
exactly bytes, str or None is checked here first.
"""

from collections.abc import Iterable
from types import NoneType
from typing import Any

_EXACT = frozenset({bytes, str, NoneType})


def are_exact(values: Iterable[Any]) -> bool:
    """Whether each value is exactly bytes, str or None: the usual case, quick to check."""
    try:
        return _EXACT.issuperset(map(type, values))
    except BaseException:  # noqa: BLE001 - a class of a class can have a __hash__ of its own
        return False


def exact(value: Any) -> bytes | str | None:
    """Return the value as bytes, str or None, past a subclass's methods. Raises TypeError."""
    kind = type(value)  # not isinstance: that asks the value, whose __class__ may be a property
    if value is None:
        return None
    if issubclass(kind, bytes):
        return bytes.__getitem__(value, slice(None))
    if issubclass(kind, str):
        return str.__getitem__(value, slice(None))
    raise TypeError("a value has to be bytes, str or None")
