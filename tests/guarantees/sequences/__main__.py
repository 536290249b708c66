"""Many random sequences side by side on one Kafka: nothing lost, nothing doubled under exactly
once, health, bindings and lag true.

    python -m tests.guarantees.sequences --count 500 --parallel 6 --seed 7

The seed decides every sequence; a failure prints the seed of its own, so that `--only SEED` runs
that sequence alone.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.guarantees.sequences.sequence import Sequence
from tests.support.brokers.kafka import Kafka

EVENTS = 3  # between two quiet moments


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--parallel", type=int, default=6)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", type=int, nargs="*", help="seeds of single sequences")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - not a secret
    seeds = options.only or [rng.randrange(1 << 32) for _ in range(options.count)]
    print(f"seed {options.seed}, {len(seeds)} sequences, {options.parallel} at a time", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="sequences-"))
    print(f"logs in {folder}", flush=True)
    with Kafka(folder / "kafka") as kafka, ThreadPoolExecutor(options.parallel) as pool:
        results = list(pool.map(lambda seed: run_one(kafka, folder, seed, options.events), seeds))
    failures = [result for result in results if result.failure]
    print(
        f"{len(results)} sequences, {sum(result.records for result in results)} records, "
        f"{len(failures)} failed"
    )
    print(
        f"{sum(result.doubled for result in results)} doubled at least once, where that is allowed"
    )
    for event, count in sorted(sum((result.events for result in results), Counter[str]()).items()):
        print(f"  {count:4} x {event}")
    for shape, count in sorted(Counter(result.shape for result in results).items()):
        print(f"  {count:4} x {shape}")
    return 1 if failures else 0


class Result:
    """What became of one sequence."""

    def __init__(self, sequence: Sequence, failure: str | None) -> None:
        self.shape, self.records, self.failure = str(sequence.shape), sequence.owed.sent, failure
        self.doubled = len(sequence.arrivals.doubled(sequence.owed))
        self.events = Counter(re.sub(r" [0-9.]+( s)?|,", "", event) for event in sequence.history)


def run_one(kafka: Kafka, folder: Path, seed: int, events: int) -> Result:
    """Run one sequence on the calling thread."""
    started = time.monotonic()
    sequence = Sequence(kafka, folder / f"{seed}", f"s{seed}", seed)
    failure = None
    try:
        sequence.run(events)
    except Exception as error:  # noqa: BLE001 - whatever it was, the next sequence goes on
        failure = f"{type(error).__name__}: {error}"
    finally:
        sequence.end()
    took = time.monotonic() - started
    state = "FAILED" if failure else "ok"
    print(
        f"{state} seed {seed} {took:.0f} s: {sequence.shape}: {' > '.join(sequence.history)}",
        flush=True,
    )
    if failure:
        print(failure, flush=True)
    return Result(sequence, failure)


if __name__ == "__main__":
    sys.exit(main())
