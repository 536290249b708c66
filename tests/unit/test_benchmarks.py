"""The parts of the benchmark that need no broker."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import instructions, network
from benchmarks.hotpath import make_message
from benchmarks.measure import throughput
from benchmarks.measure.footprint import Footprint
from benchmarks.measure.latency import Latency
from benchmarks.records import SHAPES, A, B, C, Shape
from benchmarks.reporting import docs, goals, picture, report
from benchmarks.reporting.fingerprint import changed, client_settings
from benchmarks.reporting.results import Results
from benchmarks.rig.broker import Backlog
from benchmarks.rig.job import reversed_value
from benchmarks.rig.systems import BARE_BEST, C_BEST, PROCESSOR, SYSTEMS, job


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@given(number=st.integers(0, 999_999_999))
def test_expected_output_is_processors(shape: Shape, number: int) -> None:
    output = reversed_value(shape.value(number), shape.headers)
    assert output == shape.output(number)
    assert shape.number(output) == number


def test_records_have_their_stated_size() -> None:
    assert [len(shape.value(7)) for shape in (A, B, C)] == [40, 61, 1024]
    assert len(B.headers) == 9


def test_last_reading_is_ignored() -> None:
    samples = [
        _sample(0, 100, 1.0),
        _sample(1, 1_100, 2.0),
        _sample(2, 2_100, 3.0),
        _sample(9, 2_200, 3.1),
    ]
    found = throughput._figures(samples, count=2_200, warm=0, memory=50)
    assert (found.rate, found.cpu, found.records) == (1000, 1000, 2000)


def test_warm_up_does_not_count() -> None:
    samples = [_sample(0, 100, 1.0), _sample(5, 600, 5.0), _sample(10, 5_600, 6.0)]
    assert throughput._figures(samples, count=1_000_000, warm=5, memory=50).rate == 1000


def test_early_finish_counts() -> None:
    samples = [_sample(0, 100, 1.0), _sample(1, 1_100, 2.0), _sample(2, 2_200, 3.0)]
    assert throughput._figures(samples, count=2_200, warm=20, memory=50).rate == 1000


def test_results_are_stored_and_loaded(tmp_path: Path) -> None:
    results = _results()
    results.write(tmp_path / "kept.json")
    assert Results.read(tmp_path / "kept.json") == results


def test_ratios_are_within_a_round() -> None:
    found = {
        BARE_BEST.name: [_throughput(100), _throughput(400)],
        PROCESSOR.name: [_throughput(200), _throughput(400)],
    }
    row = report.throughput(found)[-1]
    assert "| 1.00 / **1.50** / 2.00 |" in row


def test_missed_goals_are_in_bold() -> None:
    results = _results()
    results.throughput["A"] |= {
        PROCESSOR.name: [_throughput(94), _throughput(96), _throughput(90)],
        BARE_BEST.name: 3 * [_throughput(100)],
        C_BEST.name: 3 * [_throughput(150)],
    }
    lines = goals.table(results)
    assert "| rate to that of bare loop, own best | 0.95, 0.95 | **0.940** |  |" in lines
    assert "| rate to that of C loop, own best | 0.6, 0.6 | 0.627 |  |" in lines


def test_overloaded_system_has_no_latency() -> None:
    lines = report.latency({"slow": [Latency(900, 1000, 1100, arrived=0.5, cpu=100)]})
    assert "falls behind (50% arrived)" in lines[-1]


def test_picture_has_bar_for_each_system() -> None:
    bars = re.findall(r'<text [^>]*text-anchor="end">(.*)</text>', picture.svg(_results()))
    assert sorted(bars) == sorted(system.name for system in SYSTEMS)


def test_each_system_can_start() -> None:
    reported = job("127.0.0.1:9", "from", "to")
    for system in SYSTEMS:
        assert all(isinstance(part, str) for part in system.command(reported)), system.name
        assert "from" in " ".join(
            [*system.command(reported), *system.environment(reported).values()]
        ), system.name


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.name)
def test_pages_have_newest_results(page: Path) -> None:
    """Also after a change of client settings: the pages say then that their figures are stale."""
    text = docs.fill(page)
    assert page.read_text() == text, (
        "measure again (make bench), or have make bench-docs write that the figures are stale"
    )


def test_best_loops_have_five_requests() -> None:
    given = job("127.0.0.1:9", "from", "to")
    for system in (BARE_BEST, C_BEST):
        command = " ".join(system.command(given)).replace(": ", "=").replace('"', "")
        assert "max.in.flight.requests.per.connection=5" in command, system.name
        assert "linger.ms=5" in command, system.name
        assert "gapless" not in command, system.name


def test_present_settings_are_not_stale() -> None:
    assert not docs.staleness(client_settings())


def test_changed_setting_makes_figures_stale() -> None:
    kept = client_settings()
    kept["producer"]["linger.ms"] = 1000
    del kept["exactly-once consumer"]["isolation.level"]
    assert changed(kept) == ["isolation.level", "linger.ms"]
    assert "measure again" in docs.staleness(kept)
    assert "linger.ms" in docs.staleness(kept)


def test_network_table_has_ratios_of_rounds() -> None:
    case = network.Case(3, 12, "null", 5.0)
    case.throughput = {
        BARE_BEST.name: [_throughput(100), _throughput(400)],
        PROCESSOR.name: [_throughput(50), _throughput(400)],
    }
    case.latency = {
        BARE_BEST.name: [Latency(10, 20, 30, 1, 10)],
        PROCESSOR.name: [Latency(15, 30, 45, 1, 10)],
    }
    assert network.markdown([case])[-2:] == [
        f"| 5 | {PROCESSOR.name} | 225 | 0.75 | 1.00 | 15.0 | 1.50 | 30.0 | 45.0 |",
        "",
    ]


def test_network_table_names_who_falls_behind() -> None:
    case = network.Case(1, 12, network.KEYED, 20.0, {"slow": [_throughput(100)]})
    case.latency = {"slow": [Latency(900, 1000, 1100, arrived=0.5, cpu=100)]}
    assert "falls behind (50% arrived)" in network.markdown([case])[-2]


def test_network_compares_systems_that_exist() -> None:
    assert set(network.NAMES) <= {system.name for system in SYSTEMS}
    quick = network.parse(["--quick"])
    assert (quick.rounds, quick.brokers, quick.round_trips) == (1, [1], [5.0])


def test_instructions_are_read_from_file(tmp_path: Path) -> None:
    (tmp_path / "out.1-01").write_text("version: 1\nevents: Ir\nfn=(1)\n12 700\ntotals: 82779\n")
    assert instructions.counted(tmp_path / "out.1-01") == 82779


def test_counted_parts_produce_every_record() -> None:
    """Of the kind with headers: else the processor would be counted for less work."""
    (producer, output), parts = instructions.make_parts()
    messages = [make_message(B, number) for number in range(10)]
    for name in ("bare-loop-tuned", "bare-loop-own-best"):
        parts[name](messages)
    assert len(producer) >= 20  # the client counts its own events as well
    for number, part in enumerate(("processor", "processor-by-step"), 1):
        parts[part](messages)
        assert len(output) >= 10 * number


@given(number=st.integers(0, 10**9), partitions=st.integers(1, 100))
def test_key_has_one_partition(number: int, partitions: int) -> None:
    backlog = Backlog("topic", A, 1, partitions, keyed=True)
    other = number + 100 * partitions * 7
    assert backlog.key(number) == backlog.key(other)
    assert number % partitions == other % partitions
    assert Backlog("topic", A, 1, partitions).key(number) is None


@pytest.mark.parametrize("kind", ["", "-scaling"])
def test_kept_results_have_client_settings(kind: str) -> None:
    """Else nobody would notice that a setting has changed since."""
    kept = json.loads(docs.newest(kind).read_text())["clients"]
    assert {"consumer", "producer"} <= kept.keys()
    assert kept["producer"]["linger.ms"] is not None


def _sample(at: float, copied: int, cpu: float) -> throughput._Sample:
    return throughput._Sample(at, copied, cpu, broker_cpu=0.0, busy=0.0)


def _throughput(rate: float) -> throughput.Throughput:
    return throughput.Throughput(rate, cpu=1.0, broker_cpu=1.0, memory=50.0, records=1, others=0.0)


def _results() -> Results:
    return Results(
        "2026-01-01T00:00+00:00",
        {"processor": "2 x test"},
        rounds=1,
        clients=client_settings(),
        throughput={"A": {system.name: [_throughput(100)] for system in SYSTEMS}},
        latency={"500": {PROCESSOR.name: [Latency(1, 2, 3, 1, 10)]}},
        footprint={PROCESSOR.name: [Footprint(0.5, 0.2, 60, 0.1)]},
    )
