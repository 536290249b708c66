"""The clusters that the scenarios share, and the table they make."""

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.guarantees.faults import FAULTS
from tests.guarantees.scenario_group import ScenarioGroup
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.faults.fault_scenario import FaultScenario
from tests.support.faults.row import HEAD, Row
from tests.support.reporting import reported
from tests.support.settings import BROKER
from tests.support.stream import Stream

# Of which each makes some 20 writes on each node under exactly once.
OFTEN = {"python-processor.commit-interval": "500ms"}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = [HEAD, *reported(terminalreporter, "row")]
    if len(rows) > 1:
        terminalreporter.section(f"guarantees (--seed={config.option.seed})")
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        for row in rows:
            terminalreporter.line(
                "| "
                + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                + " |"
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows each stream's position and its processors' output, broken promises first."""
    report = yield
    scenario_group = getattr(item, "funcargs", {}).get("scenario_group")
    if report.failed and report.when == "call" and isinstance(scenario_group, ScenarioGroup):
        for scenario in sorted(scenario_group.scenarios, key=lambda scenario: not scenario.broken):
            name = f"{scenario.mode}, {scenario.protocol}"
            report.sections.append((f"{name}: where it stands", scenario.where()))
            report.sections += [
                (f"{name}: processor {n}", one.tail(60))
                for n, one in enumerate(scenario.processors)
            ]
    return report


@pytest.fixture
def enter(request: pytest.FixtureRequest) -> Callable[[Row], None]:
    """Put a row into the table at the end of the session."""
    return lambda row: request.node.user_properties.append(("row", row.cells()))


@pytest.fixture(scope="module")
def one_node_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedKafka]:
    """One node, for faults that no broker has.

    It takes a third of what three take of the machine.
    """
    with ProxiedKafka(tmp_path_factory.mktemp("one_node_kafka"), nodes=1) as kafka:
        yield kafka


@pytest.fixture
def scenario_group(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, rng: random.Random
) -> Iterator[ScenarioGroup]:
    fault, combined = (
        request.node.callspec.params["fault"],
        request.node.callspec.params["combined"],
    )
    kafka: ProxiedKafka = request.getfixturevalue(
        "three_node_kafka" if FAULTS[fault].of_brokers else "one_node_kafka"
    )
    with ExitStack() as stack:
        # The next test has a whole cluster, also after a failure.
        stack.callback(kafka.restore)
        scenarios = []
        for mode, protocol in combined:
            folder = tmp_path / protocol
            folder.mkdir()
            stream = Stream(kafka, folder, f"{name}-{protocol}")
            stack.callback(stream.end)
            settings = (
                OFTEN
                | FAULTS[fault].settings
                | ({BROKER: kafka.proxied} if FAULTS[fault].of_network else {})
            )
            scenarios.append(FaultScenario(stream, mode, protocol, rng, settings))
        yield ScenarioGroup(kafka, scenarios, rng)
