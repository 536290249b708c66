"""What a function takes and returns, by its annotations. They are read once per flow."""

import inspect
from collections.abc import (
    Callable,
)
from dataclasses import dataclass
from typing import Any

from catalog.annotations import (
    Kind,
    annotation_text,
    item_annotation,
    kind_of,
    members,
    result_kind,
)
from catalog.callables import given_keywords, location, parameters_of, type_hints
from catalog.errors import CatalogError
from python_processor import Properties, Record

CHARSET = "charset"  # a parameter for the record's charset
SESSION = "session"  # an async function's parameter for what its module's `setup` gives
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a function takes and returns."""

    function: Callable[..., Any]
    value: Kind
    value_type: Any  # the annotation, for JSON
    result: Kind
    result_type: Any
    yields: bool  # whether the annotation is of several results
    record: str | None  # the parameter that gets the Record besides the value
    session: bool  # whether the function has the parameter SESSION
    options: dict[str, type[Properties]]  # classes of properties by parameter
    factory: bool  # whether it takes only properties and returns the function


def read_signature(
    function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    """Read the annotations of a function.

    Args:
        function: A function, a partial of one, or a callable object.
        divides: Whether the step takes several values, so that a list is several.
        judges: Whether the step asks only if the result is true.

    Raises:
        CatalogError: An annotation is unknown or cannot be resolved. The text names the function's
            file and line.
    """
    parameters = parameters_of(function)
    hints = type_hints(function) if parameters else {}
    given = given_keywords(function)
    options = read_options(function)
    rest = [name for name in parameters if name not in options]
    first = rest[0] if rest else None
    records = [
        name
        for name in rest
        if members(hints.get(name)) == [Record]
        and name not in given
        and (name == first or parameters[name].kind in _NAMED)
    ]
    value_type = hints.get(first, Any) if first else Any
    where = location(function)
    if rest and (before := next(iter(parameters))) in options:
        raise CatalogError(f"{where}: {before} is its first parameter; the value comes first")
    value = (
        Kind.RECORD
        if first in records
        else kind_of(
            value_type, f"{where}: the annotation of {first}, {annotation_text(value_type)},"
        )
    )
    result_type, yields = item_annotation(hints.get("return", Any), divides=divides)
    factory = bool(options) and not rest
    # A factory returns a function. A predicate's result of any type is true or false.
    unread = factory or judges
    what = f"{where}: the annotation of its result, {annotation_text(result_type)},"
    result = Kind.BOOL if unread else result_kind(result_type, value, what, records=bool(records))
    others = [name for name in records if name != first]
    if len(others) > 1:
        raise CatalogError(f"{where}: {' and '.join(others)} are both a Record; one is enough")
    supplied = {CHARSET, SESSION, *records, *given}
    for name in rest[1:]:
        if name not in supplied and _is_required(parameters[name]):
            shown = f"{name}: {annotation_text(hints[name])}" if name in hints else name
            raise CatalogError(
                f"{where}: nothing is given to its parameter {shown}; a function takes the value, "
                f"and if it asks for them a Record, its Properties, charset and session; "
                f"functools.partial gives it others"
            )
    return Signature(
        function=function,
        value=value,
        value_type=value_type,
        result=result,
        result_type=result_type,
        yields=yields,
        record=others[0] if others else None,
        session=SESSION in rest[1:] and SESSION not in given,
        options=options,
        factory=factory,
    )


def read_options(function: Any) -> dict[str, type[Properties]]:
    """Return the classes of properties that a function takes, by parameter.

    Args:
        function: The function; a partial or a callable object, too.

    Raises:
        CatalogError: An annotation cannot be resolved.
    """
    given = given_keywords(function)
    wanted = {
        name
        for name, parameter in parameters_of(function).items()
        if parameter.kind in _NAMED and name not in given
    }
    hints = type_hints(function) if wanted else {}
    kinds = {name: members(hint) for name, hint in hints.items() if name in wanted}
    return {name: kind[0] for name, kind in kinds.items() if len(kind) == 1 and is_options(kind[0])}


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty and parameter.kind in _NAMED


def is_options(hint: Any) -> bool:
    """Return whether an annotation is a class of properties."""
    return inspect.isclass(hint) and issubclass(hint, Properties)
