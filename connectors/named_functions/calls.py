"""The calls of a step: read the value, call the user's function, write its result.

They are made once, when the flow is built.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from catalog.annotations import Kind
from catalog.callables import is_async, is_generator, location
from catalog.setup import setup_options
from catalog.signature import Signature
from connectors.errors.exceptions import FunctionRefusedError
from connectors.functions.checks import (
    charset_function,
    named,
    one_value_function,
    wants_charset,
)
from connectors.named_functions.call_plan import CallPlan
from connectors.named_functions.json_values import CONTENT_TYPE
from connectors.named_functions.signatures import checked_function, read_function, setup_of


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function as a batch calls it: with a value, and with codec and record if wanted."""

    function: Callable[..., Any]
    user: Callable[..., Any]  # the user's function, for errors
    wants_charset: bool = False
    wants_record: bool = False
    reads: bool = False  # whether it reads the value as text or JSON
    makes_rows: bool = False  # each result is a Row
    content_type: bytes | None = None  # of each value that the function makes
    is_async: bool = False
    # The async context manager that gives the function's session.
    setup: Callable[..., Any] | None = None


def map_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for map_value. Raises FunctionRefusedError."""
    signature = checked_function(step, function)
    if signature.yields:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} gives several values; such a function is for "
            f"flat_map_value"
        )
    if signature.result is Kind.BOOL:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} returns True or False; such a function is for "
            f"filter_value"
        )
    return _call(step, signature, several=False)


def flat_map_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for flat_map_value. Raises FunctionRefusedError."""
    signature = checked_function(step, function, divides=True)
    if signature.result is Kind.BOOL:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} gives several True or False; values are bytes, "
            f"str, JSON or a Record"
        )
    return _call(step, signature, several=True)


def filter_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for filter_value. Raises FunctionRefusedError."""
    return _call(step, checked_function(step, function, judges=True), several=False, writes=False)


def step_kind(step: str, function: Callable[..., Any]) -> str:
    """Return the step for a function: "map_value", "filter_value" or "flat_map_value".

    Args:
        step: The step's name, for errors.
        function: The user's function.

    Raises:
        FunctionRefusedError: An annotation is unknown.
    """
    signature = read_function(step, function)
    if signature.yields or is_generator(function):
        return "flat_map_value"
    return "filter_value" if signature.result is Kind.BOOL else "map_value"


def _call(step: str, signature: Signature, *, several: bool, writes: bool = True) -> Call:
    if is_async(signature.function):
        return _async_call(step, signature, several=several, writes=writes)
    setup_of(step, signature)  # refuses a session, which only async functions get
    function, value, result = signature.function, signature.value, signature.result
    plain = (Kind.BYTES, Kind.BOOL)
    # Without conversion the call is the function itself.
    is_plain = value is Kind.BYTES and signature.record is None and (result in plain or not writes)
    if is_plain and several and not wants_charset(function):
        return Call(function=one_value_function(step, function, may_yield=True), user=function)
    if is_plain and not several:
        called, with_charset = charset_function(step, function)
        return Call(function=called, user=function, wants_charset=with_charset)
    return _converting_call(step, signature, several=several, writes=writes)


def _async_call(step: str, signature: Signature, *, several: bool, writes: bool) -> Call:
    setup = setup_of(step, signature)
    if setup and not hasattr(signature.function, "bound_setup") and setup_options(setup):
        raise FunctionRefusedError(
            f"{named(step)}: {location(setup)} has properties of its own; name the function by "
            f"--function"
        )
    return replace(
        _converting_call(step, signature, several=several, writes=writes),
        is_async=True,
        setup=setup,
    )


def _converting_call(step: str, signature: Signature, *, several: bool, writes: bool) -> Call:
    plan = CallPlan.from_signature(step, signature, several=several, writes=writes)
    called = plan.async_caller() if is_async(signature.function) else plan.caller()
    called.__wrapped__ = signature.function  # type: ignore[attr-defined]  # errors name the user's function
    return Call(
        function=called,
        user=signature.function,
        wants_charset=plan.wants_codec,
        wants_record=plan.wants_record,
        reads=signature.value in (Kind.TEXT, Kind.JSON),
        makes_rows=writes and signature.result is Kind.RECORD,
        content_type=CONTENT_TYPE if writes and signature.result is Kind.JSON else None,
    )
