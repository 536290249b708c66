"""Several streams on one cluster that are hit together."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from tests.guarantees.trial import FaultScenario
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.brokers.topics import SECONDS
from tests.support.waiting import wait_for


class ScenarioGroup(NamedTuple):
    """The streams under fire, and their cluster."""

    kafka: ProxiedKafka
    trials: list[FaultScenario]
    chance: random.Random

    def flows(self) -> None:
        for trial in self.trials:
            trial.flows(200)

    def settle(self) -> None:
        for trial in self.trials:
            trial.settle()

    def a_moment(self) -> None:
        self.trials[0].a_moment()

    def strike(self, name: str, fault: Callable[[], None]) -> None:
        """Apply `fault` at a moment when every stream has records in flight: a processor of each
        stands still while they are counted.
        """

        def hit() -> bool:
            with ExitStack() as stack:
                for trial in self.trials:
                    stack.enter_context(trial.processors[0].frozen())
                in_flight = [trial.stream.behind() for trial in self.trials]
                if all(in_flight):
                    for trial, met in zip(self.trials, in_flight, strict=True):
                        trial.hits[name].append(met)
                    fault()
                return all(in_flight)

        wait_for(hit, SECONDS, "records in flight in every stream")

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """The flow comes back within the time of Trial.flows, with the same processes."""
        pids = [[one.child.pid for one in trial.processors] for trial in self.trials]
        yield
        self.flows()
        for trial, same in zip(self.trials, pids, strict=True):
            trial.unharmed(same)
        self.settle()
