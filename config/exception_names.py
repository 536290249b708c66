"""The names by which retryable-exceptions means a class."""

import sys
from collections.abc import Callable
from typing import Any

# Descriptors of `type`, which a class of the user's code cannot replace by a property.
bases_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_module = type.__dict__["__module__"].__get__
_qualified_name = type.__dict__["__qualname__"].__get__


def names_class(written: str, kind: type) -> bool:
    """Return whether a key of retryable-exceptions names a class, with a module or without.

    A module may also be one that imports the class: json.JSONDecodeError is in json.decoder.

    Args:
        written: The key.
        kind: The class of an exception, or one of its bases.
    """
    module, name = _class_name(kind)
    if _letters(written) in (_letters(name), _letters(f"{module}.{name}")):
        return True
    imported_by, _, last = written.rpartition(".")
    if _letters(last) != _letters(name):
        return False
    names: dict[str, Any] = getattr(sys.modules.get(imported_by), "__dict__", {})
    return names.get(name) is kind


def _letters(name: str) -> str:
    """Return the name for comparison. A variable has lower case, and dots in place of `_`."""
    return name.lower().replace("_", ".")


def _class_name(kind: type) -> tuple[str, str]:
    """Return module and qualified name of a class. A class may have removed its module."""
    try:
        return str(_module(kind)), str(_qualified_name(kind))
    except BaseException:  # noqa: BLE001 - the module may be any object of the user's code
        return "", str(_qualified_name(kind))
