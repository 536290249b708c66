"""JSON as a function's argument and result. pydantic reads, checks and writes by the annotation."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any, get_origin

import pydantic
import pydantic_core

from catalog.annotations import ANY, members
from catalog.callables import location
from catalog.errors import CatalogError
from connectors.errors.exceptions import InvalidValueError, ResultError
from connectors.functions import exception_text
from python_processor import Record

CONTENT_TYPE = b"application/json"
_NOT_FINITE = re.compile(rb"NaN|Infinity")
_UNKNOWN_TYPE = re.compile(r".*Unable to serialize unknown type: <class '([\w.<>]+)'>", re.DOTALL)


def json_reader(function: Callable[..., Any], annotation: Any) -> Callable[[Any], Any]:
    """Return a function that converts a record's bytes to the annotation's type.

    That function raises InvalidValueError, which is not retried.

    Args:
        function: The user's function, for errors.
        annotation: The type of its argument.

    Raises:
        CatalogError: pydantic cannot use the annotation.
    """
    try:
        adapter = pydantic.TypeAdapter(annotation)
        validate = adapter.validator.validate_json  # raises if a forward reference is unknown
    except Exception as error:  # noqa: BLE001 - pydantic raises several classes
        raise CatalogError(f"{location(function)}: {_problem(error)}") from None
    names = _names(adapter)
    plain = all((get_origin(each) or each) in (dict, list) for each in members(annotation))

    def read(value: Any) -> Any:
        try:
            found = validate(value)
        except pydantic.ValidationError as error:
            text = _in_utf_8(value)
            if text is None:
                # Not chained, as the cause contains the payload.
                raise _invalid(error, names) from None
        else:
            if not plain:
                return found
            text = value.encode() if isinstance(value, str) else value
            if not (b"NaN" in text or b"Infinity" in text):
                return found
        try:
            json.loads(text, parse_constant=_refuse) if plain else None
            return validate(text)
        except pydantic.ValidationError as error:
            raise _invalid(error, names) from None
        except (ValueError, RecursionError):
            raise InvalidValueError("no JSON that can be read") from None

    return read


def json_writer(function: Callable[..., Any], annotation: Any) -> Callable[[Any], bytes | None]:
    """Return a function that converts a result to JSON bytes, or raises ResultError.

    Args:
        function: The user's function, for errors.
        annotation: The type of its result. Any for each type that is JSON.
    """
    is_free = annotation in ANY
    kinds = (dict, list) if is_free else tuple(_classes(annotation))
    dump = pydantic_core.to_json

    def write(result: Any) -> bytes | None:
        if result is None:
            return None
        if not isinstance(result, kinds) and not (is_free and is_json(type(result))):
            kind = exception_text.type_name(type(result))
            wanted = (
                "return a dict, list, dataclass or pydantic model, or annotate the result"
                if is_free
                else f"its annotation says {' or '.join(k.__name__ for k in kinds)}"
            )
            raise ResultError(f"{location(function)} returned {kind}; {wanted}")
        return write_json(function, result, dump)

    return write


def write_json(
    function: Callable[..., Any], result: Any, dump: Callable[[Any], bytes] = pydantic_core.to_json
) -> bytes:
    """Return a result as JSON.

    Args:
        function: The user's function, for errors.
        result: Its result.
        dump: Serializes the result.

    Raises:
        ResultError: The result is no JSON.
    """
    if isinstance(result, list) and any(issubclass(type(each), Record) for each in result):
        # A Record is a tuple, which pydantic would write as a list.
        raise ResultError(
            f"{location(function)} returned a list of Records: yield them, or annotate "
            f"Iterator[Record]"
        )
    try:
        text = dump(result)
        if (b"NaN" in text or b"Infinity" in text) and _NOT_FINITE.search(text):
            json.loads(text, parse_constant=_refuse)
    except _NotFiniteError:
        raise ResultError(
            f"{location(function)} returned {exception_text.type_name(type(result))} that is no "
            f"JSON: JSON has no NaN and no Infinity"
        ) from None
    except Exception as error:  # noqa: BLE001 - a model's serializer is the user's code
        found = _UNKNOWN_TYPE.match(exception_text.message(error))
        why = (
            f"JSON has nothing for {found[1]}" if found else exception_text.class_names(error)[0][1]
        )
        raise ResultError(
            f"{location(function)} returned {exception_text.type_name(type(result))} that is no "
            f"JSON: {why}"
        ) from None
    return text


def is_json(kind: type) -> bool:
    """Return whether results of a class are written as JSON.

    Args:
        kind: The class of a result.
    """
    return (
        issubclass(kind, (dict, list))
        or is_dataclass(kind)
        or hasattr(kind, "__pydantic_validator__")
    )


def _classes(annotation: Any) -> Iterator[type]:
    """Yield the classes of results. A TypedDict is a dict."""
    for each in members(annotation):
        origin = get_origin(each) or each
        yield dict if hasattr(origin, "__required_keys__") else origin


def _problem(error: Exception) -> str:
    """Return the first line of why pydantic cannot use an annotation."""
    text: str = getattr(error, "message", "") or exception_text.message(error)
    return next(iter(text.splitlines()), "") or exception_text.class_names(error)[0][1]


def _names(adapter: pydantic.TypeAdapter[Any]) -> frozenset[str]:
    """Return the fields that errors may show. None if a field has no JSON schema."""
    try:
        return frozenset(_fields(adapter.json_schema(mode="validation")))
    except pydantic.PydanticUserError:
        return frozenset()


def _fields(schema: Any) -> Iterator[str]:
    """Yield the fields of a JSON schema. An error may show them, but no keys of a payload."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for inner in schema.values():
            yield from _fields(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _fields(inner)


def _invalid(error: pydantic.ValidationError, names: frozenset[str]) -> InvalidValueError:
    """Return which field is wrong and pydantic's code. pydantic's text may quote the payload."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(
        str(part) if isinstance(part, int) or part in names else "*" for part in first["loc"]
    )
    more = f", and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return InvalidValueError(
        f"{place}: {first['type']}{more}" if place else f"{first['type']}{more}"
    )


def _in_utf_8(value: Any) -> bytes | None:
    """Return JSON in UTF-8 if it is UTF-16, UTF-32 or has a byte order mark, or None."""
    if not isinstance(value, bytes) or (encoding := json.detect_encoding(value)) == "utf-8":
        return None
    try:
        return value.decode(encoding).encode()
    except ValueError:
        return None


class _NotFiniteError(ValueError):
    """A result has a number that JSON does not have."""


def _refuse(constant: str) -> Any:
    raise _NotFiniteError(constant)
