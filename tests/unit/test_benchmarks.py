"""The parts of the benchmark that need no broker."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import docs, picture, report
from benchmarks.measure import throughput
from benchmarks.measure.footprint import Footprint
from benchmarks.measure.latency import Latency
from benchmarks.records import SHAPES, A, B, C, Shape
from benchmarks.results import Results
from benchmarks.rig.job import reversed_value
from benchmarks.rig.systems import PROCESSOR, SYSTEMS, TUNED, job


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@given(number=st.integers(0, 999_999_999))
def test_what_the_processor_makes_of_a_record_is_what_is_expected(
    shape: Shape, number: int
) -> None:
    output = reversed_value(shape.value(number), shape.headers)
    assert output == shape.output(number)
    assert shape.number(output) == number


def test_records_are_as_large_as_they_are_said_to_be() -> None:
    assert [len(shape.value(7)) for shape in (A, B, C)] == [40, 61, 1024]
    assert len(B.headers) == 9


def test_the_look_that_saw_the_end_does_not_count() -> None:
    samples = [
        _sample(0, 100, 1.0),
        _sample(1, 1_100, 2.0),
        _sample(2, 2_100, 3.0),
        _sample(9, 2_200, 3.1),
    ]
    found = throughput._figures(samples, count=2_200, warm=0, memory=50)
    assert (found.rate, found.cpu, found.records) == (1000, 1000, 2000)


def test_the_warm_up_does_not_count() -> None:
    samples = [_sample(0, 100, 1.0), _sample(5, 600, 5.0), _sample(10, 5_600, 6.0)]
    assert throughput._figures(samples, count=1_000_000, warm=5, memory=50).rate == 1000


def test_a_system_that_is_done_during_its_warm_up_counts_all_the_same() -> None:
    samples = [_sample(0, 100, 1.0), _sample(1, 1_100, 2.0), _sample(2, 2_200, 3.0)]
    assert throughput._figures(samples, count=2_200, warm=20, memory=50).rate == 1000


def test_results_survive_being_kept(tmp_path: Path) -> None:
    results = _results()
    results.write(tmp_path / "kept.json")
    assert Results.read(tmp_path / "kept.json") == results


def test_ratios_are_taken_within_a_round() -> None:
    found = {
        TUNED.name: [_throughput(100), _throughput(400)],
        PROCESSOR.name: [_throughput(200), _throughput(400)],
    }
    row = report.throughput(found)[-1]
    assert "| 1.00 / **1.50** / 2.00 |" in row


def test_a_system_that_falls_behind_has_no_latency() -> None:
    lines = report.latency({"slow": [Latency(900, 1000, 1100, arrived=0.5, cpu=100)]})
    assert "falls behind (50% arrived)" in lines[-1]


def test_the_picture_has_a_bar_for_each_system() -> None:
    bars = re.findall(r'<text [^>]*text-anchor="end">(.*)</text>', picture.svg(_results()))
    assert sorted(bars) == sorted(system.name for system in SYSTEMS)


def test_every_system_can_be_asked_to_start() -> None:
    told = job("127.0.0.1:9", "from", "to")
    for system in SYSTEMS:
        assert all(isinstance(part, str) for part in system.command(told)), system.name
        assert "from" in " ".join([*system.command(told), *system.environment(told).values()]), (
            system.name
        )


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.name)
def test_the_pages_have_the_newest_results(page: Path) -> None:
    assert page.read_text() == docs.fill(page), "make bench-docs writes them anew"


def _sample(at: float, copied: int, cpu: float) -> throughput._Sample:
    return throughput._Sample(at, copied, cpu, broker_cpu=0.0, busy=0.0)


def _throughput(rate: float) -> throughput.Throughput:
    return throughput.Throughput(rate, cpu=1.0, broker_cpu=1.0, memory=50.0, records=1, others=0.0)


def _results() -> Results:
    return Results(
        "2026-01-01T00:00+00:00",
        {"processor": "2 x test"},
        rounds=1,
        throughput={"A": {system.name: [_throughput(100)] for system in SYSTEMS}},
        latency={"500": {PROCESSOR.name: [Latency(1, 2, 3, 1, 10)]}},
        footprint={PROCESSOR.name: [Footprint(0.5, 0.2, 60, 0.1)]},
    )
