"""`make bench-async`: functions that wait 20 ms for each record, on a real Kafka, beside others.

Leaves JSON and Markdown.
"""

import dataclasses
import statistics
import sys
from collections.abc import Callable

from benchmarks import arguments
from benchmarks.measure import throughput
from benchmarks.peers.waiting.waiting import CALL_S
from benchmarks.records import A
from benchmarks.reporting import report
from benchmarks.reporting.results import FOLDER, Head, keep
from benchmarks.rig.broker import Broker
from benchmarks.rig.job import Job
from benchmarks.rig.systems import BUILT, PROCESSOR, ROOT, System, quix

LIMITS = (1, 10, 100, 1000)  # calls at once
RECORDS = 300_000
PARALLEL = BUILT / "parallel"


def main() -> int:
    options = arguments.parsed(arguments.parser("bench-async", __doc__, rounds=3))
    head = Head.now()
    systems = [system for system in waiting_systems() if system.needs.exists()]
    found: dict[str, list[throughput.Throughput]] = {system.name: [] for system in systems}
    with Broker() as broker, broker.filled("waiting", A, options.records or RECORDS) as backlog:
        for number in range(options.rounds):
            for system in systems if number % 2 else systems[::-1]:
                run = throughput.run(broker, system, backlog, options.seconds)
                found[system.name].append(run)
                print(f"{number + 1}: {system.name}: {run.rate:,.0f} records/s", flush=True)
    rows = [
        [
            name,
            report.spread(runs, lambda run: run.rate, ",.0f"),
            f"{statistics.median(run.cpu for run in runs):,.0f}",
            f"{statistics.median(run.memory for run in runs):,.0f}",
        ]
        for name, runs in found.items()
    ]
    kept = BUILT / "quick-async" if options.quick else FOLDER / f"{head.stem}-async"
    points = {name: [dataclasses.asdict(run) for run in runs] for name, runs in found.items()}
    said = f"A call waits {1000 * CALL_S:.0f} ms. Interleaved rounds: {options.rounds}."
    columns = ["system", "records/s, min / **median** / max", "CPU us/record", "peak MiB"]
    keep(kept, head, {"systems": points}, said, report.table(columns, rows))
    return 0


def waiting_systems() -> list[System]:
    """This processor with a plain and an async function, and the peers."""
    return [
        _processor("plain function", "reverse_slowly", {}),
        *(
            _processor(
                f"async, limit {limit:,}",
                "reverse_later",
                {"python-processor.async-limit": str(limit)},
            )
            for limit in LIMITS
        ),
        quix("Quix Streams, plain function", "quix_waiting"),
        *(
            System(
                f"Confluent's parallel consumer, {limit:,} at once",
                _parallel(limit),
                needs=PARALLEL / "ready",
                warm=3,
            )
            for limit in LIMITS
        ),
    ]


def _processor(title: str, function: str, properties: dict[str, str]) -> System:
    named = {
        "function": f"waiting:{function}",
        "python-processor.function-path": str(ROOT / "benchmarks/peers/waiting"),
    }
    return dataclasses.replace(
        PROCESSOR, name=f"{PROCESSOR.name}, {title}", properties=named | properties
    )


def _parallel(limit: int) -> Callable[[Job], list[str]]:
    def command(job: Job) -> list[str]:
        consumer = {
            "bootstrap.servers": job.bootstrap,
            "group.id": job.group,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
        return [
            "java",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            f"{PARALLEL}/*:{PARALLEL}",
            "ParallelReverse",
            job.source,
            job.target,
            str(limit),
            f"{1000 * CALL_S:.0f}",
            *(f"{name}={value}" for name, value in consumer.items()),
        ]

    return command


if __name__ == "__main__":
    sys.exit(main())
