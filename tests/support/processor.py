"""The processor under test, started as Spring Cloud Data Flow's local deployer starts it."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Self

from tests.support import children
from tests.support.waiting import TIMEOUT_FACTOR, wait_for

REPOSITORY = Path(__file__).parents[2]
DATAFLOW = REPOSITORY / "dataflow.py"

SECONDS = 30  # for anything that is a matter of a second on an idle machine


class By(Enum):
    """The way the settings reach the processor."""

    JSON = "SPRING_APPLICATION_JSON"  # Data Flow's default
    ARGUMENTS = "--name=value"
    ENVIRONMENT = "NAME=value"


def deployment(brokers: str, source: str, target: str, group: str, port: int) -> dict[str, str]:
    """Return the properties of Data Flow's local deployer for `http | python-processor | log`."""
    label = "python-processor"
    return {
        "endpoints.jmx.unique-names": "true",
        "endpoints.shutdown.enabled": "true",
        "instance.index": "0",
        "management.endpoints.web.exposure.include": "health,info,bindings",
        "management.metrics.tags.application": "${spring.cloud.dataflow.stream.name:unknown}"
        "-${spring.cloud.dataflow.stream.app.label:unknown}-${spring.cloud.dataflow.stream.app.type:unknown}",
        "management.metrics.tags.instance.index": "${vcap.application.instance_index:${spring.cloud.stream.instanceIndex:0}}",  # noqa: E501 - one text
        "management.metrics.tags.stream.name": "${spring.cloud.dataflow.stream.name:unknown}",
        "reversestring": "true",
        "server.port": str(port),
        "spring.application.index": "0",
        "spring.cloud.application.group": group,
        "spring.cloud.application.guid": f"{group}.{label}-v1-0",
        "spring.cloud.dataflow.stream.app.label": label,
        "spring.cloud.dataflow.stream.app.type": "processor",
        "spring.cloud.dataflow.stream.name": group,
        "spring.cloud.stream.bindings.input.destination": source,
        "spring.cloud.stream.bindings.input.group": group,
        "spring.cloud.stream.bindings.output.destination": target,
        "spring.cloud.stream.instanceIndex": "0",
        "spring.cloud.stream.kafka.binder.brokers": brokers,
        "spring.jmx.default-domain": f"{group}.{label}-v1",
    }


class Processor:
    """One process.

    `settings` are properties by their Spring names; "server.port" must be among them.

    With `by` None the settings are only recorded: they are in `program` and `environ` already.
    """

    def __init__(
        self,
        output: Path,
        settings: Mapping[str, str],
        program: Sequence[str] = (str(DATAFLOW),),
        by: By | None = By.JSON,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._output = output
        self._port = settings["server.port"]  # a number, unless a test says otherwise
        self._command = [sys.executable, *program]
        self._environ = {"LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        match by:
            case By.JSON:
                self._environ["SPRING_APPLICATION_JSON"] = json.dumps(settings)
            case By.ARGUMENTS:
                self._command += [f"--{name}={value}" for name, value in settings.items()]
            case By.ENVIRONMENT:
                self._environ |= {
                    name.replace(".", "_").replace("-", "").upper(): value
                    for name, value in settings.items()
                }
        self._environ |= environ or {}
        self._child: subprocess.Popen[bytes] | None = None
        self._run_begin_bytes = 0

    def start(self) -> Self:
        """Start it, again if it has ended; the output is appended."""
        if self._child is not None and self._child.poll() is None:
            raise RuntimeError("the processor runs already")
        self._run_begin_bytes = len(self._output_bytes())
        self._child = children.start(
            self._command, self._output, self._environ, cwd=self._output.parent
        )
        return self

    @property
    def child(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError("the processor has not been started")
        return self._child

    @property
    def output(self) -> str:
        """All it has written to stdout and stderr so far."""
        return self._output_bytes().decode(errors="replace")

    @property
    def output_of_this_run(self) -> str:
        """What it has written since it was last started."""
        return self._output_bytes()[self._run_begin_bytes :].decode(errors="replace")

    # ---- over HTTP

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """One request: status and body, parsed where it is JSON. OSError when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self._port), timeout=SECONDS)
        try:
            if body is None:
                connection.request(method, path)
            else:
                connection.request(
                    method, path, json.dumps(body), {"Content-Type": "application/json"}
                )
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if "json" in (
                answer.getheader("Content-Type") or ""
            ) else text
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The body of a GET that is answered with 200."""
        status, body = self.request("GET", path)
        assert status == 200, f"GET {path}: {status} {body}"
        return body

    def answers(self) -> bool:
        """It answers HTTP; AssertionError when it has ended instead."""
        self.assert_alive()
        try:
            return self.request("GET", "/actuator/info")[0] == 200
        except OSError:
            return False

    def first_answer(self, timeout: float = SECONDS) -> Self:
        """Wait until it answers HTTP: from here on a SIGTERM ends in exit code 0."""
        wait_for(self.answers, timeout, f"an answer on port {self._port}")
        return self

    def binding(self, name: str = "input") -> Any:
        """What /actuator/bindings shows of one binding."""
        (found,) = [
            binding for binding in self.get("/actuator/bindings") if binding["bindingName"] == name
        ]
        return found

    def running(self, timeout: float = SECONDS) -> Self:
        """Wait until its input is bound: it has found the topics and joined the group."""
        self.first_answer(timeout)
        wait_for(lambda: self.binding()["state"] == "running", timeout, "the input running")
        return self

    # ---- signals and the end

    def signal(self, number: signal.Signals) -> None:
        self.child.send_signal(number)

    def kill(self) -> None:
        """Kill (SIGKILL) and reap."""
        children.end(self.child)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The process is frozen (SIGSTOP) while the context lasts.

        Signals sent to it meanwhile arrive at its end.
        """
        self.signal(signal.SIGSTOP)
        wait_for(lambda: self._scheduler_state() == "T", SECONDS, "the processor standing still")
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def exit_code(self, timeout: float = SECONDS) -> int:
        """Wait for its end; 128 + the number when a signal killed it, as shells say it."""
        code: int | None = None
        try:
            code = self.child.wait(TIMEOUT_FACTOR * timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"the processor did not end within {TIMEOUT_FACTOR * timeout:g} s:\n{self.tail()}"
            ) from None
        return code if code >= 0 else 128 - code

    def assert_alive(self) -> None:
        assert self.child.poll() is None, (
            f"the processor has ended with code {self.child.returncode}:\n{self.tail()}"
        )

    def tail(self, lines: int = 40) -> str:
        """The end of its output, for messages."""
        return "\n".join(self.output.splitlines()[-lines:])

    def end(self) -> None:
        """Clean up: kill it if it still runs."""
        if self._child is not None:
            children.end(self._child)

    def _output_bytes(self) -> bytes:
        return self._output.read_bytes() if self._output.exists() else b""

    def _scheduler_state(self) -> str:
        return Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()[0]
