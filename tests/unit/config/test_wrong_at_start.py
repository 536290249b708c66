"""A wrong input ends the program: exit code 1, and one line."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_program_exits_1_with_one_line() -> None:
    command = [sys.executable, "dataflow.py", "--server.port=http"]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        'python-processor: server.port: "http" (the command line) is not allowed; allowed is a '
        "whole number from 0 to 65535\n"
    )
