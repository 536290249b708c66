"""What a step calls for each record: the user's function with its value read and its result written, put together once at build."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from catalog.errors import CatalogError
from catalog.signature import Kind, Signature, is_generator, location, read_signature
from connectors.division import check_several
from connectors.errors import FunctionRefusedError
from connectors.function.json_values import CONTENT_TYPE, json_reader, json_writer
from connectors.function.rows import row_writer
from connectors.function.text_values import decode, encode
from connectors.functions import charset_function, check_kind, named, one_value_function, wants_charset
from python_processor import Properties


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function as a batch calls it: with a value, and with the record's codec and the record where it wants them."""

    function: Callable[..., Any]
    user: Callable[..., Any]  # the user's own, for errors
    wants_charset: bool = False
    wants_record: bool = False
    makes_rows: bool = False  # each result is a Row
    content_type: bytes | None = None  # of each value it makes


Options = Callable[[type[Properties]], Properties]


def bind(step: str, function: Callable[..., Any], options: Options) -> Callable[..., Any]:
    """Give a function its own properties; a factory is called, and what it returns is the function.

    Raises:
        FunctionRefusedError: An annotation is unknown, or a factory returned no function.

    """
    signature = _read(step, function)
    if not signature.options:
        return function
    values = {name: options(kind) for name, kind in signature.options.items()}
    if not signature.factory:
        return partial(function, **values)
    made = function(**values)
    if not callable(made):
        raise FunctionRefusedError(f"{named(step)}: {location(function)} takes no value and returned no function")
    return bind(step, made, options)


def map_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for map_value. Raises FunctionRefusedError."""
    signature = _checked(step, function)
    if signature.yields:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} gives several values; such a function is for flat_map_value"
        )
    if signature.result is Kind.BOOL:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} returns True or False; such a function is for filter_value"
        )
    return _call(step, signature, several=False)


def flat_map_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for flat_map_value. Raises FunctionRefusedError."""
    return _call(step, _checked(step, function, divides=True), several=True)


def filter_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for filter_value. Raises FunctionRefusedError."""
    return _call(step, _checked(step, function, judges=True), several=False, writes=False)


def step_kind(step: str, function: Callable[..., Any]) -> str:
    """Return which step the function is for: "map_value", "filter_value" or "flat_map_value"."""
    signature = _read(step, function)
    if signature.yields or is_generator(function):
        return "flat_map_value"
    return "filter_value" if signature.result is Kind.BOOL else "map_value"


def _read(step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False) -> Signature:
    try:
        return read_signature(function, divides=divides, judges=judges)
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None


def _checked(step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False) -> Signature:
    check_kind(step, function, may_yield=divides)
    signature = _read(step, function, divides=divides, judges=judges)
    if signature.options:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} has properties of its own; give them with functools.partial, or name it by --function"
        )
    return signature


def _call(step: str, signature: Signature, *, several: bool, writes: bool = True) -> Call:
    function, value, result = signature.function, signature.value, signature.result
    plain = (Kind.BYTES, Kind.BOOL, *((Kind.TEXT,) if value is not Kind.TEXT else ()))
    if value is Kind.BYTES and signature.record is None and (result in plain or not writes):  # today's path: the function itself
        if several or not writes:
            return Call(function=one_value_function(step, function, may_yield=several), user=function)
        called, with_charset = charset_function(step, function)
        return Call(function=called, user=function, wants_charset=with_charset)
    charset = wants_charset(function)
    given = {name: object() for name in ([signature.record] if signature.record else []) + (["charset"] if charset else [])}
    one_value_function(step, partial(function, **given) if given else function, may_yield=several)
    wants_record = signature.record is not None or value is Kind.RECORD or (result is Kind.RECORD and writes)
    wants_codec = value is Kind.TEXT or charset or wants_record
    try:
        read = json_reader(function, signature.value_type) if value is Kind.JSON else None
        write = _writer(signature) if writes else None
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None
    called = _caller(signature, read, write, charset=charset, several=several, wants_codec=wants_codec, wants_record=wants_record)
    called.__wrapped__ = function  # type: ignore[attr-defined]  # errors name the user's own
    return Call(
        function=called,
        user=function,
        wants_charset=wants_codec,
        wants_record=wants_record,
        makes_rows=writes and result is Kind.RECORD,
        content_type=CONTENT_TYPE if writes and result is Kind.JSON else None,
    )


def _writer(signature: Signature) -> Callable[..., Any]:
    """What makes the record's value, or a Row, of a result: called with the result, the value, the codec and the record."""
    if signature.result is Kind.RECORD:
        return row_writer(signature.function)
    if signature.result is Kind.JSON:
        write = json_writer(signature.function, signature.result_type)
        return lambda result, *_: write(result)
    return encode if signature.value is Kind.TEXT else _unchanged


def _unchanged(result: Any, *_: Any) -> Any:
    return result


def _caller(
    signature: Signature,
    read: Callable[[Any], Any] | None,
    write: Callable[..., Any] | None,
    *,
    charset: bool,
    several: bool,
    wants_codec: bool,
    wants_record: bool,
) -> Callable[..., Any]:
    """The one place where a user's function is called with what it asks for."""
    function, record_name, value_kind = signature.function, signature.record, signature.value
    if read and not wants_codec and not several and signature.result is Kind.JSON and write:  # the usual JSON function
        write_json = json_writer(function, signature.result_type)
        return lambda value: write_json(function(read(value)))

    def call(value: Any, *columns: Any) -> Any:
        codec = columns[0] if wants_codec else ""
        record = columns[-1] if wants_record else None
        named_values: dict[str, Any] = {}
        if record_name is not None:
            named_values[record_name] = record
        if charset:
            named_values["charset"] = codec
        if value_kind is Kind.RECORD:
            argument = record
        elif read is not None:
            argument = read(value)
        else:
            argument = decode(value, codec) if value_kind is Kind.TEXT else value
        result = function(argument, **named_values)
        if write is None:
            return result
        if several:
            check_several(function, result)
            return _each(result, write, value, codec, record)
        return write(result, value, codec, record)

    return call


def _each(results: Any, write: Callable[..., Any], *row: Any) -> Iterator[Any]:
    for result in results:
        if (written := write(result, *row)) is not None:
            yield written
