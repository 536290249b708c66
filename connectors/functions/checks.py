"""Refuses, while the flow is built, functions that no step can call."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from catalog.callables import bodies
from catalog.signature import CHARSET
from connectors.errors.exceptions import FunctionRefusedError
from connectors.functions.errors import describe


def one_value_function(
    step: str, function: Callable[..., Any], *, may_yield: bool = False
) -> Callable[..., Any]:
    """Return the function if a step can call it with one value.

    Args:
        step: The step's name, for the error.
        function: The user's function.
        may_yield: Whether a generator function is allowed.

    Raises:
        FunctionRefusedError: It is no function, takes other arguments, or yields.
    """
    check_kind(step, function, may_yield=may_yield)
    _check_arguments(step, function, 1)
    return function


def charset_function(step: str, function: Callable[..., Any]) -> tuple[Callable[..., Any], bool]:
    """Return the function, and whether it takes a charset.

    Args:
        step: The step's name, for the error.
        function: The user's function.

    Raises:
        FunctionRefusedError: It is no function, takes other arguments, or yields.
    """
    check_kind(step, function, may_yield=False)
    names = _parameters(function)
    if CHARSET not in names or _is_given(function):
        _check_arguments(step, function, 1)
        return function, False
    if list(names).index(CHARSET) == 1 and names[CHARSET] is not inspect.Parameter.KEYWORD_ONLY:
        _check_arguments(step, function, 2)
        return function, True
    _check_arguments(step, function, 1, charset="utf-8")
    return _by_keyword(function), True


def wants_charset(function: Callable[..., Any]) -> bool:
    """Return whether the function has a parameter `charset` that functools.partial has not set.

    Args:
        function: The user's function.
    """
    return CHARSET in _parameters(function) and not _is_given(function)


def check_kind(step: str, function: Callable[..., Any], *, may_yield: bool) -> None:
    """Check that the user has given a function, and no generator function to another step.

    Args:
        step: The step's name, for the error.
        function: The user's function.
        may_yield: Whether a generator function is allowed.

    Raises:
        FunctionRefusedError: It is no function, or yields.
    """
    if not callable(function):
        raise FunctionRefusedError(
            f"{named(step)}: {type(function).__name__} given instead of a function of one value"
        )
    kinds = bodies(function)
    name = describe(function)
    if not may_yield and any(
        inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each) for each in kinds
    ):
        raise FunctionRefusedError(
            f"{named(step)}: {name} yields; a function that yields values is for flat_map_value"
        )


def _check_arguments(step: str, function: Callable[..., Any], count: int, **keywords: str) -> None:
    try:
        signature = inspect.signature(function)
    # Some functions written in C have no signature.
    except (ValueError, TypeError):
        return
    try:
        signature.bind(*[b""] * count, **keywords)
    except TypeError as error:
        raise FunctionRefusedError(
            f"{named(step)}: {describe(function)} cannot be called with one value: {error}; "
            f"functools.partial gives it other arguments"
        ) from None


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the function's parameters with their kinds, in order."""
    try:
        return {
            name: parameter.kind
            for name, parameter in inspect.signature(function).parameters.items()
        }
    except (ValueError, TypeError):
        return {}


def _is_given(function: Callable[..., Any]) -> bool:
    """Return whether functools.partial has set the charset. Then the record's does not count."""
    return isinstance(function, partial) and (
        CHARSET in function.keywords or _is_given(function.func)
    )


def _by_keyword(function: Callable[..., Any]) -> Callable[[Any, str], Any]:
    def with_charset(value: Any, charset: str) -> Any:
        return function(value, charset=charset)

    with_charset.__wrapped__ = function  # type: ignore[attr-defined]  # errors name the user's function
    return with_charset


def named(step: str) -> str:
    """Return the step's name as the user has written it, for an error.

    Args:
        step: The step's full name. Bytewax puts the flow's id before it.
    """
    return f"step {(step.partition('.')[2] or step)!r}"
