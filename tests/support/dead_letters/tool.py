"""`python -m dead_letters` with the settings of a stream's processor."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.processor import REPOSITORY, SECONDS, Processor, deployment
from tests.support.stream import Stream
from tests.support.waiting import wait_for

TIMEOUT_S = 180


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    output: str
    errors: str


class Tool:
    """The commands for the dead letter topic of one stream."""

    def __init__(
        self, stream: Stream, folder: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self._stream, self._folder = stream, folder
        given = deployment(stream.kafka.bootstrap, stream.source, stream.target, stream.group, 8080)
        self._settings = given | dict(settings or {})

    def run(self, *arguments: str) -> Done:
        """Run a command to its end; none of its output is a traceback."""
        environ = self._environ | {"SPRING_APPLICATION_JSON": json.dumps(self._settings)}
        command = [sys.executable, "-m", "dead_letters", *arguments]
        ended = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            env=environ,
            cwd=self._folder,
            timeout=TIMEOUT_S,
            check=False,
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
        made = Processor(
            output, self._settings, ("-m", "dead_letters", *arguments), environ=self._environ
        )
        self._stream.processors.append(made)
        return made.start()

    def replay_and_kill(self, kills: int, rng: random.Random, *arguments: str) -> None:
        """Start replays one after the other.

        Each is killed when up to 600 records more are in the source, decided or not.
        """

        def written() -> int:
            return sum(self._stream.topics.ends(self._stream.source).values())

        for _ in range(kills):
            goal = written() + rng.randrange(1, 600)
            run = self.start("replay", *arguments, "--rate", "350")
            wait_for(lambda goal=goal: written() >= goal, SECONDS, f"{goal} records in the source")  # type: ignore[misc]  # mypy cannot see its default
            run.kill()

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(REPOSITORY)}
