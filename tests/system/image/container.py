"""The image in a locked-down container, through podman or docker."""

import http.client
import json
import os
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.support.processor import deployment
from tests.support.stream import QUICK_GROUP, Stream
from tests.support.waiting import wait_for

SECONDS = 30  # for anything that is a matter of a second on an idle machine


def engine(*words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """One command of the container engine that `make test-image` found."""
    return subprocess.run(
        [os.environ["ENGINE"], *words], capture_output=True, text=True, timeout=timeout, check=False
    )


def locked_down() -> list[str]:
    """What a careful operator takes away.

    The host's network, because the tests' Kafka listens on loopback.
    """
    # podman lays a writable /tmp over a read-only root unless an option forbids it; docker does not
    no_scratch = ["--read-only-tmpfs=false"] if "podman" in os.environ["ENGINE"] else []
    return [
        *(
            "--network=host",
            "--read-only",
            *no_scratch,
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
        ),
        *("--memory=256m", "--memory-swap=256m", "--pids-limit=100"),
    ]


def image() -> str:
    return os.environ["IMAGE"]


def image_settings() -> dict[str, Any]:
    """The image's own settings, as `inspect` shows them."""
    reported: dict[str, dict[str, Any]] = json.loads(engine("image", "inspect", image()).stdout)[0]
    # podman shows the health check beside the settings, docker among them
    return {"Healthcheck": reported.get("Healthcheck")} | reported["Config"]


def in_image(*command: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command, not the entry point, in a container of its own."""
    return engine(
        "run", "--rm", *locked_down(), *options, f"--entrypoint={command[0]}", image(), *command[1:]
    )


class Container:
    """One container of the image.

    `settings` arrive in SPRING_APPLICATION_JSON and `arguments` after the entry point, as from
    Data Flow.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        arguments: Sequence[str] = (),
        mounts: Mapping[Path, str] | None = None,
    ) -> None:
        self._name = f"test-image-{uuid.uuid4().hex[:12]}"
        self._options = [
            f"--name={self._name}",
            f"--env=SPRING_APPLICATION_JSON={json.dumps(dict(settings))}",
            *(f"--volume={source}:{target}:ro" for source, target in (mounts or {}).items()),
        ]
        self._arguments = arguments

    def __enter__(self) -> Self:
        started = engine(
            "run", "--detach", *locked_down(), *self._options, image(), *self._arguments
        )
        assert started.returncode == 0, started.stderr
        return self

    def __exit__(self, *_: object) -> None:
        engine("rm", "--force", self._name)

    def output(self) -> str:
        """All it has written to stdout and stderr so far."""
        reported = engine("logs", self._name)
        return reported.stdout + reported.stderr

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container, beside the processor."""
        return engine("exec", self._name, *command)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to process 1."""
        engine("kill", f"--signal={number.name}", self._name)

    def stop(self) -> int:
        """SIGTERM, as every platform stops a container.

        The exit code (137: it had to be killed).
        """
        engine("stop", f"--time={SECONDS}", self._name, timeout=2 * SECONDS)
        return self.exit_code()

    def exit_code(self) -> int:
        """Wait for its end; AssertionError when it does not come."""
        try:
            return int(engine("wait", self._name, timeout=SECONDS).stdout)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"the container did not end within {SECONDS} s:\n{self.output()}"
            ) from None

    def answering(self, port: int) -> Self:
        """Wait for the first answer over HTTP; AssertionError when it has ended instead."""
        wait_for(lambda: self._answers(port), SECONDS, f"an answer on port {port}")
        return self

    def _answers(self, port: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        try:
            connection.request("GET", "/actuator/info")
            return connection.getresponse().status == 200
        except OSError:
            running = engine("inspect", "--format={{.State.Running}}", self._name).stdout.strip()
            assert running == "true", f"the container has ended:\n{self.output()}"
            return False
        finally:
            connection.close()


def properties(stream: Stream, port: int, *without: str) -> dict[str, str]:
    reported = (
        deployment(stream.kafka.bootstrap, stream.source, stream.target, stream.group, port)
        | QUICK_GROUP
    )
    return {name: value for name, value in reported.items() if name not in without}
