"""What Python's inspect says of a function, a partial of one or a callable object."""

import inspect
import typing
from collections.abc import (
    Callable,
)
from functools import partial
from typing import Any

from catalog.errors import CatalogError


def location(function: Any) -> str:
    """Name the function, its file and its line."""
    while isinstance(function, partial):
        function = function.func
    inner = inspect.unwrap(function)
    code = getattr(inner, "__code__", None) or getattr(
        getattr(type(inner), "__call__", None),  # noqa: B004 - for its code
        "__code__",
        None,
    )
    name = getattr(inner, "__qualname__", type(inner).__qualname__)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)


def parameters_of(function: Any) -> dict[str, inspect.Parameter]:
    """Return the parameters by name; none for a function written in C without a signature."""
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # some functions written in C have no signature
        return {}


def bodies(function: Any) -> list[Any]:
    """Return what may hold the code of a call: the function, or an object's __call__."""
    while isinstance(function, partial):
        function = function.func
    return (
        [function]
        if inspect.isroutine(function) or inspect.isclass(function)
        else [function, type(function).__call__]
    )


def is_generator(function: Any) -> bool:
    """Whether calling it gives a generator, async or not."""
    return any(
        inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each)
        for each in bodies(function)
    )


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine or an async generator."""
    return any(
        inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each)
        for each in bodies(function)
    )


def is_async_generator(function: Callable[..., Any]) -> bool:
    """Whether calling it gives an async generator."""
    return any(map(inspect.isasyncgenfunction, bodies(function)))


def type_hints(function: Any) -> dict[str, Any]:
    """Return the resolved annotations. Raises CatalogError where one cannot be resolved."""
    while isinstance(function, partial):
        function = function.func
    if inspect.isclass(function):
        return {}
    target = function if inspect.isroutine(function) else getattr(type(function), "__call__", None)  # noqa: B004 - for its annotations
    try:
        return typing.get_type_hints(target, include_extras=True)
    except TypeError:  # written in C
        return {}
    except Exception as error:  # noqa: BLE001 - an annotation is any expression
        raise CatalogError(
            f"{location(function)}: its annotations cannot be resolved: {type(error).__name__}: "
            f"{error}"
        ) from None


def given_keywords(function: Any) -> set[str]:
    """What functools.partial has given by keyword."""
    names = set[str]()
    while isinstance(function, partial):
        names |= set(function.keywords)
        function = function.func
    return names
