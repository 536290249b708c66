"""Checks the signatures of steps' functions, and gives functions their properties."""

from collections.abc import Callable
from functools import partial
from typing import Any

from catalog.callables import location
from catalog.errors import CatalogError
from catalog.setup import find_setup, setup_options
from catalog.signature import Signature, read_signature
from connectors.errors.exceptions import FunctionRefusedError
from connectors.functions.checks import (
    check_kind,
    named,
)
from connectors.functions.errors import error_place
from python_processor import Properties

Options = Callable[[type[Properties]], Properties]


def bind(step: str, function: Callable[..., Any], options: Options) -> Callable[..., Any]:
    """Return the function with its own properties. A factory is called and returns the function.

    Args:
        step: The step's name, for errors.
        function: The function that the user has named.
        options: Returns the values of a class of properties.

    Raises:
        FunctionRefusedError: An annotation is unknown, or a factory has returned no function.
    """
    signature = read_function(step, function)
    setup = setup_of(step, signature)
    values = {name: options(kind) for name, kind in signature.options.items()}
    if setup and not signature.factory:
        owned = {name: options(kind) for name, kind in setup_options(setup).items()}
        function = partial(function, **values)
        function.bound_setup = partial(setup, **owned) if owned else setup  # type: ignore[attr-defined]  # a partial takes attributes
        return function
    if not values:
        return function
    if not signature.factory:
        return partial(function, **values)
    try:
        made = function(**values)
    except Exception as error:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} takes no value and failed: {error_place(error)}"
        ) from error
    if not callable(made):
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} takes no value and returned no function"
        )
    return bind(step, made, options)


def read_function(
    step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    """Return a function's signature. Raises FunctionRefusedError with the step's name."""
    try:
        return read_signature(function, divides=divides, judges=judges)
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None


def setup_of(step: str, signature: Signature) -> Callable[..., Any] | None:
    """Return the setup of an async function. bind() may have given properties to it."""
    if bound := getattr(signature.function, "bound_setup", None):
        return bound  # type: ignore[no-any-return]  # bind() has set it
    try:
        setup = find_setup(signature)
        if setup:
            setup_options(setup)
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None
    return setup


def checked_function(
    step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    """Return the signature of a step's function, which has no properties of its own.

    Raises FunctionRefusedError for any other function.
    """
    check_kind(step, function, may_yield=divides)
    signature = read_function(step, function, divides=divides, judges=judges)
    if signature.options:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} has properties of its own; give them with "
            f"functools.partial, or name it by --function"
        )
    return signature
