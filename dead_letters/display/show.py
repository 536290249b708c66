"""One letter as lines or as JSON. The key and the value are shown only on request."""

import base64
from collections.abc import Iterator
from typing import Any

from config.errors import one_line
from connectors.failures.dead_letters import OWN
from connectors.records.messages import Headers
from dead_letters.display.overview import format_time
from dead_letters.letters.letter import Letter

_LABEL_WIDTH = 12
_BYTES_MAX_SHOWN = 2000  # of a payload in the text output; JSON has all of it


def format_letter(letter: Letter, *, is_open: bool, with_payload: bool) -> Iterator[str]:
    """Return the lines that show a letter to people.

    Args:
        letter: The letter.
        is_open: Whether it is neither replayed nor parked.
        with_payload: Whether to show the key and the value.
    """
    yield f"{letter}  {format_time(letter.timestamp_ms) or '(no time)'}  {_state(is_open=is_open)}"
    place = f"{letter.original_topic or '?'}-{_number(letter.original_partition)}@{_number(letter.original_offset)}"  # noqa: E501 - one text
    yield _labelled(
        "from",
        f"{place}  {format_time(letter.original_timestamp_ms) or '(no time)'} "
        f"{letter.timestamp_type}",
    )
    wrapped = f" in {letter.exception}" if letter.cause else ""
    yield _labelled(
        "exception",
        f"{letter.failure or '(none)'}{wrapped}{': ' if letter.text else ''}{letter.text}",
    )
    yield _labelled("step", letter.step or "(none)")
    yield _labelled("replays", str(letter.replays))
    for damage in letter.damages:
        yield _labelled("damage", damage)
    for name, value in _original_headers(letter):
        yield _labelled(
            "header",
            f"{name}: {'(null)' if value is None else value.decode(errors='backslashreplace')}",
        )
    if with_payload:
        yield _labelled("key", _show_bytes(letter.key))
        yield _labelled("value", _show_bytes(letter.value))
    for number, line in enumerate(letter.stack_trace.splitlines()):
        yield _labelled("" if number else "stack trace", line)


def letter_to_dict(letter: Letter, *, is_open: bool, with_payload: bool) -> dict[str, Any]:
    """Return a letter for JSON. Bytes that are not UTF-8 become an object with base64.

    Args:
        letter: The letter.
        is_open: Whether it is neither replayed nor parked.
        with_payload: Whether to include the key and the value.
    """
    found: dict[str, Any] = {
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "time": format_time(letter.timestamp_ms),
        "state": _state(is_open=is_open),
        "original": {
            "topic": letter.original_topic,
            "partition": letter.original_partition,
            "offset": letter.original_offset,
            "time": format_time(letter.original_timestamp_ms),
            "timestamp_type": letter.timestamp_type,
        },
        "exception": letter.exception,
        "cause": letter.cause,
        "message": letter.text,
        "step": letter.step,
        "replays": letter.replays,
        "damages": list(letter.damages),
        "headers": [[name, _to_json(value)] for name, value in _original_headers(letter)],
        "stack_trace": letter.stack_trace,
    }
    if with_payload:
        found |= {"key": _to_json(letter.key), "value": _to_json(letter.value)}
    return found


def _original_headers(letter: Letter) -> Headers:
    """Return the headers that the record had before it became a letter."""
    return [header for header in letter.headers or () if header[0] not in OWN]


def _state(*, is_open: bool) -> str:
    return "open" if is_open else "done"


def _labelled(label: str, text: str) -> str:
    return f"  {label:{_LABEL_WIDTH}}{one_line(text)}".rstrip()


def _number(number: int | None) -> str:
    return "?" if number is None else str(number)


def _show_bytes(value: bytes | None) -> str:
    if value is None:
        return "(null)"
    text = value[:_BYTES_MAX_SHOWN].decode(errors="backslashreplace")
    return text if len(value) <= _BYTES_MAX_SHOWN else f"{text}... ({len(value)} bytes)"


def _to_json(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
