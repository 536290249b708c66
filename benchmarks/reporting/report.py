"""The results as Markdown tables: min / median / max of the rounds."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from benchmarks.measure.latency import Latency
from benchmarks.measure.throughput import Throughput
from benchmarks.records import SHAPES
from benchmarks.reporting.results import Results
from benchmarks.rig.systems import BARE_BEST, C_BEST

T = TypeVar("T")
# A system by which less of what is sent has arrived has fallen behind; its latency is the length of
# the queue.
BEHIND = 0.98


def markdown(results: Results, picture: str) -> str:
    host = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    lines = [
        f"# {results.date}",
        "",
        (
            f"{host}. Apache Kafka, one node, on the same processors. Interleaved rounds: "
            f"{results.rounds}; each cell min / **median** / max."
        ),
        "",
        f"![records per second]({picture})",
        "",
    ]
    for shape in SHAPES:
        if found := results.throughput.get(shape.name):
            lines += [f"## {shape.name}: {shape.title}", "", *throughput(found), ""]
    for rate, by_system in results.latency.items():
        lines += [f"## Latency at {int(rate):,} records/s", "", *latency(by_system), ""]
    if results.footprint:
        lines += ["## Start, idle, stop", "", *footprint(results), ""]
    for title, said in (("Not run", results.skipped), ("Failed", results.failed)):
        if said:
            lines += [f"## {title}", "", *(f"- {line}" for line in said), ""]
    return "\n".join(lines)


def throughput(found: dict[str, list[Throughput]]) -> list[str]:
    """Ratios are taken within each round, so that the machine's drift does not count."""
    yardsticks = [BARE_BEST.name, C_BEST.name]
    columns = [
        "system",
        "records/s",
        *(f"x {name}" for name in yardsticks),
        "CPU us/record",
        *(f"x {name}" for name in yardsticks),
        "broker us/record",
        "peak MiB",
        "others' cores",
    ]
    rows = []
    for name, runs in found.items():
        pairs = [
            list(zip(runs, found.get(yardstick, []), strict=False)) for yardstick in yardsticks
        ]
        rows.append(
            [
                name,
                spread(runs, lambda run: run.rate, ",.0f"),
                *(spread(each, lambda pair: pair[0].rate / pair[1].rate, ".2f") for each in pairs),
                spread(runs, lambda run: run.cpu, ".2f"),
                *(spread(each, lambda pair: pair[0].cpu / pair[1].cpu, ".2f") for each in pairs),
                spread(runs, lambda run: run.broker_cpu, ".2f"),
                spread(runs, lambda run: run.memory, ".0f"),
                spread(runs, lambda run: run.others, ".2f"),
            ]
        )
    return table(columns, rows)


def latency(by_system: dict[str, list[Latency]]) -> list[str]:
    rows = []
    for name, runs in by_system.items():
        arrived = statistics.median(run.arrived for run in runs)
        row = [
            name,
            *(
                spread(runs, of, ".1f")
                for of in (lambda run: run.p50, lambda run: run.p99, lambda run: run.most)
            ),
        ]
        if arrived < BEHIND:
            row[1:] = [f"falls behind ({arrived:.0%} arrived)", "", ""]
        rows.append([*row, spread(runs, lambda run: run.cpu, ".0f")])
    return table(["system", "p50 ms", "p99 ms", "longest ms", "CPU, % of a core"], rows)


def footprint(results: Results) -> list[str]:
    rows = [
        [
            name,
            spread(runs, lambda run: run.start, ".2f"),
            spread(runs, lambda run: run.idle_cpu, ".2f"),
            spread(runs, lambda run: run.idle_memory, ".0f"),
            spread(runs, lambda run: run.stop, ".2f"),
        ]
        for name, runs in results.footprint.items()
    ]
    columns = [
        "system",
        "exec to first record out, s",
        "idle CPU, % of a core",
        "idle MiB",
        "SIGTERM to exit, s",
    ]
    return table(columns, rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def figure(value: float) -> str:
    """One figure, with what of it can be relied on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def spread(values: Sequence[T], of: Callable[[T], float], form: str) -> str:
    """Min / median / max; a single value stands alone."""
    found = sorted(map(of, values))
    if not found:
        return ""
    middle = f"**{statistics.median(found):{form}}**"
    return middle if len(found) == 1 else f"{found[0]:{form}} / {middle} / {found[-1]:{form}}"
