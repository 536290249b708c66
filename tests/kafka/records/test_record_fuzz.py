"""Whatever a record holds and whatever a function does with it.

It is out, a dead letter or dropped, and the process goes on.

A failed run prints its seed and the records at fault; `--seed` repeats it.
"""

import random
from collections.abc import Callable

import pytest

from tests.support.load.hostile_records import HostileRecords
from tests.support.load.record_fuzz import (
    EXPRESSIONS,
    FLOWS,
    SELECTORS,
    Fuzz,
    any_placing,
    assert_each_has_one_outcome,
    placing,
)
from tests.support.settings import MODES
from tests.support.stream import Stream

RECORDS = 200  # for each flow and guarantee
MANY_RECORDS = 960
WARM_UP_ROUNDS = 5
GROWTH_BYTES = 16 << 20
LIMIT_BYTES = 1_048_588  # of a batch, by default
both_modes = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize("kind", ["reverse", "unchanged", "convert", "chain", "placing"])
@both_modes
def test_each_record_has_one_outcome(
    stream: Stream, mode: str, kind: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    fuzz = Fuzz(stream, FLOWS.get(kind) or any_placing(rng), mode, HostileRecords(rng))
    fuzz.round(RECORDS)
    assert_each_has_one_outcome(fuzz, report_figure)


@pytest.mark.long
@pytest.mark.parametrize("kind", [*FLOWS, *EXPRESSIONS])
@both_modes
def test_many_have_one_outcome(
    stream: Stream, mode: str, kind: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """In both guarantees together, more than 20,000 records each."""
    fuzz = Fuzz(
        stream,
        FLOWS.get(kind) or placing(kind, rng.choice(SELECTORS)),
        mode,
        HostileRecords(rng),
    )
    for _ in range(3):
        fuzz.round(MANY_RECORDS // 3)
    assert_each_has_one_outcome(fuzz, report_figure)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["reverse", "chain", "placing"])
@both_modes
def test_memory_stays_flat(
    stream: Stream, mode: str, kind: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    fuzz = Fuzz(stream, FLOWS.get(kind) or placing("headers['x'].y"), mode, HostileRecords(rng))
    for _ in range(WARM_UP_ROUNDS):
        fuzz.round(1000)
    before = fuzz.resident_bytes()
    for _ in range(10):
        fuzz.round(1000)
    growth = fuzz.resident_bytes() - before
    report_figure(
        f"{before >> 20} MiB after {WARM_UP_ROUNDS},000 records, {growth / (1 << 20):+.1f} MiB "
        f"after 10,000 more"
    )
    assert_each_has_one_outcome(fuzz, report_figure)
    assert growth < GROWTH_BYTES


@pytest.mark.parametrize("kind", ["reverse", pytest.param("placing", marks=pytest.mark.long)])
@both_modes
def test_large_records_have_one_outcome(
    stream: Stream, mode: str, kind: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """Parts of some 100 kB each, and whole records that fill a batch.

    Their dead letters have no room for all of it.
    """
    records = HostileRecords(rng, large=0.2)
    fuzz = Fuzz(stream, FLOWS.get(kind) or placing("payload.a"), mode, records)
    fuzz.send([*records.take(30), *records.filling(LIMIT_BYTES), *records.take(10)])
    assert_each_has_one_outcome(fuzz, report_figure)


@pytest.mark.long
@both_modes
def test_records_over_client_limit(
    stream: Stream, mode: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """The input takes records of 10 MB.

    The producer's limit and those of the output are as they are by default.
    """
    records = HostileRecords(rng)
    fuzz = Fuzz(stream, FLOWS["unchanged"], mode, records)
    stream.topics.configure(stream.source, max_message_bytes=str(20 * LIMIT_BYTES))
    fuzz.send([*records.take(20), *records.filling(10 * LIMIT_BYTES), *records.take(20)])
    assert_each_has_one_outcome(fuzz, report_figure)


@pytest.mark.long
@both_modes
def test_keyless_records_for_compacted_topic(
    stream: Stream, mode: str, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """The broker refuses them one by one."""
    fuzz = Fuzz(stream, FLOWS["reverse"], mode, HostileRecords(rng))
    stream.topics.configure(stream.target, cleanup_policy="compact")
    fuzz.round(100)
    assert_each_has_one_outcome(fuzz, report_figure)
