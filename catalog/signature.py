"""What a function takes and returns, by its annotations: found out once, when the flow is built."""

import inspect
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass, is_dataclass
from enum import Enum
from functools import partial
from typing import Any

from catalog.errors import CatalogError
from python_processor import Properties, Record

SESSION = "session"  # the parameter of an async function that gets what its module's `setup` gives
KNOWN = "bytes, str, dict, list, a dataclass, TypedDict or pydantic model"
_ANY = (inspect.Parameter.empty, Any, object)
_SEVERAL = (Iterator, Iterable, Generator)
_LISTS = (list, tuple, Sequence)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Kind(Enum):
    """How a value is read from the record's bytes, or written to them."""

    BYTES = "bytes"
    TEXT = "str"
    JSON = "JSON"
    RECORD = "Record"  # with its key and headers; as a result also anything of the other kinds
    BOOL = "bool"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a function takes and returns."""

    function: Callable[..., Any]
    value: Kind
    value_type: Any  # the annotation, for JSON
    result: Kind
    result_type: Any
    yields: bool  # the annotation says that it gives several
    record: str | None  # the name of the parameter that is a Record besides the value
    session: bool  # it has a parameter of that name
    options: dict[str, type[Properties]]  # by the name of their parameter
    factory: bool  # it takes its own properties alone and returns the function


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


def read_signature(
    function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    """Read the annotations of a function.

    Args:
        function: A function, a partial of one, or an object that can be called.
        divides: The step takes several values, so that a list is one of these.
        judges: The step asks whether the result is true.

    Raises:
        CatalogError: An annotation is unknown or cannot be resolved; the text names the function's
            file and line.

    """
    parameters = _parameters(function)
    hints = _hints(function) if parameters else {}
    given = _given(function)
    options = read_options(function)
    rest = [name for name in parameters if name not in options]
    records = [name for name in rest if hints.get(name) is Record and name not in given]
    first = rest[0] if rest else None
    value_type = hints.get(first, Any) if first else Any
    where = location(function)
    value = (
        Kind.RECORD
        if first in records
        else _kind(value_type, f"{where}: the annotation of {first}, {_shown(value_type)},")
    )
    result_type, yields = _items(hints.get("return", Any), divides=divides)
    factory = bool(options) and not rest
    # A factory returns a function; a predicate's answer is true or false, whatever it is.
    unread = factory or judges
    what = f"{where}: the annotation of its result, {_shown(result_type)},"
    result = Kind.BOOL if unread else _result(result_type, value, what, records=bool(records))
    others = [name for name in records if name != first]
    if len(others) > 1:
        raise CatalogError(f"{where}: {' and '.join(others)} are both a Record; one is enough")
    return Signature(
        function=function,
        value=value,
        value_type=value_type,
        result=result,
        result_type=value_type if result_type in _ANY else result_type,
        yields=yields,
        record=others[0] if others else None,
        session=SESSION in rest[1:] and SESSION not in given,
        options=options,
        factory=factory,
    )


def read_options(function: Any) -> dict[str, type[Properties]]:
    """Return the properties that a function takes, by the names of its parameters. Raises
    CatalogError for unknown annotations.
    """
    wanted = _parameters(function).keys() - _given(function)
    return {
        name: hint
        for name, hint in (_hints(function) if wanted else {}).items()
        if name in wanted and _is_options(hint)
    }


def _parameters(function: Any) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # some functions written in C have no signature
        return {}


def bodies(function: Any) -> list[Any]:
    """What may have the code that a call runs: the function itself, or the __call__ of an
    object.
    """
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


def _hints(function: Any) -> dict[str, Any]:
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


def _given(function: Any) -> set[str]:
    """What functools.partial has given by keyword."""
    names = set[str]()
    while isinstance(function, partial):
        names |= set(function.keywords)
        function = function.func
    return names


def _is_options(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, Properties)


def _kind(hint: Any, what: str) -> Kind:
    """The kind of an annotation. Raises CatalogError with `what` in front."""
    kinds = {_single(each) for each in members(hint)} or {Kind.BYTES}
    if None in kinds:
        raise CatalogError(
            f"{what} is unknown; known are {KNOWN}, and unions of those that are JSON"
        )
    if kinds == {Kind.BYTES, Kind.TEXT}:
        return Kind.BYTES
    if len(kinds) > 1:
        raise CatalogError(
            f"{what} mixes {' and '.join(sorted(kind.value for kind in kinds if kind))}: choose one"
        )
    return next(kind for kind in kinds if kind)


def _result(hint: Any, value: Kind, what: str, *, records: bool) -> Kind:
    if hint in _ANY:
        return Kind.RECORD if records else value
    found = members(hint)
    if Record in found:
        return Kind.RECORD
    return Kind.BOOL if found == [bool] else _kind(hint, what)


def members(hint: Any) -> list[Any]:
    """The annotations in a union, without None and without what Annotated adds."""
    if typing.get_origin(hint) is typing.Annotated:
        return members(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [inner for each in typing.get_args(hint) for inner in members(each)]
    return [] if hint in (None, type(None)) else [hint]


def _single(hint: Any) -> Kind | None:
    if hint in _ANY or hint is bytes:
        return Kind.BYTES
    if hint is str:
        return Kind.TEXT
    origin = typing.get_origin(hint) or hint
    is_json = (
        origin in (dict, list)
        or is_dataclass(origin)
        or typing.is_typeddict(origin)
        or _is_extension(origin)
    )
    return (
        Kind.JSON
        if is_json and not (inspect.isclass(origin) and issubclass(origin, Properties))
        else None
    )


def _is_extension(kind: Any) -> bool:
    """A pydantic model, or a TypedDict of typing_extensions."""
    return hasattr(kind, "__pydantic_validator__") or (
        hasattr(kind, "__required_keys__") and hasattr(kind, "__total__")
    )


def _items(hint: Any, *, divides: bool) -> tuple[Any, bool]:
    """The annotation of one result, and whether the function gives several."""
    origin, arguments = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin in _SEVERAL or (divides and origin in _LISTS):
        return (arguments[0] if arguments else Any), True
    if origin in (AsyncIterator, AsyncIterable, AsyncGenerator):
        return (arguments[0] if arguments else Any), True
    return hint, False


def _shown(hint: Any) -> str:
    return hint.__qualname__ if inspect.isclass(hint) and not typing.get_args(hint) else str(hint)
