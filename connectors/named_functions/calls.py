"""What a step calls for each record: the user's function with its value read and its result
written, put together once at build.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from catalog.annotations import Kind
from catalog.callables import is_async, is_async_generator, is_generator, location
from catalog.errors import CatalogError
from catalog.setup import find_setup, setup_options
from catalog.signature import SESSION, Signature, read_signature
from connectors.errors.exceptions import FunctionRefusedError
from connectors.functions.checks import (
    charset_function,
    check_kind,
    named,
    one_value_function,
    wants_charset,
)
from connectors.functions.division import check_several, gather_values
from connectors.named_functions.json_values import CONTENT_TYPE, json_reader, json_writer
from connectors.named_functions.rows import row_writer
from connectors.named_functions.text_values import decode, encode
from python_processor import Properties


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function as a batch calls it: with a value, and with the record's codec and the record
    where it wants them.
    """

    function: Callable[..., Any]
    user: Callable[..., Any]  # the user's own, for errors
    wants_charset: bool = False
    wants_record: bool = False
    makes_rows: bool = False  # each result is a Row
    content_type: bytes | None = None  # of each value it makes
    is_async: bool = False
    # The async context manager that gives the function's session.
    setup: Callable[..., Any] | None = None


Options = Callable[[type[Properties]], Properties]


def bind(step: str, function: Callable[..., Any], options: Options) -> Callable[..., Any]:
    """Give a function its own properties; a factory is called, and what it returns is the function.

    Raises:
        FunctionRefusedError: An annotation is unknown, or a factory returned no function.

    """
    signature = _read(step, function)
    setup = _setup(step, signature)
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
    made = function(**values)
    if not callable(made):
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} takes no value and returned no function"
        )
    return bind(step, made, options)


def map_call(step: str, function: Callable[..., Any]) -> Call:
    """Return the call for map_value. Raises FunctionRefusedError."""
    signature = _checked(step, function)
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


def _read(
    step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    try:
        return read_signature(function, divides=divides, judges=judges)
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None


def _setup(step: str, signature: Signature) -> Callable[..., Any] | None:
    """The setup of an async function, with its properties where bind() has given it some."""
    if bound := getattr(signature.function, "bound_setup", None):
        return bound  # type: ignore[no-any-return]  # bind() has put it there
    try:
        setup = find_setup(signature) if is_async(signature.function) else None
        if setup:
            setup_options(setup)
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None
    return setup


def _checked(
    step: str, function: Callable[..., Any], *, divides: bool = False, judges: bool = False
) -> Signature:
    check_kind(step, function, may_yield=divides)
    signature = _read(step, function, divides=divides, judges=judges)
    if signature.options:
        raise FunctionRefusedError(
            f"{named(step)}: {location(function)} has properties of its own; give them with "
            f"functools.partial, or name it by --function"
        )
    return signature


def _call(step: str, signature: Signature, *, several: bool, writes: bool = True) -> Call:
    if is_async(signature.function):
        return _async_call(step, signature, several=several, writes=writes)
    function, value, result = signature.function, signature.value, signature.result
    plain = (Kind.BYTES, Kind.BOOL, *((Kind.TEXT,) if value is not Kind.TEXT else ()))
    # today's path: the function itself.
    if value is Kind.BYTES and signature.record is None and (result in plain or not writes):
        if several or not writes:
            return Call(
                function=one_value_function(step, function, may_yield=several), user=function
            )
        called, with_charset = charset_function(step, function)
        return Call(function=called, user=function, wants_charset=with_charset)
    return _converting_call(step, signature, several=several, writes=writes)


def _async_call(step: str, signature: Signature, *, several: bool, writes: bool) -> Call:
    setup = _setup(step, signature)
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
    function, value, result = signature.function, signature.value, signature.result
    charset = wants_charset(function)
    wanted = {signature.record: True, "charset": charset, SESSION: signature.session}
    given = {name: object() for name, is_wanted in wanted.items() if name and is_wanted}
    one_value_function(step, partial(function, **given) if given else function, may_yield=several)
    wants_record = (
        signature.record is not None or value is Kind.RECORD or (result is Kind.RECORD and writes)
    )
    wants_codec = value is Kind.TEXT or charset or wants_record
    try:
        read = json_reader(function, signature.value_type) if value is Kind.JSON else None
        write = _writer(signature) if writes else None
    except CatalogError as error:
        raise FunctionRefusedError(f"{named(step)}: {error}") from None
    make = _async_caller if is_async(function) else _caller
    called = make(
        signature,
        read,
        write,
        charset=charset,
        several=several,
        wants_codec=wants_codec,
        wants_record=wants_record,
    )
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
    """What makes the record's value, or a Row, of a result: called with the result, the value, the
    codec and the record.
    """
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
    function = signature.function
    # The usual JSON function.
    if read and not wants_codec and not several and signature.result is Kind.JSON and write:
        write_json = json_writer(function, signature.result_type)
        return lambda value: write_json(function(read(value)))

    # The usual one of text.
    if (
        signature.value is signature.result is Kind.TEXT
        and write
        and not (several or charset or wants_record)
    ):
        return lambda value, codec: encode(function(decode(value, codec)), value, codec)
    arguments = _arguments(
        signature, read, charset=charset, wants_codec=wants_codec, wants_record=wants_record
    )

    def call(value: Any, *columns: Any) -> Any:
        argument, named_values, codec, record = arguments(value, columns)
        result = function(argument, **named_values)
        if write is None:
            return result
        if several:
            check_several(function, result)
            return _each(result, write, value, codec, record)
        return write(result, value, codec, record)

    return call


def _async_caller(
    signature: Signature,
    read: Callable[[Any], Any] | None,
    write: Callable[..., Any] | None,
    *,
    charset: bool,
    several: bool,
    wants_codec: bool,
    wants_record: bool,
) -> Callable[..., Any]:
    """As _caller, for a function that is awaited."""
    function = signature.function
    gives_each = is_async_generator(function)
    arguments = _arguments(
        signature, read, charset=charset, wants_codec=wants_codec, wants_record=wants_record
    )

    async def call(value: Any, *columns: Any, **session: Any) -> Any:
        argument, named_values, codec, record = arguments(value, columns)
        begun = function(argument, **named_values, **session)
        result = await (gather_values(function, begun) if gives_each else begun)
        if write is None:
            return result
        if several:
            check_several(function, result)
            return _each(result, write, value, codec, record)
        return write(result, value, codec, record)

    return call


def _arguments(
    signature: Signature,
    read: Callable[[Any], Any] | None,
    *,
    charset: bool,
    wants_codec: bool,
    wants_record: bool,
) -> Callable[[Any, tuple[Any, ...]], tuple[Any, dict[str, Any], str, Any]]:
    """What makes the function's first argument, its named ones, the codec and the record of a
    row.
    """
    record_name, value_kind = signature.record, signature.value

    def of_row(value: Any, columns: tuple[Any, ...]) -> tuple[Any, dict[str, Any], str, Any]:
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
        return argument, named_values, codec, record

    return of_row


def _each(results: Any, write: Callable[..., Any], *row: Any) -> Iterator[Any]:
    for result in results:
        if (written := write(result, *row)) is not None:
            yield written
