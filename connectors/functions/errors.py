"""Errors of a user's function. They name the function and the user's line, never the payload."""

import inspect
import os
import sysconfig
from collections.abc import Callable
from functools import partial
from types import CodeType, FunctionType, GeneratorType, MethodType
from typing import Any

from confluent_kafka import Message

import connectors
import python_processor
from connectors.errors.exceptions import FunctionError, ResultError, UnforeseenError
from connectors.functions import exception_text
from connectors.functions.values import exact
from runtime.errors import ProcessorError
from text import UndecodableText

# Parts of the names of files that are not the user's: Python's, those of packages, and generated
# code.
_STANDARD = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib"))  # noqa: PTH118 - compared as text
_PACKAGES = ("/site-packages/", "/dist-packages/")
_OURS = tuple(
    os.path.join(os.path.dirname(str(package.__file__)), "")  # noqa: PTH118, PTH120 - compared as text too
    for package in (connectors, python_processor)
)
_PROBLEM_MAX_CHARS = 500  # in a log line; a dead letter has room for more
_bases = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__


def function_error(step: str, message: Message, error: BaseException) -> FunctionError:
    """Return an error with step, record, exception class and the user's frame.

    The exception's text is left out, as it may quote the payload.

    Args:
        step: The step's name.
        message: The record.
        error: The function's exception.
    """
    problem = exception_text.class_names(error)[0][1]
    if issubclass(type(error), UndecodableText | ProcessorError):
        problem = exception_text.message(error)[:_PROBLEM_MAX_CHARS]
    elif frame := user_frame(error):
        problem += f" at {frame}"
    record = str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
    return FunctionError(step, *record, exception_text.one_line(problem))


def unforeseen_error(error: BaseException) -> UnforeseenError:
    """Return an error with the exception's class and place. Its text may quote a payload.

    Args:
        error: An exception of this program or of a user's code.
    """
    return UnforeseenError(error_place(error))


def error_place(error: BaseException) -> str:
    """Return the exception's class and where it was raised, in one line, without its text.

    Args:
        error: The exception.
    """
    problem = exception_text.class_names(error)[0][1]
    for frame in [
        user_frame(error),
        *(f"{file}:{line} in {name}" for file, line, name in exception_text.places(error)[-1:]),
    ]:
        if frame:
            return exception_text.one_line(f"{problem} at {frame}")
    return problem


def user_frame(error: BaseException) -> str | None:
    """Return the innermost frame of the user's code as "file:line in function", or None.

    A library's function as a step has no frame of the user. Then the innermost frame counts. A
    function written in C has no frame at all.
    """
    frames = [place for place in exception_text.places(error) if not place[0].startswith(_OURS)]
    own = [place for place in frames if not _is_library(place[0])]
    for file, line, name in (own or frames)[-1:]:
        return f"{file}:{line} in {name}"
    return None


def result_error(function: Callable[..., Any], verb: str, value: object) -> ResultError | None:
    """Return why Kafka cannot take a value, or None if it can.

    Args:
        function: The function that made the value.
        verb: "return" or "yield".
        value: The result.
    """
    try:
        known = exact(value)
    except TypeError:
        kind = type(value)
        return ResultError(
            f"{describe(function)} {verb}ed {exception_text.type_name(kind)}; {verb} bytes, str "
            f"or None ({_hint(kind)})"
        )
    if isinstance(known, str):
        try:
            known.encode()
        except UnicodeEncodeError:
            return ResultError(
                f"{describe(function)} {verb}ed text with surrogates, which UTF-8 cannot hold; "
                f"{verb} bytes, or text without them"
            )
    return None


def is_true(function: Callable[..., Any], answer: Any) -> bool:
    """Return whether a result of a filter_value function is true.

    Args:
        function: The user's function, for errors.
        answer: Its result.

    Raises:
        ResultError: The result is an object that is always true, such as a coroutine.
    """
    kind = type(answer)
    if _has(kind, "__await__") or issubclass(kind, GeneratorType):
        raise ResultError(
            f"{describe(function)} returned {exception_text.type_name(kind)}; return True or "
            f"False ({_hint(kind)})"
        )
    return bool(answer)


def describe(function: Callable[..., Any]) -> str:
    """Return the function's name, and its file and line if it is written in Python.

    Args:
        function: The user's function.
    """
    try:
        return _description(function)
    except Exception:  # noqa: BLE001 - a callable object may raise at any attribute
        return exception_text.type_name(type(function))


def _description(function: Callable[..., Any]) -> str:
    if isinstance(function, partial):
        return _description(function.func)
    inner = inspect.unwrap(function)
    if isinstance(inner, partial):  # a function with its properties
        return _description(inner)
    called = (
        inner
        if isinstance(inner, FunctionType | MethodType)
        else getattr(type(inner), "__call__", None)  # noqa: B004 - for __code__
    )
    name = (
        inner.__qualname__ if isinstance(inner, FunctionType | MethodType | type) else _name(inner)
    )
    code = getattr(called, "__code__", None)
    return (
        f"{name} ({code.co_filename}:{code.co_firstlineno})" if isinstance(code, CodeType) else name
    )


def _name(function: object) -> str:
    """Return the name of a function written in C, or of a callable object's class."""
    name = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else type(function).__qualname__


def _hint(kind: type) -> str:
    if _has(kind, "__await__"):
        return "write `async def` for the function itself, or asyncio.run(...) inside"
    if issubclass(kind, bytearray | memoryview):
        return "bytes(...)"
    if _has(kind, "__next__"):
        return "flat_map_value takes a function that yields"
    return "json.dumps(...) for JSON"


def _has(kind: type, method: str) -> bool:
    """Return whether a class has an attribute. issubclass would ask its metaclass."""
    return any(method in _namespace(base) for base in _bases(kind))


def _is_library(file: str) -> bool:
    return file.startswith((*_STANDARD, "<")) or any(part in file for part in _PACKAGES)
