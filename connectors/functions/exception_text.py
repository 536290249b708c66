"""The class name, message and stack trace of an exception, for log lines and dead letters.

The class of an exception is the user's code. Its `__str__`, `__cause__`, `__notes__` and
`__module__` can raise, return anything, or never end. So fields that Python keeps are read past the
class. `str()` is guarded, and each text has a limit. No function here raises.
"""

import traceback
from collections.abc import Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Any, cast

MESSAGE_MAX_CHARS = 4000
_NAME_MAX_CHARS = 200
_FRAME_MAX_CHARS = 1000  # generated source can be a single line of megabytes
_MAX_FRAMES = 1000
_MAX_CHAIN = 20  # exceptions: an exception, its cause, the cause's cause ...
_MAX_NOTES = 10
_MAX_GROUP = 10  # exceptions of a group that are shown
_MAX_DEPTH = 3  # nested groups
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"

# Descriptors of the base classes, which a subclass cannot replace by a property.
_cause = BaseException.__dict__["__cause__"].__get__
_context = BaseException.__dict__["__context__"].__get__
_suppresses_context = BaseException.__dict__["__suppress_context__"].__get__
_traceback = BaseException.__dict__["__traceback__"].__get__
_members = BaseExceptionGroup.__dict__["exceptions"].__get__
_qualified_name = type.__dict__["__qualname__"].__get__
_module = type.__dict__["__module__"].__get__
_bases = type.__dict__["__mro__"].__get__


def class_names(error: BaseException) -> list[tuple[str, str]]:
    """Return module and name of the exception's class and of its bases, the nearest first.

    Args:
        error: The exception.
    """
    kinds = _bases(type(error))
    return [
        (_catch_errors(partial(_module, kind)), str(_qualified_name(kind))[:_NAME_MAX_CHARS])
        for kind in kinds
    ]


def type_name(kind: type) -> str:
    """Return the qualified name of a class, as Python keeps it.

    Args:
        kind: The class.
    """
    return one_line(str(_qualified_name(kind))[:_NAME_MAX_CHARS])


def class_name(error: BaseException) -> str:
    """Return the qualified name of the exception's class. The module `builtins` is left out.

    Args:
        error: The exception.
    """
    module, name = class_names(error)[0]
    return name if module in ("", "builtins") else f"{module[:_NAME_MAX_CHARS]}.{name}"


def message(error: BaseException) -> str:
    """Return `str()` of the exception, at most MESSAGE_MAX_CHARS, or a remark if that fails.

    Args:
        error: The exception.
    """
    return _catch_errors(
        lambda: str(error), f"<the message of this {class_names(error)[0][1]} cannot be read>"
    )


def one_line(text: str) -> str:
    """Return the text without line breaks and other control characters, for the log.

    Args:
        text: Any text.
    """
    return "".join(character if character.isprintable() else " " for character in text)


def places(error: BaseException) -> list[tuple[str, int, str]]:
    """Return file, line and function of each frame of the traceback, the innermost last.

    Args:
        error: The exception.
    """
    frames = traceback.walk_tb(_traceback(error))
    return [(frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in frames]


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception, its cause, and so on. A circle (`raise e from e`) ends it.

    Args:
        error: The exception.
    """
    seen = set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen and len(seen) < _MAX_CHAIN:
        seen.add(id(cause))
        yield cause
        cause = _cause(cause)


def stack_trace(error: BaseException, depth: int = 0, *, with_texts: bool = True) -> str:
    """Return the exception with its causes, as Python prints them.

    Args:
        error: The exception.
        depth: The number of groups around it.
        with_texts: Whether to include the exceptions' texts and notes. They may quote the payload.
    """
    parts: list[str] = []
    seen = set[int]()
    link, current = "", cast("BaseException | None", error)
    while current is not None and id(current) not in seen and len(seen) < _MAX_CHAIN:
        seen.add(id(current))
        parts.append(_own_trace(current, depth, with_texts=with_texts) + link)
        if (cause := _cause(current)) is not None:
            link, current = _CAUSE, cause
        else:
            link, current = _CONTEXT, None if _suppresses_context(current) else _context(current)
    return "".join(reversed(parts))


def _own_trace(error: BaseException, depth: int, *, with_texts: bool) -> str:
    trace = _traceback(error)
    frames = "Traceback (most recent call last):\n" + _frames(trace) if trace is not None else ""
    text = message(error) if with_texts else ""
    last = f"{class_name(error)}: {text}\n" if text else f"{class_name(error)}\n"
    return (
        frames
        + last
        + (_notes(error) if with_texts else "")
        + _group(error, depth, with_texts=with_texts)
    )


def _frames(trace: TracebackType) -> str:
    try:
        return "".join(
            frame[:_FRAME_MAX_CHARS] for frame in traceback.format_tb(trace, -_MAX_FRAMES)
        )
    except BaseException:  # noqa: BLE001 - Python asks a module's loader for its source
        return "  <the frames cannot be read>\n"


def _notes(error: BaseException) -> str:
    notes: Any = _catch_errors_of(lambda: error.__notes__)
    if type(notes) is not list:
        return ""
    return "".join(f"{_text(note)}\n" for note in notes[:_MAX_NOTES] if issubclass(type(note), str))


def _group(error: BaseException, depth: int, *, with_texts: bool) -> str:
    if not issubclass(type(error), BaseExceptionGroup) or depth == _MAX_DEPTH:
        return ""
    members = cast("tuple[BaseException, ...]", _members(error))
    shown = (
        f"--- {number} of {len(members)}\n{stack_trace(member, depth + 1, with_texts=with_texts)}"
        for number, member in enumerate(members, 1)
    )
    return "".join(text for text, _ in zip(shown, range(_MAX_GROUP), strict=False))


def _catch_errors(read: Callable[[], Any], default: str = "") -> str:
    """Return the result of `read` if it is text, or the default."""
    found = _catch_errors_of(read)
    return _text(found) if issubclass(type(found), str) else default


def _catch_errors_of(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except BaseException:  # noqa: BLE001 - SystemExit, too: reading a text must not end the process
        return None


def _text(text: str) -> str:
    # A subclass of str may override the slice.
    return str.__getitem__(text, slice(None, MESSAGE_MAX_CHARS))
