"""Several scenarios on one cluster that a fault hits at the same moment."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from tests.support.brokers.proxy import ProxiedKafka
from tests.support.brokers.topics import SECONDS
from tests.support.faults.fault_scenario import FaultScenario
from tests.support.waiting import wait_for


class ScenarioGroup(NamedTuple):
    """The scenarios of one cluster."""

    kafka: ProxiedKafka
    scenarios: list[FaultScenario]
    rng: random.Random

    def await_output(self) -> None:
        for scenario in self.scenarios:
            scenario.await_output(200)

    def await_members(self) -> None:
        for scenario in self.scenarios:
            scenario.await_members()

    def let_records_pass(self) -> None:
        self.scenarios[0].let_records_pass()

    def inject(self, name: str, fault: Callable[[], None]) -> None:
        """Apply `fault` at a moment when every stream has records in flight.

        A processor of each stream is frozen while they are counted.
        """

        def hit() -> bool:
            with ExitStack() as stack:
                for scenario in self.scenarios:
                    stack.enter_context(scenario.processors[0].frozen())
                in_flight = [scenario.stream.behind() for scenario in self.scenarios]
                if all(in_flight):
                    for scenario, met in zip(self.scenarios, in_flight, strict=True):
                        scenario.hits[name].append(met)
                    fault()
                return all(in_flight)

        wait_for(hit, SECONDS, "records in flight in every stream")

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """The output goes on in the time of `await_output`, with the same processes."""
        pids = [[one.child.pid for one in scenario.processors] for scenario in self.scenarios]
        yield
        self.await_output()
        for scenario, same in zip(self.scenarios, pids, strict=True):
            scenario.unharmed(same)
        self.await_members()
