"""Reads the step's function, and the exception in Spring's wrapper, from a stack trace.

A letter does not name the step of the flow. The outermost function of the user's own code in the
stack trace is the step's function.
"""

import re
from functools import lru_cache

_PYTHON_HEAD = "Traceback (most recent call last):"
_PYTHON_FRAME = re.compile(
    r'^ +File "(?P<file>[^"\n]+)", line \d+, in (?P<function>[^\n]+)$', re.MULTILINE
)
_PYTHON_LIBRARIES = ("/site-packages/", "/dist-packages/", "/lib/python3")
_OURS = "/connectors/"  # files of the frames that call a step's function
_JAVA_CAUSE = "Caused by: "
_JAVA_FRAME = "at "
_JAVA_LIBRARIES = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "org.springframework.",
    "org.apache.",
    "reactor.",
    "io.micrometer.",
)
_JAVA_CLASS = re.compile(r"[\w$.]+")
NAME_MAX_CHARS = 200
_CACHED_TRACES = 256  # equal failures have equal traces, of some kilobytes


def find_step(trace: str) -> str:
    """Return the name of the step's function, or "" if no frame is of the user's code.

    Args:
        trace: The stack trace, of Python or Java.
    """
    # Python prints the letter's exception last. Java prints the innermost cause last.
    if '  File "' in trace:
        return _find_python_function(trace[max(0, trace.rfind(_PYTHON_HEAD)) :])
    return _find_java_function(trace[max(0, trace.rfind(_JAVA_CAUSE)) :])


def find_root_cause(trace: str) -> str:
    """Return the class of the innermost cause in a Java stack trace, or "".

    Args:
        trace: The stack trace.
    """
    start = trace.rfind(_JAVA_CAUSE)
    if start < 0:
        return ""
    found = _JAVA_CLASS.match(trace, start + len(_JAVA_CAUSE))
    return found[0].rstrip(".")[:NAME_MAX_CHARS] if found else ""


@lru_cache(maxsize=_CACHED_TRACES)
def _find_python_function(trace: str) -> str:
    outside = [frame for frame in _PYTHON_FRAME.finditer(trace) if _OURS not in frame["file"]]
    own = [
        frame for frame in outside if not any(part in frame["file"] for part in _PYTHON_LIBRARIES)
    ]
    return next((frame["function"][:NAME_MAX_CHARS] for frame in own or outside), "")


@lru_cache(maxsize=_CACHED_TRACES)
def _find_java_function(trace: str) -> str:
    """Return the outermost function of the user. Java prints it last."""
    frames = [line.lstrip() for line in trace.split("\n") if "(" in line]
    # A frame is `at loader/module@version/package.Class.method(File.java:12)`.
    functions = [
        frame[len(_JAVA_FRAME) :].split("(", 1)[0].rpartition("/")[2]
        for frame in frames
        if frame.startswith(_JAVA_FRAME)
    ]
    own = [function for function in functions if not function.startswith(_JAVA_LIBRARIES)]
    return own[-1][:NAME_MAX_CHARS] if own else ""
