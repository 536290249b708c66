"""The `setup` of a module with async functions: a context manager that gives their session."""

import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from catalog.callables import is_async, location
from catalog.errors import CatalogError
from catalog.signature import SESSION, Signature, read_options
from python_processor import Properties

_NAME = "setup"


def find_setup(signature: Signature) -> Callable[..., Any] | None:
    """Return the context manager that gives a function its session.

    Args:
        signature: The function's signature.

    Returns:
        The context manager's factory, or None if the function asks for no session.

    Raises:
        CatalogError: The module has no such async context manager, or the function is not async.
    """
    if not signature.session:
        return None
    function: Any = signature.function
    if not is_async(function):
        if inspect.signature(function).parameters[SESSION].default is inspect.Parameter.empty:
            raise CatalogError(
                f"{location(function)}: its parameter {SESSION} is for async functions: write "
                f"async def"
            )
        return None
    while isinstance(function, partial):
        function = function.func
    setup: Callable[..., Any] | None = getattr(
        sys.modules.get(getattr(function, "__module__", None) or ""), _NAME, None
    )
    where = location(function)
    if not callable(setup):
        raise CatalogError(
            f"{where}: its parameter {SESSION} needs a `{_NAME}` in its module: an async context "
            f"manager that gives it"
        )
    if inspect.isasyncgenfunction(setup) or inspect.iscoroutinefunction(setup):
        raise CatalogError(
            f"{location(setup)}: write @contextlib.asynccontextmanager above it, and yield the "
            f"{SESSION} in it"
        )
    return setup


def setup_options(setup: Callable[..., Any]) -> dict[str, type[Properties]]:
    """Return the classes of properties that a setup takes, by parameter.

    Args:
        setup: From find_setup().

    Raises:
        CatalogError: The setup has other parameters without a default.
    """
    inner = inspect.unwrap(setup)
    if inspect.isclass(inner):
        return {}
    options = read_options(inner)
    others = [
        name
        for name, each in inspect.signature(inner).parameters.items()
        if name not in options and each.default is each.empty
    ]
    if others:
        raise CatalogError(
            f"{location(setup)} takes {', '.join(others)}; it can take properties of its own, and "
            f"nothing else"
        )
    return options
