"""`make bench-scaling`: the cost of a record, a header, a partition and a process.

Each is varied alone; leaves JSON and Markdown.
"""

import argparse
import dataclasses
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks import arguments
from benchmarks.measure import footprint, throughput
from benchmarks.records import A, B, Shape
from benchmarks.reporting import report
from benchmarks.reporting.results import FOLDER, Head, keep
from benchmarks.rig.broker import Broker
from benchmarks.rig.systems import BUILT, PROCESSOR, System

HEADERS = (0, 1, 3, 9, 18, 36)
SIZES = (40, 100, 1000, 10_000)  # bytes
BATCHES = (10, 100, 300, 1000, 3000, 10_000)
PARTITIONS = (1, 4, 16, 64, 256, 1000)
PROCESSES = (1, 2, 3)
MOST_BYTES = 500_000_000  # of values in a preloaded topic


@dataclass(frozen=True)
class Point:
    """One setting of what is varied, and what was found, a column each."""

    at: str
    found: dict[str, float]


def main() -> int:
    options = _options()
    head = Head.now()
    found: dict[str, list[Point]] = {}
    with Broker() as broker:
        for title, measure in (
            ("headers", headers),
            ("size", sizes),
            ("batch", batches),
            ("partitions", partitions),
            ("processes", processes),
        ):
            if title in options.only:
                found[title] = []
                for point in measure(broker, options):
                    found[title].append(point)
                    print(f"{title} {point.at}: {point.found}", flush=True)
    kept = BUILT / "quick-scaling" if options.quick else FOLDER / f"{head.stem}-scaling"
    points = {title: [dataclasses.asdict(point) for point in each] for title, each in found.items()}
    keep(kept, head, points, f"Medians; rounds: {options.rounds}.", markdown(found))
    return 0


def markdown(found: dict[str, list[Point]]) -> list[str]:
    lines = []
    for title, points in found.items():
        columns = list(points[0].found)
        rows = [
            [point.at, *(report.figure(value) for value in point.found.values())]
            for point in points
        ]
        lines += [f"## {title}", "", *report.table([title, *columns], rows), ""]
    return lines


def headers(broker: Broker, options: argparse.Namespace) -> Iterator[Point]:
    """Return headers of 9 bytes of name and 24 of value, about those of the http source."""
    for count in HEADERS:
        named = [(f"x-{number:07d}", b"v" * 24) for number in range(count)]
        yield _copied(broker, options, dataclasses.replace(A, headers=named), f"{count}")


def sizes(broker: Broker, options: argparse.Namespace) -> Iterator[Point]:
    for size in SIZES:
        shape = dataclasses.replace(A, digits=20, after="x" * (size - 20))
        yield _copied(broker, options, shape, f"{size:,} bytes")


def batches(broker: Broker, options: argparse.Namespace) -> Iterator[Point]:
    for shape in (A, B):
        for size in BATCHES:
            system = dataclasses.replace(
                PROCESSOR, properties={"python-processor.batch-size": str(size)}
            )
            yield _copied(broker, options, shape, f"{shape.name}, {size:,}", system)


def partitions(broker: Broker, options: argparse.Namespace) -> Iterator[Point]:
    """Copying, and waiting, with so many partitions in the input and in the output."""
    for count in PARTITIONS:
        with broker.filled(f"partitions-{count}", A, _count(options, A), count) as backlog:
            runs = [
                throughput.run(broker, PROCESSOR, backlog, options.seconds)
                for _ in range(options.rounds)
            ]
        idle = [
            footprint.run(broker, [PROCESSOR], options.seconds, options.seconds, count)
            for _ in range(options.rounds)
        ]
        waiting = [each[PROCESSOR.name] for each in idle]
        found = {
            "records/s": _median(run.rate for run in runs),
            "CPU us/record": _median(run.cpu for run in runs),
            "peak MiB": _median(run.memory for run in runs),
            "exec to first record out, s": _median(each.start for each in waiting),
            "idle CPU, % of a core": _median(each.idle_cpu for each in waiting),
            "idle MiB": _median(each.idle_memory for each in waiting),
            "SIGTERM to exit, s": _median(each.stop for each in waiting),
        }
        yield Point(f"{count:,}", found)


def processes(broker: Broker, options: argparse.Namespace) -> Iterator[Point]:
    """So many processes in one group, the broker on the same processors."""
    for count in PROCESSES:
        with broker.filled(f"processes-{count}", A, _count(options, A) * count, 12) as backlog:
            runs = [
                throughput.run(broker, PROCESSOR, backlog, options.seconds, members=count)
                for _ in range(options.rounds)
            ]
        yield Point(f"{count}", _columns(runs))


def _copied(
    broker: Broker, options: argparse.Namespace, shape: Shape, at: str, system: System = PROCESSOR
) -> Point:
    count = min(_count(options, shape), MOST_BYTES // len(shape.value(0)))
    with broker.filled(f"scaling-{time.monotonic_ns()}", shape, count) as backlog:
        runs = [
            throughput.run(broker, system, backlog, options.seconds) for _ in range(options.rounds)
        ]
    return Point(at, _columns(runs))


def _columns(runs: list[throughput.Throughput]) -> dict[str, float]:
    return {
        "records/s": _median(run.rate for run in runs),
        "CPU us/record": _median(run.cpu for run in runs),
        "broker us/record": _median(run.broker_cpu for run in runs),
        "peak MiB": _median(run.memory for run in runs),
    }


def _count(options: argparse.Namespace, shape: Shape) -> int:
    return options.records or shape.count


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _options() -> argparse.Namespace:
    parts = ["headers", "size", "batch", "partitions", "processes"]
    parser = arguments.parser("bench-scaling", __doc__, rounds=3)
    parser.add_argument("--only", nargs="*", default=parts, choices=parts, help="only these")
    return arguments.parsed(parser)


if __name__ == "__main__":
    sys.exit(main())
