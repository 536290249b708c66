"""The results of functions that can be a record's value.

The client accepts more types: numbers and arrays of numpy and ctypes, whose memory it reads. A
subclass of bytes or str may override methods, which then return anything or raise. So a value that
is not exactly bytes, str or None is checked here first.
"""

from collections.abc import Iterable
from types import NoneType
from typing import Any

_EXACT = frozenset({bytes, str, NoneType})


def are_exact(values: Iterable[Any]) -> bool:
    """Return whether each value is exactly bytes, str or None. This is usual and quick to check.

    Args:
        values: Results of functions.
    """
    try:
        return _EXACT.issuperset(map(type, values))
    except BaseException:  # noqa: BLE001 - a metaclass may override __hash__
        return False


def is_value(value: Any) -> bool:
    """Return whether a record's value can be this: bytes, str or None.

    Args:
        value: A result of a function.
    """
    return value is None or issubclass(type(value), (bytes, str))


def exact(value: Any) -> bytes | str | None:
    """Return the value as bytes, str or None, past the methods of a subclass.

    Args:
        value: A result of a function.

    Raises:
        TypeError: The value is neither bytes, str nor None.
    """
    kind = type(value)  # isinstance would ask the value's __class__, which may be a property
    if value is None:
        return None
    if issubclass(kind, bytes):
        return bytes.__getitem__(value, slice(None))
    if issubclass(kind, str):
        return str.__getitem__(value, slice(None))
    raise TypeError("a value has to be bytes, str or None")
