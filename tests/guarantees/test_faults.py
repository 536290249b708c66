"""Nothing is lost, nothing is doubled under exactly once, order is kept: other faults."""

from collections.abc import Callable

from tests.guarantees.combinations import Combinations, assert_nothing_lost, parameters
from tests.guarantees.scenario_group import ScenarioGroup
from tests.support.faults.row import Row


@parameters(of_brokers=False)
def test_fault_loses_nothing(
    scenario_group: ScenarioGroup, enter: Callable[[Row], None], fault: str, combined: Combinations
) -> None:
    assert_nothing_lost(scenario_group, enter, fault, combined)
