"""The quick start of README.md, as a reader types it: make run, curl, Ctrl-C."""

import os
import re
import signal
import subprocess
from pathlib import Path

from tests.support import children
from tests.support.docs.markdown import Part, read_page
from tests.support.processor import REPOSITORY
from tests.support.waiting import wait_for

CURL = "curl "
PORT = "32123"  # of the page
SECONDS = 30  # for anything that takes a second or two on an idle machine
# The environment is there: `make` is not to install into it.
_MAKE = ["make", "--old-file=.venv/ready", "--no-print-directory", "run"]


def readme_commands() -> list[str]:
    """The commands in blocks of the page."""
    blocks: list[Part] = read_page("README.md").code
    return [
        line for block in blocks if block.language == "indented" for line in block.text.split("\n")
    ]


class QuickStart:
    """One run of `make run`, its http source on a free port."""

    def __init__(self, output: Path, *options: str) -> None:
        self._output = output
        self.port = children.free_port()
        arguments = " ".join([f"--port={self.port}", *options])
        self.child = children.start(
            [*_MAKE, f"ARGS={arguments}"], output, dict(os.environ), cwd=REPOSITORY
        )

    @property
    def output(self) -> str:
        """What the terminal shows."""
        return self._output.read_text()

    def wait_for_line(self, pattern: str) -> str:
        """Wait until a whole line matches, and return the line."""

        def look() -> str:
            found = re.search(rf"^{pattern}$", self.output, re.MULTILINE)
            assert found or self.child.poll() is None, self.output
            return found[0] if found else ""

        return wait_for(look, SECONDS, f"{pattern!r} in {self._output}")

    def post(self, kind: str = "text/plain") -> str:
        """Run the page's curl command for this content type, and return what it prints."""
        commands = [each for each in readme_commands() if each.startswith(CURL)]
        (command,) = [each for each in commands if kind in each]
        command = command.replace(PORT, str(self.port))
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=SECONDS
        )
        return done.stdout

    def press_ctrl_c(self) -> None:
        """Signal the processes of the terminal, as Ctrl-C does, and wait until make has ended."""
        os.killpg(self.child.pid, signal.SIGINT)
        self.child.wait(SECONDS)

    def end(self) -> None:
        """Stop what is left after a failure."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGTERM)
            try:
                self.child.wait(SECONDS)
            except subprocess.TimeoutExpired:
                children.end(self.child)
