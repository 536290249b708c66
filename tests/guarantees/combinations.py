"""Faults that hit three streams at once, one for each protocol, and the result of each stream.

`make test` runs a pairwise selection: each fault with each protocol and with each mode, each mode
with each protocol. `make soak` runs the other half of the product too.
"""

from collections.abc import Callable

import pytest

from tests.guarantees.faults import FAULTS
from tests.guarantees.scenario_group import ScenarioGroup
from tests.support.faults.fault_scenario import MODES
from tests.support.faults.row import Row
from tests.support.settings import PROTOCOLS

MEMBERS = 2
Combinations = list[tuple[str, str]]


def _combinations(first: int) -> Combinations:
    """Protocols with modes that take turns; `first` says which begins."""
    return [(MODES[(first + place) % 2], protocol) for place, protocol in enumerate(PROTOCOLS)]


def parameters(*, of_brokers: bool) -> pytest.MarkDecorator:
    """Return the faults of brokers, or all others, each with two halves of the product."""
    numbered = [each for each in enumerate(FAULTS) if FAULTS[each[1]].of_brokers == of_brokers]
    selected = [pytest.param(fault, _combinations(number), id=fault) for number, fault in numbered]
    others = [
        pytest.param(
            fault,
            _combinations(number + 1),
            id=f"{fault}, other modes",
            marks=pytest.mark.long,
        )
        for number, fault in numbered
    ]
    return pytest.mark.parametrize(("fault", "combined"), selected + others)


def assert_nothing_lost(
    scenario_group: ScenarioGroup, enter: Callable[[Row], None], fault: str, combined: Combinations
) -> None:
    """Hit the streams with the fault, and check the records of each.

    Raises:
        AssertionError: A record is lost, out of order, or doubled under exactly once.
    """
    for scenario in scenario_group.scenarios:
        for _ in range(MEMBERS):
            scenario.launch()
    scenario_group.await_members()
    scenario_group.let_records_pass()
    FAULTS[fault].inject(scenario_group)
    scenario_group.let_records_pass()
    rows = [scenario.finish(fault) for scenario in scenario_group.scenarios]
    assert [(row.mode, row.protocol) for row in rows] == combined
    for row in rows:
        enter(row)
    for scenario, row in zip(scenario_group.scenarios, rows, strict=True):
        row.check()
        scenario.stop()
        if not FAULTS[fault].of_brokers:
            # Kafka 4.4 lets no broker register once a topic was deleted that had lacked replicas:
            # "Topic ID ... existed in isrMembers, but not in the topics map".
            scenario.stream.forget()
