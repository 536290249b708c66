"""The clusters that the scenarios share, and the table they make."""

from collections.abc import Callable, Generator, Iterator

import pytest

from tests.guarantees.front import ScenarioGroup
from tests.guarantees.row import HEAD, Row
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.reporting import reported


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
    """A failure shows where each stream stands and what its processors wrote, those first that did
    not keep their promise.
    """
    report = yield
    front = getattr(item, "funcargs", {}).get("front")
    if report.failed and report.when == "call" and isinstance(front, ScenarioGroup):
        for trial in sorted(front.trials, key=lambda trial: not trial.broken):
            name = f"{trial.mode}, {trial.protocol}"
            report.sections.append((f"{name}: where it stands", trial.where()))
            report.sections += [
                (f"{name}: processor {n}", one.tail(60)) for n, one in enumerate(trial.processors)
            ]
    return report


@pytest.fixture
def enter(request: pytest.FixtureRequest) -> Callable[[Row], None]:
    """Put a row into the table at the end of the session."""
    return lambda row: request.node.user_properties.append(("row", row.cells()))


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedKafka]:
    """One node, for faults that no broker has: it takes a third of what three take of the
    machine.
    """
    with ProxiedKafka(tmp_path_factory.mktemp("single"), nodes=1) as kafka:
        yield kafka
