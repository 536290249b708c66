"""How a value is read, a function is called and its result is written, by the signature."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from catalog.annotations import Kind
from catalog.callables import is_async_generator
from catalog.errors import CatalogError
from catalog.signature import SESSION, Signature
from connectors.errors.exceptions import FunctionRefusedError
from connectors.functions.checks import (
    named,
    one_value_function,
    wants_charset,
)
from connectors.functions.division import check_several, gather_values
from connectors.named_functions.json_values import json_reader, json_writer
from connectors.named_functions.rows import row_writer
from connectors.named_functions.text_values import decode, encode

# The codec and the record, each if the plan needs it.
Columns = tuple[Any, ...]
# Returns the function's first argument, its keyword arguments, the codec and the record.
Arguments = Callable[[Any, Columns], tuple[Any, dict[str, Any], str, Any]]


@dataclass(frozen=True, kw_only=True)
class CallPlan:
    """What each call of a plain or an async function needs. Made once, when a flow is built.

    Attributes:
        signature: The signature of the user's function.
        read: Converts the record's value to a JSON function's argument. None for other functions.
        write: Converts a result to the record's value, or to a Row. None if results are not
            written.
        charset: Whether the function has a parameter `charset`.
        several: Whether the function returns several results.
        wants_codec: Whether a call needs the record's codec.
        wants_record: Whether a call needs the record.
    """

    signature: Signature
    read: Callable[[Any], Any] | None
    write: Callable[..., Any] | None
    charset: bool
    several: bool
    wants_codec: bool
    wants_record: bool

    @classmethod
    def from_signature(
        cls, step: str, signature: Signature, *, several: bool, writes: bool
    ) -> "CallPlan":
        """Decide how to read and write.

        Args:
            step: The step's name, for errors.
            signature: The signature of the user's function.
            several: Whether the function returns several results.
            writes: Whether results become values of records.

        Raises:
            FunctionRefusedError: The step cannot call the function, or an annotation is unknown.
        """
        function, value, result = signature.function, signature.value, signature.result
        charset = wants_charset(function)
        wanted = {signature.record: True, "charset": charset, SESSION: signature.session}
        given = {name: object() for name, is_wanted in wanted.items() if name and is_wanted}
        one_value_function(
            step, partial(function, **given) if given else function, may_yield=several
        )
        wants_record = (
            signature.record is not None
            or value is Kind.RECORD
            or (result is Kind.RECORD and writes)
        )
        try:
            read = json_reader(function, signature.value_type) if value is Kind.JSON else None
            write = _writer(signature) if writes else None
        except CatalogError as error:
            raise FunctionRefusedError(f"{named(step)}: {error}") from None
        return cls(
            signature=signature,
            read=read,
            write=write,
            charset=charset,
            several=several,
            wants_codec=value is Kind.TEXT
            or charset
            or (result in (Kind.TEXT, Kind.RECORD) and writes),
            wants_record=wants_record,
        )

    def caller(self) -> Callable[..., Any]:
        """Return a function of the value and its columns that calls the user's function."""
        if quick := self._quick_caller():
            return quick
        function, arguments, finish = self.signature.function, self._arguments(), self._finisher()

        def call(value: Any, *columns: Any) -> Any:
            argument, named_values, codec, record = arguments(value, columns)
            return finish(function(argument, **named_values), value, codec, record)

        return call

    def async_caller(self) -> Callable[..., Any]:
        """Return a coroutine function of the value, its columns and the function's session."""
        function, arguments, finish = self.signature.function, self._arguments(), self._finisher()
        gives_each = is_async_generator(function)

        async def call(value: Any, *columns: Any, **session: Any) -> Any:
            argument, named_values, codec, record = arguments(value, columns)
            awaitable = function(argument, **named_values, **session)
            result = await (gather_values(function, awaitable) if gives_each else awaitable)
            return finish(result, value, codec, record)

        return call

    def _quick_caller(self) -> Callable[..., Any] | None:
        """Return one lambda for the two usual signatures, which need at most the codec, or None."""
        signature, function, read = self.signature, self.signature.function, self.read
        if self.several or not self.write or self.wants_record:
            return None
        if read and not self.wants_codec and signature.result is Kind.JSON:
            write_json = json_writer(function, signature.result_type)
            return lambda value: write_json(function(read(value)))
        is_text = signature.value is signature.result is Kind.TEXT
        if is_text and not self.charset:
            return lambda value, codec: encode(function(decode(value, codec)), value, codec)
        return None

    def _finisher(self) -> Callable[..., Any]:
        """Return the function that converts a result. It gets result, value, codec and record."""
        function, write = self.signature.function, self.write
        if write is None:
            return _unchanged
        if not self.several:
            return write

        def each(results: Any, *row: Any) -> Iterator[Any]:
            check_several(function, results)
            return _each(results, write, *row)

        return each

    def _arguments(self) -> Arguments:
        """Return the function that makes arguments of a call's value and columns."""
        record_name, value_kind, read = self.signature.record, self.signature.value, self.read
        charset, wants_codec, wants_record = self.charset, self.wants_codec, self.wants_record

        def of_row(value: Any, columns: Columns) -> tuple[Any, dict[str, Any], str, Any]:
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


def _writer(signature: Signature) -> Callable[..., Any]:
    """Return the function that converts a result to the record's value, or to a Row.

    The function is called with the result, the value, the codec and the record.
    """
    if signature.result is Kind.RECORD:
        return row_writer(signature.function)
    if signature.result is Kind.JSON:
        write = json_writer(signature.function, signature.result_type)
        return lambda result, *_: write(result)
    return encode if Kind.TEXT in (signature.value, signature.result) else _unchanged


def _unchanged(result: Any, *_: Any) -> Any:
    return result


def _each(results: Any, write: Callable[..., Any], *row: Any) -> Iterator[Any]:
    for result in results:
        if (written := write(result, *row)) is not None:
            yield written
