"""Errors of a user's function: which function, where in the user's own code, and never the record's payload."""

import inspect
import os
import sysconfig
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, GeneratorType, MethodType
from typing import Any

from confluent_kafka import Message

from connectors import error_texts
from connectors.errors import FunctionError, ResultError
from runtime.errors import ProcessorError
from text import UndecodableText

# Parts of the names of files that a user has not written: Python's own, those of packages, and code that a library has made up.
_STANDARD = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib"))  # noqa: PTH118 - compared as text
_PACKAGES = ("/site-packages/", "/dist-packages/")
_OURS = os.path.join(os.path.dirname(__file__), "")  # noqa: PTH118, PTH120 - likewise
_PROBLEM_MAX_CHARS = 500  # in a line of the log; a dead letter has room for more
USUAL = frozenset({list, tuple, GeneratorType})  # iterables of values that need no closer look, which costs more
_NOT_VALUES = (str, bytes, bytearray, memoryview, dict)  # iterable, but what they yield is not meant as records


def function_error(step: str, message: Message, error: BaseException) -> FunctionError:
    """Name the step, the record, the exception's class and the user's frame. The exception's text may quote the payload; ours never do."""
    problem = error_texts.class_names(error)[0][1]
    if issubclass(type(error), UndecodableText | ProcessorError):
        problem = error_texts.message(error)[:_PROBLEM_MAX_CHARS]
    elif frame := user_frame(error):
        problem += f" at {frame}"
    record = str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
    return FunctionError(step, *record, error_texts.one_line(problem))


def user_frame(error: BaseException) -> str | None:
    """The innermost frame of the user's own code as "file:line in function".

    A function of a library, given to a step as it is, has no such frame: then the innermost one. None for a function written in C.
    """
    frames = [place for place in error_texts.places(error) if not place[0].startswith(_OURS)]
    own = [place for place in frames if not _is_library(place[0])]
    for file, line, name in (own or frames)[-1:]:
        return f"{file}:{line} in {name}"
    return None


def result_error(function: Callable[..., Any], verb: str, value: object) -> ResultError | None:
    """Why Kafka cannot take `value`; None if the value is not the reason. `verb`: "return" or "yield", which the function did with it."""
    if value is None or isinstance(value, bytes):
        return None
    name = describe(function)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return ResultError(f"{name} {verb}ed text with surrogates, which UTF-8 cannot hold; {verb} bytes, or text without them")
        return None
    return ResultError(f"{name} {verb}ed {type(value).__name__}; {verb} bytes, str or None ({_hint(value)})")


def values_of(function: Callable[[Any], Any], results: Any) -> tuple[Any, ...]:
    """The values in what a function of flat_map_value returned. Raises ResultError for what is no iterable of values."""
    if isinstance(results, _NOT_VALUES) or not hasattr(type(results), "__iter__"):
        raise ResultError(f"{describe(function)} returned {type(results).__name__}; return a list of values, or yield them")
    return tuple(results)


def describe(function: Callable[..., Any]) -> str:
    """The function's name, and where it is written if that is in Python."""
    if isinstance(function, partial):
        return describe(function.func)
    inner = inspect.unwrap(function)
    called = inner if isinstance(inner, FunctionType | MethodType) else getattr(type(inner), "__call__", None)  # noqa: B004 - to find its code
    name = inner.__qualname__ if isinstance(inner, FunctionType | MethodType | type) else _name(inner)
    code = getattr(called, "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if isinstance(code, CodeType) else name


def _name(function: object) -> str:
    """Of a function written in C, or of a callable object's class."""
    name = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else type(function).__qualname__


def _hint(value: object) -> str:
    if inspect.isawaitable(value):
        return "asyncio.run(...) runs what is async"
    if isinstance(value, bytearray | memoryview):
        return "bytes(...)"
    if isinstance(value, Iterator):
        return "flat_map_value takes a function that yields"
    return "json.dumps(...) for JSON"


def _is_library(file: str) -> bool:
    return file.startswith((*_STANDARD, "<")) or any(part in file for part in _PACKAGES)
