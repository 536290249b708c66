"""`python -m local`, which `make run` starts: the whole stream as a newcomer runs it."""

import http.client
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import children
from tests.support.brokers.kafka import Kafka
from tests.support.processor import REPOSITORY
from tests.support.waiting import wait_for

SECONDS = 30  # for anything that is a matter of a second or two on an idle machine


class Run:
    """One run of `python -m local`, its http source on a free port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._output = folder / "local.txt"
        self.port = children.free_port()
        command = [sys.executable, "-m", "local", f"--port={self.port}", *arguments]
        self.child = children.start(command, self._output, dict(os.environ), cwd=REPOSITORY)

    @property
    def output(self) -> str:
        return self._output.read_text()

    def has(self, pattern: str) -> re.Match[str]:
        """Wait until a whole line of the output matches.

        AssertionError when the program has ended without one.
        """

        def look() -> re.Match[str] | None:
            ended = self.child.poll() is not None
            found = re.search(rf"^{pattern}$", self.output, re.MULTILINE)
            assert found or not ended, f"no {pattern!r} in:\n{self.output}"
            return found

        return wait_for(look, SECONDS, f"{pattern!r} in {self._output}")

    def post(self, text: str) -> None:
        self.post_bytes(text.encode())

    def post_bytes(self, value: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("POST", "/", value, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (202, b"")
        connection.close()

    def processor(self) -> int:
        return int(self.has(r"  python-processor .*\(pid (\d+)\)")[1])

    def exit_code(self) -> int:
        return self.child.wait(SECONDS)

    def processes(self) -> set[int]:
        """All processes it has started and not yet reaped, and theirs."""
        found: set[int] = set()
        left = [self.child.pid]
        while left:
            of = left.pop()
            for thread in Path(f"/proc/{of}/task").iterdir():
                left += map(int, (thread / "children").read_text().split())
            found.add(of)
        return found - {self.child.pid}

    def end(self) -> None:
        """Clean up after a failure.

        What it has started is in sessions of its own and would live on.
        """
        if self.child.poll() is None:
            started = self.processes()
            children.end(self.child)
            for pid in filter(alive, started):
                os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def begin(*arguments: str) -> Run:
        folder = tmp_path / str(len(runs))
        folder.mkdir()
        runs.append(Run(folder, *arguments))
        return runs[-1]

    yield begin
    for run in runs:
        run.end()


def assert_all_gone(pids: set[int]) -> None:
    wait_for(lambda: not any(map(alive, pids)), SECONDS, f"the end of {pids}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_posted_text_is_printed_reversed(start: Start, number: signal.Signals) -> None:
    run = start()
    run.has("ready after .*")
    run.has(r"  curl .*'hello world' http://localhost:\d+")
    for given, shown in [
        ("hello world", "dlrow olleh"),
        ("한국어", "어국한"),
        ("a👨‍👩‍👧‍👦b", "b👨‍👩‍👧‍👦a"),
        ("cafe\u0301", "e\u0301fac"),
    ]:
        run.post(given)
        run.has(f".* log-sink : {shown}")
    started = run.processes()
    assert len(started) == 2  # the broker and the processor

    run.child.send_signal(number)

    assert run.exit_code() == 0, run.output
    run.has("python-processor ended with exit code 0")
    assert_all_gone(started)


def test_processor_gets_properties(start: Start) -> None:
    run = start("--reversestring=false")
    run.has("  http .*")
    run.post("hello world")  # before the processor is ready: it waits in the topic
    run.has(".* log-sink : hello world")


def test_dead_letter_is_printed(start: Start) -> None:
    run = start()
    run.has("ready after .*")
    run.post_bytes(b"\xff\xfe")
    run.post("hello world")
    run.has(
        r".* dead-letter : error\.text-reversal\.http\.text-reversal: the record "
        r"text-reversal\.http-0@0: .*UndecodableText.*"
    )
    run.has(".* log-sink : dlrow olleh")


FUNCTION = """
from python_processor import Properties, option


class Options(Properties):
    mark: str = option("?", "What is put behind the text.")


def mark(text: str, options: Options) -> str:
    return MADE
"""


def test_changed_file_restarts_processor(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    file = folder / "marks.py"
    file.write_text(FUNCTION.replace("MADE", "text + options.mark"))
    run = start("--function=marks:mark", f"--python-processor.function-path={folder}", "--mark=!")
    run.has("ready after .*")
    run.post("one")
    run.has(".* log-sink : one!")
    run.post("two")
    file.write_text(FUNCTION.replace("MADE", "text.upper() + options.mark"))
    run.has(r"marks\.py changed: python-processor started again \(pid \d+\)")
    run.post("three")
    run.has(".* log-sink : THREE!")
    assert len(re.findall("log-sink : two!|log-sink : TWO!", run.output)) == 1, run.output

    file.write_text(FUNCTION.replace("MADE", "text +"))
    run.has(
        rf"python-processor: function: 'marks:mark' .* cannot be used: {file}:10: SyntaxError: .*"
    )
    run.has("python-processor ended with exit code 1; it starts again when a file changes")
    run.post("four")
    file.write_text(FUNCTION.replace("MADE", "options.mark + text"))
    run.has(".* log-sink : !four")
    run.child.send_signal(signal.SIGINT)
    assert run.exit_code() == 0, run.output


def test_processor_death_ends_run(start: Start) -> None:
    run = start()
    run.has("ready after .*")
    started = run.processes()

    os.kill(run.processor(), signal.SIGKILL)

    assert run.exit_code() == 128 + signal.SIGKILL
    run.has(f"python-processor ended with exit code {128 + signal.SIGKILL}")
    assert_all_gone(started)


def test_external_broker_is_used(start: Start, kafka: Kafka, name: str) -> None:
    bindings = "--spring.cloud.stream.bindings"
    run = start(
        f"--kafka={kafka.bootstrap}",
        f"{bindings}.input.destination={name}.http",
        f"{bindings}.output.destination={name}.python-processor",
    )
    run.has("ready after .*")  # the processor has created the topics
    run.post("hello world")
    run.has(".* log-sink : dlrow olleh")
    assert len(run.processes()) == 1  # no broker

    run.child.send_signal(signal.SIGTERM)

    assert run.exit_code() == 0, run.output


def test_taken_port_is_one_line(start: Start) -> None:
    run = start()
    run.has("ready after .*")
    second = start(f"--port={run.port}")
    assert second.exit_code() == 1
    (line,) = second.output.splitlines()
    assert line.startswith(f"python -m local: cannot listen on port {run.port}: ")
