"""`make bench-instructions`: what a record costs in instructions, counted by callgrind; no broker.

A busy machine does not change the figures. Counted are the processor from the messages to the
producer, and the bare loops, on the same messages: only the thread that runs Python. Not counted
are the calls that make messages.
"""

import argparse
import ctypes
import gc
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from confluent_kafka import Message, Producer

import config
from benchmarks.hotpath import NOWHERE, RECORDS, make_message
from benchmarks.records import SHAPES, Shape
from benchmarks.reporting import report
from benchmarks.rig.job import reversed_value, sent_on
from benchmarks.rig.systems import BUILT
from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.functions.calls import StepTimer
from connectors.named_functions.signatures import bind
from connectors.named_functions.steps import work_for
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey, topic_partition
from text import reverse

BATCHES = 3
SOURCE = Path(__file__).parent / "rig/counted.c"
LIBRARY = BUILT / "counted.so"
CALLGRIND = [
    "valgrind",
    "--tool=callgrind",
    "--instr-atstart=no",
    "--separate-threads=yes",  # librdkafka's threads have work that depends on the time
]
Work = Callable[[list[Message]], object]


def main() -> int:
    options = parse()
    if options.inside:
        count_inside(options.shapes)
        return 0
    BUILT.mkdir(exist_ok=True)
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", LIBRARY, SOURCE], check=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = options.keep or Path(folder)
        shapes = [shape.name for shape in SHAPES if shape.name in options.shapes]
        command = [*CALLGRIND, f"--callgrind-out-file={kept / 'out'}", sys.executable, "-m"]
        command += ["benchmarks.instructions", "--inside", "--shapes", *shapes]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        counts = [
            counted(kept / f"out.{number + 1}-01") for number in range(len(done.stdout.split()))
        ]
    rows: dict[str, list[str]] = {}
    for label, count in zip(done.stdout.split(), counts, strict=True):
        name = label.partition(":")[2]
        rows.setdefault(name, [name]).append(f"{count / BATCHES / RECORDS:,.0f}")
    print("\n".join(report.table(["instructions per record", *shapes], rows.values())))
    return 0


def count_inside(shapes: Sequence[str]) -> None:
    """Run each part once uncounted and once counted. Prints a line for each count."""
    logging.getLogger("librdkafka").disabled = True  # it finds no broker
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a file
    for shape in (shape for shape in SHAPES if shape.name in shapes):
        producers, parts = make_parts()
        for name, work in parts.items():
            _run(work, shape, producers, 1, counts=False)
            _run(work, shape, producers, BATCHES, counts=True)
            print(f"{shape.name}:{name}")


def _run(work: Work, shape: Shape, producers: list[Producer], count: int, *, counts: bool) -> None:
    batches = [
        [make_message(shape, number * RECORDS + place) for place in range(RECORDS)]
        for number in range(count)
    ]
    gc.collect()
    gc.disable()

    def all_batches() -> None:
        for messages in batches:
            work(messages)

    call_counted(all_batches) if counts else all_batches()
    gc.enable()
    for producer in producers:
        producer.purge()
        producer.poll(0)


def call_counted(work: Callable[[], object]) -> None:
    """Have callgrind count during a call, and write a file."""
    errors: list[BaseException] = []

    def callback() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below, outside of C
            errors.append(error)

    ctypes.CDLL(str(LIBRARY)).call_counted(ctypes.CFUNCTYPE(None)(callback))
    if errors:
        raise errors[0]


def counted(path: Path) -> int:
    """Return the number of instructions in a file of callgrind: of the first thread."""
    return int(re.findall(r"^totals: (\d+)", path.read_text(), re.MULTILINE)[0])


def make_parts() -> tuple[list[Producer], dict[str, Work]]:
    """Return the producers, the bare loops' first, and what is counted."""
    room = {"queue.buffering.max.messages": 2 * BATCHES * RECORDS}
    producer = Producer(NOWHERE | room)
    output = RecordProducer(
        Settings(binder_brokers=("127.0.0.1:1",), output_destination="output"), BrokerStatus([])
    )
    timer = StepTimer()
    settings = config.load(["--reversestring=true"], {})
    ((name, function),) = settings.functions
    named = work_for(name, bind(name, function, settings.options))

    def read(messages: list[Message]) -> dict[TopicPartitionKey, int]:
        """As RecordConsumer.poll() and next_offsets()."""
        any(map(Message.error, messages))
        last = dict(zip(map(Message.partition, messages), messages, strict=True))
        return {topic_partition(each): int(each.offset() or 0) + 1 for each in last.values()}

    def steps(messages: list[Message]) -> RecordBatch:
        return RecordBatch(messages, {}, _refuse, timer).map("map", reverse, wants_charset=True)

    def process(messages: list[Message]) -> None:
        batch = RecordBatch(messages, read(messages), _refuse, timer)
        output.produce_batch(batch.map("map", reverse, wants_charset=True), _refuse, _refuse)

    def process_named(messages: list[Message]) -> None:
        batch = RecordBatch(messages, read(messages), _refuse, timer)
        output.produce_batch(named(batch), _refuse, _refuse)

    return [producer, output.producer], {
        "processor": process_named,
        "processor-by-step": process,
        "read": read,
        "read-and-map": lambda messages: (read(messages), steps(messages)),
        "bare-loop-tuned": lambda messages: _bare_tuned(producer, messages),
        "bare-loop-own-best": lambda messages: _bare_best(producer, messages),
    }


def _bare_tuned(producer: Producer, messages: list[Message]) -> None:
    """As benchmarks/peers/bare_tuned.py."""
    for message in messages:
        headers = message.headers()
        value = reversed_value(message.value(), headers)  # type: ignore[arg-type]  # a list, as it was made
        if headers:
            producer.produce("output", value, message.key(), -1, None, None, 0, sent_on(headers))  # type: ignore[arg-type]
        else:
            producer.produce("output", value, message.key())


def _bare_best(producer: Producer, messages: list[Message]) -> None:
    """As benchmarks/peers/bare_best.py."""
    produce = producer.produce
    for message in messages:
        value = message.value().decode()[::-1].encode()  # type: ignore[union-attr]  # none is null
        headers = message.headers()
        if headers:
            produce("output", value, message.key(), -1, None, None, 0, headers)
        else:
            produce("output", value, message.key())


def _refuse(*arguments: object) -> None:
    """No function raises here, no queue is full, no record is refused."""
    raise RuntimeError(arguments)


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of `make bench-instructions`: of these words, or of the command line."""
    parser = argparse.ArgumentParser(prog="make bench-instructions ARGS=", description=__doc__)
    names = [shape.name for shape in SHAPES]
    parser.add_argument("--shapes", nargs="*", default=["A", "B"], choices=names)
    parser.add_argument("--keep", type=Path, help="folder for the files of callgrind")
    parser.add_argument("--inside", action="store_true", help="used by the command itself")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
