"""`make bench-docs`: the figures of docs/performance.md and README.md, from kept results."""

import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks import hotpath
from benchmarks.records import SHAPES, A, B
from benchmarks.reporting import goals, report
from benchmarks.reporting.fingerprint import Clients, changed
from benchmarks.reporting.results import FOLDER, Results
from benchmarks.rig.systems import BARE_BEST, BARE_ONE_REQUEST, C_BEST, PROCESSOR, ROOT, TUNED

# Of what one process can do, that is planned with: the rest is for catching up after a pause.
SHARE = 0.7
GOAL = 1_000_000  # records per second
# Of the systems, those whose cost is shown beside that of the loops.
YARDSTICKS = (
    C_BEST.name,
    "C loop",
    BARE_BEST.name,
    BARE_ONE_REQUEST.name,
    TUNED.name,
    PROCESSOR.name,
    f"{PROCESSOR.name}, exactly once 100 ms",
)
PAGES = (ROOT / "docs/performance.md", ROOT / "README.md")
# Of the systems, those in README's table.
README_SYSTEMS = (
    C_BEST.name,
    BARE_BEST.name,
    TUNED.name,
    PROCESSOR.name,
    f"{PROCESSOR.name}, exactly once 100 ms",
    "Spring transform",
)


def main() -> int:
    for page in PAGES:
        page.write_text(fill(page))
    return 0


def fill(page: Path) -> str:
    """Return the page with its parts from `<!-- bench: NAME -->` to `<!-- /bench -->` replaced."""
    side_by_side, scaling = newest(""), newest("-scaling")
    parts = {
        "side by side": _side_by_side(side_by_side),
        "speed": _side_by_side(side_by_side, *README_SYSTEMS),
        "yardsticks": _yardsticks(side_by_side),
        "goal": _goal(side_by_side),
        "goals": _goals(side_by_side),
    }
    for title in ("headers", "size", "batch", "partitions", "processes"):
        parts[title] = _points(title, scaling)
    parts["steps"] = _steps(scaling)
    parts["hotpath"] = _hotpath(newest("-hotpath"))
    up = "../" * len(page.relative_to(ROOT).parents[1:])
    pieces = page.read_text().split("<!-- bench: ")
    for number, rest in enumerate(pieces[1:], 1):
        name, end = rest.split(" -->", 1)[0], rest.split("<!-- /bench -->", 1)[1]
        pieces[number] = (
            f"{name} -->\n\n{parts[name].replace('](benchmarks/', f']({up}benchmarks/')}\n\n<!-- "
            f"/bench -->{end}"
        )
    return "<!-- bench: ".join(pieces)


def newest(kind: str, folder: Path = FOLDER) -> Path:
    """The newest result of this kind; its name is its date and the kind."""
    return max(
        path for path in folder.glob("*.json") if path.stem[len("2026-11-25T0922") :] == kind
    )


def _side_by_side(kept: Path, *systems: str) -> str:
    """Medians: rate of each system, or of these, and its ratio to ours, for each kind of record."""
    results = Results.read(kept)
    shapes = [shape.name for shape in SHAPES if results.throughput.get(shape.name)]
    rows = []
    for name in results.throughput[shapes[0]]:
        if systems and name not in systems:
            continue
        row = [name]
        for shape in shapes:
            runs, ours = (
                results.throughput[shape].get(name, []),
                results.throughput[shape][PROCESSOR.name],
            )
            if runs:
                ratio = statistics.median(
                    our.rate / run.rate for our, run in zip(ours, runs, strict=False)
                )
                row.append(
                    f"{statistics.median(run.rate for run in runs):,.0f} "
                    f"({ratio:{'.2f' if ratio < 10 else ',.0f'}}x)"
                )
            else:
                row.append("")
        rows.append(row)
    columns = [
        "records/s (this one's rate by it)",
        *(f"{shape.name}: {shape.title}" for shape in SHAPES if shape.name in shapes),
    ]
    table = report.table(columns, rows)
    return "\n".join([*table, "", _source(kept, results.date, results.machine, results.clients)])


def _yardsticks(kept: Path) -> str:
    """Medians of the rate and of the processor time, beside the loops."""
    results = Results.read(kept)
    shapes = [shape.name for shape in (A, B) if results.throughput.get(shape.name)]
    rows = []
    for name in YARDSTICKS:
        runs = [results.throughput[shape].get(name, []) for shape in shapes]
        if all(runs):
            cells = [
                f"{statistics.median(values):{form}}"
                for of_shape in runs
                for values, form in (
                    ([run.rate for run in of_shape], ",.0f"),
                    ([run.cpu for run in of_shape], ".2f"),
                    ([run.broker_cpu for run in of_shape], ".2f"),
                )
            ]
            rows.append([name, *cells])
    columns = [
        f"{shape}, {what}"
        for shape in shapes
        for what in ("records/s", "CPU us/record", "broker us/record")
    ]
    table = report.table(["", *columns], rows)
    return "\n".join([*table, "", _source(kept, results.date, results.machine, results.clients)])


def _goals(kept: Path) -> str:
    results = Results.read(kept)
    source = _source(kept, results.date, results.machine, results.clients)
    return "\n".join([*goals.table(results), "", source])


def _goal(kept: Path) -> str:
    """What a million records a second takes."""
    results = Results.read(kept)
    rows = []
    for shape in SHAPES:
        if runs := results.throughput.get(shape.name, {}).get(PROCESSOR.name):
            rate, cpu, broker = (
                statistics.median(values)
                for values in zip(*((r.rate, r.cpu, r.broker_cpu) for r in runs), strict=True)
            )
            processes = math.ceil(GOAL / (SHARE * rate))
            cores = [f"{each * GOAL / 1e6:.1f}" for each in (cpu, broker)]
            rows.append([f"{shape.name}: {shape.title}", f"{rate:,.0f}", str(processes), *cores])
    columns = [
        "records",
        "one process, records/s",
        f"processes at {SHARE:.0%} of that",
        "cores for them",
        "cores for the brokers",
    ]
    source = _source(kept, results.date, results.machine, results.clients)
    return "\n".join([*report.table(columns, rows), "", source])


def _points(title: str, kept: Path) -> str:
    results = json.loads(kept.read_text())
    columns = list(results[title][0]["found"])
    rows = [
        [point["at"], *(report.figure(point["found"][name]) for name in columns)]
        for point in results[title]
    ]
    source = _source(kept, results["date"], results["machine"], results["clients"])
    return "\n".join([*report.table([title, *columns], rows), "", source])


def _steps(kept: Path) -> str:
    """The cost of one more of each: the slope between the least and the most."""
    results = json.loads(kept.read_text())
    cpu, mib, idle = "CPU us/record", "idle MiB", "idle CPU, % of a core"
    header = _slope(results["headers"], cpu)
    size = _slope(results["size"], cpu) * 1000
    memory, waiting = _slope(results["partitions"], mib) * 1024, _slope(results["partitions"], idle)
    return "\n".join(
        [
            (
                f"- a record without headers, 40 bytes: "
                f"{results['headers'][0]['found'][cpu]:.2f} us "
                f"of processor time"
            ),
            f"- a header more: {1000 * header:.0f} ns per record",
            f"- 1,000 bytes more: {1000 * size:.0f} ns per record",
            (
                f"- a partition more (in the input and in the output): {memory:.0f} KiB and "
                f"{waiting:.3f} % of a core while idle"
            ),
        ]
    )


def _hotpath(kept: Path) -> str:
    results = json.loads(kept.read_text())
    # Earlier runs have no path. No client setting counts: no broker takes part.
    tables = [
        "\n".join(hotpath.table(results[part])) for part in ("steps", "path") if part in results
    ]
    return "\n".join(
        ["\n\n".join(tables), "", _source(kept, results["date"], results["machine"], {})]
    )


def _slope(points: list[dict[str, Any]], name: str) -> float:
    first, last = points[0], points[-1]
    over, up = (
        (_number(last["at"]) - _number(first["at"])),
        last["found"][name] - first["found"][name],
    )
    return float(up) / over


def _number(at: str) -> int:
    return int(at.replace(",", "").split()[0])


def _source(kept: Path, date: str, machine: dict[str, str], clients: Clients) -> str:
    source = (
        f"Measured {date[:10]}, {machine['processor']}, the broker on the same cores: "
        f"[results](benchmarks/results/{kept.stem}.md)."
    )
    return f"{source} {stale}" if (stale := staleness(clients)) else source


def staleness(clients: Clients) -> str:
    """Return a sentence that names the client settings which differ from the code's, or ""."""
    names = ", ".join(f"`{name}`" for name in changed(clients))
    return (
        f"**Stale, measure again**: the client settings have changed since ({names})."
        if names
        else ""
    )


if __name__ == "__main__":
    sys.exit(main())
