"""One record from read to confirmed commit: calls, files, moves between files. No times.

    python -m benchmarks.trace [--list]

An embedded broker is used, at least once. The record is the second one: the first fills caches and
makes connections. Statistics are off. The record's own calls are those of

- the turn that reads it, with the steps and the sink;
- the turns after that, up to the one that sends its commit;
- the callback that confirms the commit, in the poll of a later turn.

Counted apart, since they come with or without a record: turns that wait for the confirmation, what
the task does ten times a second (PERIODIC), and lines of librdkafka's log.
"""

import argparse
import itertools
import os
import signal
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from bytewax.run import cli_main
from confluent_kafka import Producer

import dataflow
import text
from connectors import kafka
from connectors.cluster.topic_ids import TopicIdLogger
from connectors.commit.at_least_once import AtLeastOnceCommitter
from connectors.produce.record_producer import RecordProducer
from connectors.task.status import StatusReporter
from connectors.task.stream_task import StreamTask
from local.broker import embedded
from local.deployment import STREAM, binder, properties

ROOT = str(Path(__file__).parents[1]) + os.sep
VALUE = b"hello world"
TURN = kafka._SourcePartition.next_batch.__code__  # noqa: SLF001 - where Bytewax enters a turn
FUNCTION = text.reverse.__code__
COMMIT = AtLeastOnceCommitter.commit.__code__
CONFIRMED = AtLeastOnceCommitter.on_commit.__code__  # where the client confirms a commit
LOG_LINE = TopicIdLogger.log.__code__
PERIODIC = {  # what is due ten times a second
    StreamTask._attend.__code__,  # noqa: SLF001
    RecordProducer._raise_for_stall.__code__,  # noqa: SLF001
    StatusReporter.publish.__code__,
}
CALLBACK = "_Callbacks.mark.<locals>.marked"  # around each callback of a client


class Call(NamedTuple):
    """A call of one of our functions; `file` is relative to the repository."""

    file: str
    function: str


class Trace:
    """A profile function of the main thread that keeps the calls of the one record."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer, self._topic = producer, topic
        self._warm = self._due = False
        self._stack: list[CodeType] = []  # of our functions that run
        self._start()

    def _start(self) -> None:
        self.turns: list[list[Call]] = [[]]
        self.periodic: list[Call] = []
        self.log_lines: list[Call] = []
        self.waiting: list[Call] = []
        self._callback: list[Call] = []  # whose, is known when it has run
        self._called = set[CodeType]()  # in this turn
        self._processed = self._sent = self._confirmed = False

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        name = code.co_filename.removeprefix(ROOT)
        if name == code.co_filename or name.startswith(".venv"):
            return
        if event == "call":
            self._enter(code, Call(name, code.co_qualname))
        elif event == "return" and self._stack:
            self._stack.pop()
            self._leave(code)

    def _enter(self, code: CodeType, call: Call) -> None:
        if code is TURN:
            self._begin_turn()
        self._stack.append(code)
        self._processed |= code is FUNCTION
        self._confirmed |= code is CONFIRMED and self._processed
        if any(each in PERIODIC for each in self._stack):
            self.periodic.append(call)
        elif any(each.co_qualname == CALLBACK for each in self._stack):
            self._callback.append(call)
        else:
            (self.waiting if self._sent else self.turns[-1]).append(call)

    def _begin_turn(self) -> None:
        if self._processed:
            self._sent = self._sent or COMMIT in self._called
            self.turns.append([])
        else:  # the turn before had no record
            self._start()
        self._called = set[CodeType]()
        if self._due:
            self._producer.produce(self._topic, VALUE)
            self._due = False

    def _leave(self, code: CodeType) -> None:
        self._called.add(code)
        if code.co_qualname != CALLBACK:
            return
        if not self._confirmed:
            self.log_lines += self._callback
            self._callback = []
        elif self._warm:
            sys.setprofile(None)
            self.turns = [each for each in self.turns if each] + [self._callback]
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            self._warm = self._due = True
            self._start()

    def summary(self) -> str:
        """Return the figures: of all turns, of each, and of what is counted apart."""
        calls = [call for turn in self.turns for call in turn]
        files = [call.file for call in calls]
        moves = sum(before != after for before, after in itertools.pairwise(files))
        *turns, callback = map(len, self.turns)
        return (
            f"{len(calls)} calls, {len(set(calls))} functions, {len(set(files))} files, {moves} "
            f"moves between files; turns {turns}, callback {callback}; counted apart: "
            f"{len(self.waiting)} calls of turns that wait, {len(self.periodic)} every 0.1 s, "
            f"{len(self.log_lines)} for librdkafka's log"
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
        for number, turn in enumerate(trace.turns):
            for call in turn:
                print(f"{number} {call.file:40} {call.function}")
    print(trace.summary())


if __name__ == "__main__":
    main()
