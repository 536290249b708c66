"""A Java transform processor (Spring Cloud Stream) and this one, members of one group.

Nothing is lost while they come and go.
"""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import children
from tests.support.faults.inject import inject_when_in_flight
from tests.support.processor import deployment
from tests.support.stream import QUICK_GROUP, Stream

PARTITIONS = 6
RATE = 600  # a second: what the Java member can do when each of its records waits to be confirmed
OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
JAVA = {
    "spel.function.expression": "new StringBuilder(payload).reverse().toString()",
    # Java drops the key otherwise.
    f"{OUTPUT}.messageKeyExpression": "headers['kafka_receivedMessageKey']",
    # Java commits what it has not delivered otherwise: its own loss, not the group's.
    f"{OUTPUT}.sync": "true",
}


class JavaProcessor:
    """The stock transform processor, as Data Flow's local deployer starts it."""

    def __init__(self, command: list[str], stream: Stream, output: Path) -> None:
        self._command = command
        self._output = output
        port = children.free_port()
        settings = (
            deployment(stream.kafka.bootstrap, stream.source, stream.target, stream.group, port)
            | QUICK_GROUP
            | JAVA
        )
        self._environ = {
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "SPRING_APPLICATION_JSON": json.dumps(settings),
        }
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = children.start(
            self._command, self._output, self._environ, cwd=self._output.parent
        )

    def terminate(self) -> None:
        """SIGTERM, and wait for its end."""
        assert self._child
        self._child.terminate()
        self._child.wait(60)

    def end(self) -> None:
        if self._child:
            children.end(self._child)


@pytest.fixture
def java(transform_processor: list[str], stream: Stream, tmp_path: Path) -> Iterator[JavaProcessor]:
    made = JavaProcessor(transform_processor, stream, tmp_path / "java.log")
    yield made
    made.end()


def test_mixed_members_join_and_leave(
    stream: Stream, java: JavaProcessor, report_figure: Callable[[str], None]
) -> None:
    stream.create(PARTITIONS)
    numbers = stream.numbers(RATE)
    first = stream.processor().start().first_answer()
    stream.members(1)
    java.start()
    stream.members(2, timeout=90)
    numbers.advance(2 * RATE)
    second = stream.processor().start()
    stream.members(3, timeout=60)
    numbers.advance(2 * RATE)
    killed = inject_when_in_flight(stream, first, first.kill)
    stream.members(2, timeout=60)
    numbers.advance(RATE)
    java.terminate()
    stream.members(1, timeout=60)
    numbers.advance(RATE)
    java.start()
    first.start()
    stream.members(3, timeout=90)
    numbers.advance(2 * RATE)
    java.end()  # kill -9
    stream.members(2, timeout=60)
    java.start()
    stream.members(3, timeout=90)
    second.signal(signal.SIGTERM)
    assert second.exit_code() == 0
    stream.members(2, timeout=60)
    numbers.advance(RATE)
    sent = numbers.finish()
    stream.drain()

    delivery_count = stream.count(sent)
    by = Counter(
        "Java" if "target-protocol" in dict(record.headers) else "Python"
        for record in stream.arrived()
    )
    report_figure(
        f"{delivery_count}; processed by {dict(by)}; 2 x kill -9 ({killed} in flight at the "
        f"first), 2 x SIGTERM, 6 joins"
    )
    assert delivery_count.nothing_lost, delivery_count
    assert min(by["Java"], by["Python"]) > RATE
