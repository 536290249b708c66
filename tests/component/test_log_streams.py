"""The log goes on after a function has changed the library or the streams."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import logging, logging.config, sys
sys.path.insert(0, {root!r})
import connectors.failures.retries
from runtime.logs import console
{before}
console.configure("app", {{}})
{after}
logging.getLogger("processor.records").error("skipped %s", "\\ud800" if {odd} else "one")
"""


def lines(before: str = "", after: str = "", *, odd: bool = False) -> tuple[str, str]:
    program = PROGRAM.format(root=str(ROOT), before=before, after=after, odd=odd)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 120)  # 120: Python could not flush a stream that is closed
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("logging.config.dictConfig({'version': 1})", ""),
        ("", "logging.config.dictConfig({'version': 1})"),
    ],
)
def test_disabled_loggers_log(before: str, after: str) -> None:
    assert "skipped one" in lines(before, after)[0]


@pytest.mark.parametrize("after", ["sys.stdout.close()", "sys.stdout.close(); sys.stderr.close()"])
def test_closed_stream_keeps_lines(after: str) -> None:
    out, errors = lines(after=after)
    assert "skipped one" in out
    assert "Traceback" not in errors


def test_unencodable_is_escaped() -> None:
    assert "skipped \\ud800" in lines(odd=True)[0]


def test_wrong_logger_call_is_one_line() -> None:
    out, errors = lines(after="logging.getLogger('mine').error('%d', 'payload')")
    assert "TypeError at <string>:8: this line cannot be written" in out
    assert "payload" not in out + errors
