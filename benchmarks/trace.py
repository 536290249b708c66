"""One record from read to confirmed commit: calls, files, moves between files. No times.

    python -m benchmarks.trace [--list]

An embedded broker is used, at least once. The record is the second one: the first fills caches and
makes connections. The trace begins with the turn that reads the record, and ends with the callback
of its commit. Statistics are off.
"""

import argparse
import itertools
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from bytewax.run import cli_main
from confluent_kafka import Producer

import dataflow
import text
from connectors import source
from connectors.task.stream_task import StreamTask
from local.broker import embedded
from local.deployment import STREAM, binder, properties

ROOT = str(Path(__file__).parents[1]) + os.sep
VALUE = b"hello world"
TURN = source._Partition.next_batch.__code__  # noqa: SLF001 - where Bytewax enters a turn
FUNCTION = text.reverse.__code__
CONFIRMED = StreamTask._on_commit.__code__  # noqa: SLF001 - where the client confirms a commit


class Call(NamedTuple):
    """A call of one of our functions; `file` is relative to the repository."""

    file: str
    function: str


class Trace:
    """A profile function of the main thread that keeps the calls of the one record."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self.calls: list[Call] = []
        self._producer, self._topic = producer, topic
        self._warm = self._processed = self._due = False

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOT):
            if code is TURN and not self._processed:
                self.calls.clear()  # the turn before had no record
                if self._due:
                    self._producer.produce(self._topic, VALUE)
                    self._due = False
            self._processed |= code is FUNCTION
            self.calls.append(Call(code.co_filename.removeprefix(ROOT), code.co_qualname))
        elif event == "return" and code is CONFIRMED and self._processed:
            if not self._warm:
                self._warm, self._processed, self._due = True, False, True
                return
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGTERM)

    def summary(self) -> str:
        """Return the figures: of all turns, and of each."""
        turns = [0]
        for call in self.calls:
            turns += [0] * (
                call.function == TURN.co_qualname
                and call.file.endswith("source.py")
                and turns[-1] > 0
            )
            turns[-1] += 1
        files = [call.file for call in self.calls]
        moves = sum(before != after for before, after in itertools.pairwise(files))
        functions = len(set(self.calls))
        return (
            f"{len(files)} calls, {functions} functions, {len(set(files))} files, {moves} "
            f"moves between files; by turn {turns}"
        )


def main() -> None:
    """Trace one record and print the figures; with --list every call before them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print every call")
    options = parser.parse_args()
    topic = f"{STREAM}.http"
    with embedded([topic, f"{STREAM}.python-processor"]) as address:
        producer = Producer({"bootstrap.servers": address})
        producer.produce(topic, VALUE)
        producer.flush(10)
        trace = Trace(producer, topic)
        settings = properties(0) | binder(address, embedded=True)
        flow = dataflow.flow(*(f"--{name}={value}" for name, value in settings.items()))
        sys.argv[1:] = []
        sys.setprofile(trace)
        cli_main(flow)  # type: ignore[no-untyped-call]  # Bytewax's is untyped
    if options.list:
        for call in trace.calls:
            print(f"{call.file:40} {call.function}")
    print(trace.summary())


if __name__ == "__main__":
    main()
