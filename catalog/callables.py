"""What Python's inspect says of a function, a partial of one, or a callable object."""

import inspect
import typing
from collections.abc import (
    Callable,
)
from functools import partial
from typing import Any

from catalog.errors import CatalogError


def location(function: Any) -> str:
    """Return the function's name, its file and its line.

    Args:
        function: The function; a partial or a callable object, too.
    """
    while isinstance(function, partial):
        function = function.func
    inner = inspect.unwrap(function)
    code = getattr(inner, "__code__", None) or getattr(
        getattr(type(inner), "__call__", None),  # noqa: B004 - for __code__
        "__code__",
        None,
    )
    name = getattr(inner, "__qualname__", type(inner).__qualname__)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)


def parameters_of(function: Any) -> dict[str, inspect.Parameter]:
    """Return the parameters by name. A function written in C may have no signature, and so none."""
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # some functions written in C have no signature
        return {}


def bodies(function: Any) -> list[Any]:
    """Return what may hold the code of a call: the function, or an object and its __call__.

    Args:
        function: The function; a partial or a callable object, too.
    """
    while isinstance(function, partial):
        function = function.func
    return (
        [function]
        if inspect.isroutine(function) or inspect.isclass(function)
        else [function, type(function).__call__]
    )


def is_generator(function: Any) -> bool:
    """Return whether a call returns a generator, async or not.

    Args:
        function: The function; a partial or a callable object, too.
    """
    return any(
        inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each)
        for each in bodies(function)
    )


def is_async(function: Callable[..., Any]) -> bool:
    """Return whether a call returns a coroutine or an async generator.

    Args:
        function: The function; a partial or a callable object, too.
    """
    return any(
        inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each)
        for each in bodies(function)
    )


def is_async_generator(function: Callable[..., Any]) -> bool:
    """Return whether a call returns an async generator.

    Args:
        function: The function; a partial or a callable object, too.
    """
    return any(map(inspect.isasyncgenfunction, bodies(function)))


def type_hints(function: Any) -> dict[str, Any]:
    """Return the resolved annotations by parameter, with "return".

    Args:
        function: The function; a partial or a callable object, too.

    Raises:
        CatalogError: An annotation cannot be resolved.
    """
    while isinstance(function, partial):
        function = function.func
    if inspect.isclass(function):
        return {}
    target = function if inspect.isroutine(function) else getattr(type(function), "__call__", None)  # noqa: B004 - for __annotations__
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception as error:  # noqa: BLE001 - an annotation is any expression
        if isinstance(error, TypeError) and not getattr(target, "__annotations__", None):
            return {}  # written in C
        raise CatalogError(
            f"{location(function)}: its annotations cannot be resolved: {type(error).__name__}: "
            f"{error}"
        ) from None


def given_keywords(function: Any) -> set[str]:
    """Return the names of the parameters that functools.partial has set by keyword.

    Args:
        function: The function; a partial or a callable object, too.
    """
    names = set[str]()
    while isinstance(function, partial):
        names |= set(function.keywords)
        function = function.func
    return names
