"""Real Spring Cloud Stream applications of two generations, all in one Java process: a source,
sinks and processors around ours.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.support import children
from tests.support.brokers.java import need_java
from tests.support.spring import JAVA, find_jars

SOURCE = Path(__file__).parent / "Apps.java"
FUNCTIONS = ("bytes", "text", "relay", "failing")
# What the binder adds to a message: its place and the container's own things, not the sender's.
_OF_THE_READER = re.compile(
    "id|timestamp|deliveryAttempt|sourceData|scst_nativeHeadersPresent|kafka_(consumer|groupId|offset|acknowledgment|timestampType"
    "|receivedTopic|receivedPartitionId|receivedTimestamp)"
)

Shown = tuple[str, str]  # a Java class and the value as a text; of bytes, in base64


class Received(NamedTuple):
    """What a sink's function was given."""

    sink: str
    topic: str
    number: int  # of the source's message
    payload: Shown
    json: Shown | None  # the payload as the application reads it, where contentType is JSON
    headers: dict[str, Shown]  # the sender's
    key: Shown | None


class Apps:
    """The applications, as a context; each function reads its own topics."""

    def __init__(
        self,
        generation: str,
        folder: Path,
        bootstrap: str,
        group: str,
        topics: Mapping[str, Sequence[str]],
    ) -> None:
        """`topics`: those that each function of FUNCTIONS reads, and under "source" and "relayed"
        those that are written.
        """
        need_java()
        self._output, self._folder = folder / f"spring-{generation}.log", folder
        bindings, kafka = "spring.cloud.stream.bindings", "spring.cloud.stream.kafka.bindings"
        self._settings = {
            "spring.main.web-application-type": "none",
            "spring.main.banner-mode": "off",
            "spring.cloud.function.definition": ";".join(FUNCTIONS),
            "spring.cloud.stream.kafka.binder.brokers": bootstrap,
            "spring.cloud.stream.kafka.binder.auto-create-topics": "false",
            f"{bindings}.source.destination": topics["source"][0],
            f"{kafka}.source.producer.message-key-expression": "headers['key']",
            f"{bindings}.relay-out-0.destination": topics["relayed"][0],
            f"{kafka}.relay-out-0.producer.message-key-expression": "headers['kafka_receivedMessageKey']",  # noqa: E501 - one text
            f"{kafka}.failing-in-0.consumer.enable-dlq": "true",
            f"{bindings}.failing-in-0.consumer.max-attempts": "1",
        }
        for name in FUNCTIONS:
            self._settings[f"{bindings}.{name}-in-0.destination"] = ",".join(topics[name])
            self._settings[f"{bindings}.{name}-in-0.group"] = f"{group}-{name}"
        libraries, classes = (
            f"{find_jars('spring', generation)}/*",
            folder / f"classes-{generation}",
        )
        # Spring looks for its classes where a program that Java runs from its source has none.
        subprocess.run(["javac", "-d", str(classes), "-cp", libraries, str(SOURCE)], check=True)
        self._command = [*JAVA, "-cp", f"{libraries}:{classes}", SOURCE.stem]

    def __enter__(self) -> Self:
        environ = {
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "SPRING_APPLICATION_JSON": json.dumps(self._settings),
        }
        self._child = children.start(self._command, self._output, environ, cwd=self._folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        children.end(self._child)

    @property
    def output(self) -> str:
        """All they have written so far."""
        return self._output.read_text()

    def received(self) -> list[Received]:
        """What the sinks were given so far; AssertionError when the applications have ended."""
        assert self._child.poll() is None, self.output[-5000:]
        lines = self.output.split("\n")[:-1]  # the last one may not be whole
        return [
            _received(json.loads(line.removeprefix("MESSAGE ")))
            for line in lines
            if line.startswith("MESSAGE ")
        ]


def _received(line: dict[str, object]) -> Received:
    headers = {name: (kind, text) for name, (kind, text) in line["headers"].items()}  # type: ignore[attr-defined]  # as print() in Java writes it
    return Received(
        str(line["sink"]),
        headers["kafka_receivedTopic"][1],
        int(headers["number"][1]),
        tuple(line["payload"]),  # type: ignore[arg-type]  # a list of two, as print() in Java writes it
        tuple(line["json"]) if line["json"] else None,  # type: ignore[arg-type]  # a list of two, as print() in Java writes it
        {name: value for name, value in headers.items() if not _OF_THE_READER.fullmatch(name)},
        headers.get("kafka_receivedMessageKey"),
    )
