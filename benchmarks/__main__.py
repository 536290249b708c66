"""`make bench`: the systems side by side on one real Kafka, in interleaved rounds; prints a Markdown table."""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import Figures, preload, run
from benchmarks.systems import BARE_LOOP, PROCESSOR, Job
from tests.support import children
from tests.support.kafka import Kafka

SYSTEMS = (BARE_LOOP, PROCESSOR)  # ratios are to the first


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--records", type=int, default=2_000_000, help="records in the preloaded topic (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default %(default)s)")
    options = parser.parse_args()
    rounds: list[dict[str, Figures]] = []
    with tempfile.TemporaryDirectory() as folder, Kafka(Path(folder)) as kafka:
        preload(kafka.bootstrap, "preloaded", options.records)
        for number in range(options.rounds + 1):
            order = SYSTEMS if number % 2 else SYSTEMS[::-1]
            figures = {}
            for system in order:
                name = f"{system.name.replace(' ', '-')}-{number}"
                job = Job(kafka.bootstrap, "preloaded", f"out-{name}", name, children.free_port())
                figures[system.name] = run(system, job, options.records)
                print(f"round {number}: {system.name}: {figures[system.name].rate:,.0f} records/s", flush=True)
            rounds.append(figures)
    print(table(rounds[1:]))  # the first one warms the broker up


def table(rounds: list[dict[str, Figures]]) -> str:
    """Min / median / max of each figure; the ratio is taken within each round, so that the machine's drift does not count."""
    reference = SYSTEMS[0].name
    lines = [f"| system | records/s | x {reference} | CPU us/record | peak MiB |", "|---|---|---|---|---|"]
    for system in SYSTEMS:
        own = [figures[system.name] for figures in rounds]
        ratios = [figures[system.name].rate / figures[reference].rate for figures in rounds]
        cells = [
            spread([f.rate for f in own], ",.0f"),
            spread(ratios, ".2f"),
            spread([f.cpu for f in own], ".2f"),
            spread([f.memory for f in own], ".0f"),
        ]
        lines.append(f"| {system.name} | " + " | ".join(cells) + " |")
    return "\n".join(["", f"40-byte records without headers, {len(rounds)} rounds, min / median / max", "", *lines])


def spread(values: list[float], form: str) -> str:
    return f"{min(values):{form}} / **{statistics.median(values):{form}}** / {max(values):{form}}"


if __name__ == "__main__":
    main()
