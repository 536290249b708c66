"""`make bench`: all systems side by side on one Kafka, in interleaved rounds.

Leaves JSON, Markdown and SVG in benchmarks/results.
"""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks import arguments
from benchmarks.measure import footprint, latency, throughput
from benchmarks.records import SHAPES
from benchmarks.reporting import report
from benchmarks.reporting.picture import svg
from benchmarks.reporting.results import FLOOR, FOLDER, Results
from benchmarks.rig.broker import Broker
from benchmarks.rig.checking import WrongOutputError
from benchmarks.rig.systems import BUILT, EXACTLY_ONCE, SYSTEMS, TUNED, System

RATES = (500, 20_000)  # records per second, for latency
PARTS = ("throughput", "latency", "footprint")
# Runs before the first round: the broker compiles its code, also that of transactions. Without them
# exactly once took twice the broker's time in the first rounds.
WARM_UP = (TUNED, EXACTLY_ONCE, EXACTLY_ONCE, EXACTLY_ONCE)
T = TypeVar("T")


def main() -> int:
    options = parse()
    results = Results.begin(options.rounds)
    systems = _present(options, results)
    kept = BUILT / "quick" if options.quick else FOLDER / results.date[:16].replace(":", "")
    with Broker() as broker:
        for part, measure in (
            ("throughput", measure_throughput),
            ("latency", measure_latency),
            ("footprint", measure_footprint),
        ):
            if part in options.parts:
                measure(broker, systems, options, results)
                _write(results, kept)  # an end before the last part leaves the others
    print(f"\n{kept.with_suffix('.md').read_text()}\nkept: {kept}.json, .md, .svg")
    print("\n".join(results.failed))
    return 1 if results.failed else 0


def measure_throughput(
    broker: Broker, systems: list[System], options: argparse.Namespace, results: Results
) -> None:
    for shape in SHAPES:
        if shape.name not in options.shapes:
            continue
        by_system = results.throughput[shape.name] = {
            system.name: list[throughput.Throughput]() for system in systems
        }
        with broker.filled(
            f"preloaded-{shape.name}", shape, options.records or shape.count
        ) as backlog:
            for system in WARM_UP:
                throughput.run(broker, system, backlog, options.seconds)
            for number in range(options.rounds):
                for system in systems if number % 2 else systems[::-1]:
                    figures = _tried(
                        f"{shape.name}, {system.name}",
                        results,
                        partial(throughput.run, broker, system, backlog, options.seconds),
                    )
                    if figures:
                        by_system[system.name].append(figures)
                        print(
                            f"{shape.name} {number + 1}: {system.name}: {figures.rate:,.0f} "
                            f"records/s, {figures.cpu:.2f} us",
                            flush=True,
                        )


def measure_latency(
    broker: Broker, systems: list[System], options: argparse.Namespace, results: Results
) -> None:
    for rate in RATES:
        by_system = results.latency[str(rate)] = {}
        for system in (None, *systems):
            name = system.name if system else FLOOR
            figures = _tried(
                f"latency at {rate}, {name}",
                results,
                partial(latency.run, broker, system, rate, options.seconds),
            )
            if figures:
                by_system[name] = [figures]
                print(
                    f"latency at {rate}: {name}: p50 {figures.p50:.1f} ms, p99 {figures.p99:.1f} ms",  # noqa: E501 - one text
                    flush=True,
                )


def measure_footprint(
    broker: Broker, systems: list[System], options: argparse.Namespace, results: Results
) -> None:
    results.footprint = {system.name: [] for system in systems}
    for number in range(options.rounds):
        order = systems if number % 2 else systems[::-1]
        found = _tried(
            "start, idle, stop",
            results,
            partial(footprint.run, broker, order, options.seconds, 2 * options.seconds),
        )
        for name, figures in (found or {}).items():
            results.footprint[name].append(figures)
        print(f"start, idle, stop: round {number + 1}", flush=True)


def _tried(what: str, results: Results, run: Callable[[], T]) -> T | None:
    """One system that fails does not end the others' measurement."""
    try:
        return run()
    except (AssertionError, OSError, RuntimeError, WrongOutputError) as error:
        results.failed.append(f"{what}: {error}")
        print(f"failed: {what}: {error}", file=sys.stderr, flush=True)
        return None


def _present(options: argparse.Namespace, results: Results) -> list[System]:
    wanted = [
        system
        for system in SYSTEMS
        if not options.systems or any(name in system.name for name in options.systems)
    ]
    if options.quick:
        wanted = [dataclasses.replace(system, warm=min(system.warm, 1)) for system in wanted]
    for system in wanted:
        if not system.needs.exists():
            results.skipped.append(
                f"{system.name}: there is no {system.needs.relative_to(BUILT.parent)}; see the "
                f"README of benchmarks/"
            )
            print(f"skipped: {results.skipped[-1]}", flush=True)
    return [system for system in wanted if system.needs.exists()]


def _write(results: Results, kept: Path) -> None:
    results.write(kept.with_suffix(".json"))
    kept.with_suffix(".svg").write_text(svg(results))
    kept.with_suffix(".md").write_text(report.markdown(results, kept.with_suffix(".svg").name))


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of `make bench`: of these words, or of the command line."""
    parser = arguments.parser("bench", __doc__, rounds=5)
    parser.add_argument("--systems", nargs="*", help="only those whose name has one of these in it")
    parser.add_argument(
        "--shapes",
        nargs="*",
        default=[shape.name for shape in SHAPES],
        help="only these kinds of records",
    )
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS, help="only these parts")
    return arguments.parsed(parser, words)


if __name__ == "__main__":
    sys.exit(main())
