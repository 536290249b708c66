"""How a value is read or written, by the annotation of a parameter or a result."""

import inspect
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from catalog.errors import CatalogError
from python_processor import Properties, Record

KNOWN = "bytes, str, dict, list, a dataclass, TypedDict or pydantic model"
ANY = (inspect.Parameter.empty, Any, object)
_SEVERAL = (Iterator, Iterable, Generator)
_LISTS = (list, tuple, Sequence)


class Kind(Enum):
    """How a value is read from the record's bytes, or written to them."""

    BYTES = "bytes"
    TEXT = "str"
    JSON = "JSON"
    RECORD = "Record"  # with its key and headers; a result may also be of the other kinds
    BOOL = "bool"


def kind_of(hint: Any, what: str) -> Kind:
    """Return the kind of an annotation. A union of one kind has that kind.

    Args:
        hint: The resolved annotation.
        what: Names the annotation in the error's text.

    Raises:
        CatalogError: The annotation is unknown, or a union mixes kinds.
    """
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


def result_kind(hint: Any, value: Kind, what: str, *, records: bool) -> Kind:
    """Return the kind of a result's annotation.

    Args:
        hint: The resolved annotation.
        value: The kind of the value, which a result without an annotation has, too.
        what: Names the annotation in the error's text.
        records: Whether the function takes a Record. Without an annotation it may then return one.

    Raises:
        CatalogError: The annotation is unknown, a union mixes kinds, or a collection has Records.
    """
    if hint in ANY:
        return Kind.RECORD if records else value
    found = members(hint)
    if any(map(_holds_record, found)):
        raise CatalogError(
            f"{what} is no annotation of several records: yield the records, or annotate "
            f"Iterator[Record]"
        )
    if Record in found:
        return Kind.RECORD
    return Kind.BOOL if found == [bool] else kind_of(hint, what)


def members(hint: Any) -> list[Any]:
    """Return the members of a union without None, or the annotation itself. Annotated is unwrapped.

    Args:
        hint: The resolved annotation.
    """
    if typing.get_origin(hint) is typing.Annotated:
        return members(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [inner for each in typing.get_args(hint) for inner in members(each)]
    return [] if hint in (None, type(None)) else [hint]


def _holds_record(hint: Any) -> bool:
    """Return whether an annotation is a collection of Records, at any depth."""
    inner = [each for argument in typing.get_args(hint) for each in members(argument)]
    return Record in inner or any(map(_holds_record, inner))


def _single(hint: Any) -> Kind | None:
    if hint in ANY or hint is bytes:
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
    """Return whether this is a pydantic model, or a TypedDict of typing_extensions."""
    return hasattr(kind, "__pydantic_validator__") or (
        hasattr(kind, "__required_keys__") and hasattr(kind, "__total__")
    )


def item_annotation(hint: Any, *, divides: bool) -> tuple[Any, bool]:
    """Return the annotation of one result, and whether the function returns several.

    Args:
        hint: The annotation of the result.
        divides: Whether the step takes several values, so that a list is several.
    """
    origin, arguments = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin in _SEVERAL or (divides and origin in _LISTS):
        return (arguments[0] if arguments else Any), True
    if origin in (AsyncIterator, AsyncIterable, AsyncGenerator):
        return (arguments[0] if arguments else Any), True
    return hint, False


def annotation_text(hint: Any) -> str:
    """Return an annotation as an error shows it.

    Args:
        hint: The annotation.
    """
    return hint.__qualname__ if inspect.isclass(hint) and not typing.get_args(hint) else str(hint)
