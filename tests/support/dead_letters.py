"""`python -m dead_letters` with the settings of a stream's processor."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.processor import REPOSITORY, Processor, deployment
from tests.support.stream import Stream

TIMEOUT_S = 180


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    output: str
    errors: str


class Tool:
    """The commands for the dead letter topic of one stream."""

    def __init__(self, stream: Stream, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._stream, self._folder = stream, folder
        given = deployment(stream.kafka.bootstrap, stream.source, stream.target, stream.group, 8080)
        self._settings = given | dict(settings or {})

    def run(self, *arguments: str) -> Done:
        """Run a command to its end; none of its output is a traceback."""
        environ = self._environ | {"SPRING_APPLICATION_JSON": json.dumps(self._settings)}
        command = [sys.executable, "-m", "dead_letters", *arguments]
        ended = subprocess.run(
            command, capture_output=True, encoding="utf-8", env=environ, cwd=self._folder, timeout=TIMEOUT_S, check=False
        )
        done = Done(ended.returncode, ended.stdout, ended.stderr)
        assert "Traceback" not in done.errors, done.errors
        return done

    def lines(self, *arguments: str) -> list[Any]:
        """The JSON of a command that succeeds, line by line."""
        done = self.run(*arguments, "--json")
        assert done.code == 0, done
        return [json.loads(line) for line in done.output.splitlines()]

    def report(self, *arguments: str) -> Any:
        """The one JSON document of a command that succeeds."""
        (line,) = self.lines(*arguments)
        return line

    def start(self, *arguments: str) -> Processor:
        """Start a command in the background; it is ended with the stream."""
        output = self._folder / f"dead-letters-{len(self._stream.processors)}.log"
        made = Processor(output, self._settings, ("-m", "dead_letters", *arguments), environ=self._environ)
        self._stream.processors.append(made)
        return made.start()

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(REPOSITORY)}
