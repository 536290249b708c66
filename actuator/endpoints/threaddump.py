"""/actuator/threaddump: the stack of every Python thread, in Spring Boot's form or as text."""

import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotAcceptable

from actuator.http import responses

TEXT = "text/plain;charset=UTF-8"


def endpoint() -> Blueprint:
    """Return the endpoint. Threads of the Kafka client run no Python code, so they are left out."""
    blueprint = Blueprint("threaddump", __name__)

    @blueprint.get("")
    def threaddump() -> Response:
        kind = responses.negotiate((*responses.JSON_TYPES, TEXT))
        if kind is None:
            raise NotAcceptable
        frames = sys._current_frames()  # noqa: SLF001 - the documented way to other threads' frames
        threads = [
            (thread, frames[thread.ident])
            for thread in threading.enumerate()
            if thread.ident in frames
        ]
        if kind == TEXT:
            return Response("\n".join(_text(*each) for each in threads), content_type=TEXT)
        return responses.render({"threads": [_describe(*each) for each in threads]}, kind)

    return blueprint


def _describe(thread: threading.Thread, frame: FrameType) -> dict[str, Any]:
    """Describe a thread. Times, counts and locks have Java's values for what is not measured."""
    return {
        "threadName": thread.name,
        "threadId": thread.ident,
        "blockedTime": -1,
        "blockedCount": 0,
        "waitedTime": -1,
        "waitedCount": 0,
        "lockOwnerId": -1,
        "daemon": thread.daemon,
        "inNative": False,
        "suspended": False,
        "threadState": _state(thread),
        "priority": 5,
        "stackTrace": [_element(each, line) for each, line in traceback.walk_stack(frame)],
        "lockedMonitors": [],
        "lockedSynchronizers": [],
    }


def _element(frame: FrameType, line: int) -> dict[str, Any]:
    return {
        "methodName": frame.f_code.co_qualname,
        "fileName": Path(frame.f_code.co_filename).name,
        "lineNumber": line,
        "nativeMethod": False,
        "className": frame.f_globals.get("__name__", "?"),
    }


def _state(thread: threading.Thread) -> str:
    """Return whether the thread runs or waits. Only Linux knows. Elsewhere every thread runs."""
    stat = Path(f"/proc/self/task/{thread.native_id}/stat")
    try:
        return "RUNNABLE" if stat.read_text().rpartition(") ")[2][0] == "R" else "WAITING"
    except OSError:
        return "RUNNABLE"


def _text(thread: threading.Thread, frame: FrameType) -> str:
    return (
        f'"{thread.name}" - Thread t@{thread.ident}\n   '
        f"{_state(thread)}\n{''.join(traceback.format_stack(frame))}"
    )
