"""Random sequences of events, for as long as `make test` can afford.

`python -m tests.guarantees.sequences` runs hundreds.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.guarantees.sequences.__main__ import run_one
from tests.support.brokers.kafka import Kafka

COUNT = PARALLEL = 4
EVENTS = 2  # between two quiet moments


def test_random_sequences(
    kafka: Kafka, tmp_path: Path, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """Nothing is lost or doubled; health, bindings and lag are those that the broker shows."""
    seeds = [rng.randrange(1 << 32) for _ in range(COUNT)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(lambda seed: run_one(kafka, tmp_path, seed, EVENTS), seeds))
    for seed, result in zip(seeds, results, strict=True):
        report_figure(f"seed {seed}: {result.shape}: {result.records} records")
    assert [result.failure for result in results if result.failure] == []
