"""Nothing is lost, nothing is doubled under exactly once, order is kept: other faults."""

from collections.abc import Callable

from tests.guarantees.front import ScenarioGroup
from tests.guarantees.row import Row
from tests.guarantees.scenario import Combinations, assert_nothing_lost, parameters


@parameters(of_brokers=False)
def test_fault_loses_nothing(
    front: ScenarioGroup, enter: Callable[[Row], None], fault: str, combined: Combinations
) -> None:
    assert_nothing_lost(front, enter, fault, combined)
