"""`make bench-network`: rate and latency over a network with a round trip, beside the best loops.

Leaves JSON and Markdown.
"""

import argparse
import dataclasses
import itertools
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks import arguments
from benchmarks.measure import latency, throughput
from benchmarks.measure.latency import Latency
from benchmarks.measure.throughput import Throughput
from benchmarks.records import A
from benchmarks.reporting import report
from benchmarks.reporting.results import FOLDER, Head, keep
from benchmarks.rig.broker import Backlog
from benchmarks.rig.checking import WrongOutputError
from benchmarks.rig.network import Network
from benchmarks.rig.systems import (
    BARE_BEST,
    BARE_ONE_REQUEST,
    BUILT,
    C_BEST,
    PROCESSOR,
    SYSTEMS,
    TUNED,
    System,
)

ROUND_TRIPS_MS = (0.0, 1.0, 5.0, 20.0)
PARTITIONS = (12, 100)
KEYED = "keyed"
KEYS = ("null", KEYED)
BROKERS = (1, 3)
RATE = 500  # records per second, for latency
NAMES = (
    C_BEST.name,
    BARE_BEST.name,
    BARE_ONE_REQUEST.name,
    TUNED.name,
    PROCESSOR.name,
    f"{PROCESSOR.name}, exactly once 100 ms",
    "Quix Streams",
    "Kafka Streams, tuned and warm",
)
QUICK_SYSTEMS = (BARE_BEST.name, PROCESSOR.name)


@dataclass
class Case:
    """One network and one kind of topic; by system, one entry for each round."""

    brokers: int
    partitions: int
    keys: str
    round_trip_ms: float
    throughput: dict[str, list[Throughput]] = field(default_factory=dict)
    latency: dict[str, list[Latency]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        brokers = f"{self.brokers} broker{'s' * (self.brokers > 1)}"
        keys = "keys" if self.keys == KEYED else "null keys"
        return f"{brokers}, {self.partitions} partitions, {keys}"


def main() -> int:
    options = parse()
    head = Head.now()
    systems = [
        system for system in SYSTEMS if system.name in options.systems and system.needs.exists()
    ]
    failed: list[str] = []
    cases: list[Case] = []
    for brokers in options.brokers:
        with Network(brokers) as network:
            for partitions, keys in itertools.product(options.partitions, options.keys):
                of_topic = [Case(brokers, partitions, keys, each) for each in options.round_trips]
                cases += of_topic
                count = options.records or A.count
                with network.filled(
                    f"network-{partitions}-{keys}", A, count, partitions, keyed=keys == KEYED
                ) as backlog:
                    failed += measure(network, systems, of_topic, backlog, options)
                _keep(head, cases, options, failed)
    print("\n".join(failed))
    return 1 if failed else 0


def measure(
    network: Network,
    systems: list[System],
    cases: list[Case],
    backlog: Backlog,
    options: argparse.Namespace,
) -> list[str]:
    """Measure all systems in interleaved rounds; return what failed."""
    failed = []
    for number, case in itertools.product(range(options.rounds), cases):
        network.set_round_trip(case.round_trip_ms)
        for system in systems if number % 2 else systems[::-1]:
            rate: Callable[[], Throughput] = partial(
                throughput.run, network, system, backlog, options.seconds
            )
            delay: Callable[[], Latency] = partial(
                latency.run,
                network,
                system,
                RATE,
                options.seconds,
                case.partitions,
                keyed=backlog.keyed,
            )
            what = f"{case.title}, {case.round_trip_ms:g} ms, {system.name}"
            try:
                found, waited = rate(), delay()
            except (AssertionError, OSError, RuntimeError, WrongOutputError) as error:
                failed.append(f"{what}: {error}")
                print(f"failed: {failed[-1]}", file=sys.stderr, flush=True)
            else:
                case.throughput.setdefault(system.name, []).append(found)
                case.latency.setdefault(system.name, []).append(waited)
                print(
                    f"{what}: {found.rate:,.0f} records/s, {found.cpu:.2f} us, "
                    f"p50 {waited.p50:.1f} ms, p99 {waited.p99:.1f} ms",
                    flush=True,
                )
    return failed


def _keep(head: Head, cases: list[Case], options: argparse.Namespace, failed: list[str]) -> None:
    kept = BUILT / "quick-network" if options.quick else FOLDER / f"{head.stem}-network"
    said = (
        f"Each round trip is added by a proxy between the system and the brokers. "
        f"Medians; interleaved rounds: {options.rounds}; latency at {RATE} records/s."
    )
    found = {"cases": [dataclasses.asdict(case) for case in cases], "failed": failed}
    keep(kept, head, found, said, [*markdown(cases), *(f"- {line}" for line in failed)])


def markdown(cases: list[Case]) -> list[str]:
    """A table for each kind of topic; ratios are to the bare loop at its best, within rounds."""
    lines = []
    for title, of_topic in itertools.groupby(cases, key=lambda case: case.title):
        rows = [row for case in of_topic for row in _rows(case)]
        columns = ["round trip, ms", "system", "records/s", "x bare loop", "CPU us/record"]
        columns += ["p50 ms", "x bare loop", "p99 ms", "longest ms"]
        lines += [f"## {title}", "", *report.table(columns, rows), ""]
    return lines


def _rows(case: Case) -> Iterator[list[str]]:
    bare_rates = [run.rate for run in case.throughput.get(BARE_BEST.name, [])]
    bare_p50s = [run.p50 for run in case.latency.get(BARE_BEST.name, [])]
    for name, runs in case.throughput.items():
        waits = case.latency.get(name, [])
        yield [
            f"{case.round_trip_ms:g}",
            name,
            _median([run.rate for run in runs], ",.0f"),
            _ratio([run.rate for run in runs], bare_rates),
            _median([run.cpu for run in runs], ".2f"),
            _behind(waits) or _median([run.p50 for run in waits], ".1f"),
            _ratio([run.p50 for run in waits], bare_p50s),
            _median([run.p99 for run in waits], ".1f"),
            _median([run.most for run in waits], ".1f"),
        ]


def _behind(waits: list[Latency]) -> str:
    """Say how much has arrived where that is not all: the latency is that of the queue then."""
    arrived = statistics.median([run.arrived for run in waits] or [1])
    return f"falls behind ({arrived:.0%} arrived)" if arrived < report.BEHIND else ""


def _ratio(own: list[float], others: list[float]) -> str:
    return _median([one / other for one, other in zip(own, others, strict=False)], ".2f")


def _median(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}}" if values else ""


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of `make bench-network`: of these words, or of the command line."""
    parser = arguments.parser("bench-network", __doc__, rounds=3)
    parser.add_argument("--round-trips", nargs="*", type=float, default=ROUND_TRIPS_MS, help="ms")
    parser.add_argument("--partitions", nargs="*", type=int, default=PARTITIONS)
    parser.add_argument("--keys", nargs="*", default=KEYS, choices=KEYS)
    parser.add_argument("--brokers", nargs="*", type=int, default=BROKERS)
    parser.add_argument("--systems", nargs="*", default=NAMES, help="their whole names")
    options = arguments.parsed(parser, words)
    if options.quick:
        quick = {"round_trips": [5.0], "partitions": [12], "keys": ["null"], "brokers": [1]}
        vars(options).update(quick, systems=QUICK_SYSTEMS)
    return options


if __name__ == "__main__":
    sys.exit(main())
