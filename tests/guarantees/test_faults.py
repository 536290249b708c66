"""Nothing is lost, nothing is doubled under exactly once, order is kept: every fault in both modes
and all protocols.

Three streams, one for each protocol, are hit together. `make test` runs a pairwise selection: each
fault with each protocol and with each mode, each mode with each protocol. `make soak` runs the
other half of the product too.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.guarantees.faults import BROKER, FAULTS
from tests.guarantees.front import ScenarioGroup
from tests.guarantees.row import Row
from tests.guarantees.trial import MODES, FaultScenario
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.settings import PROTOCOLS
from tests.support.stream import Stream

MEMBERS = 2
# Of which each makes some 20 writes on each node under exactly once.
OFTEN = {"python-processor.commit-interval": "500ms"}


def combinations(first: int) -> list[tuple[str, str]]:
    """Protocols with modes that take turns; `first` says which begins."""
    return [(MODES[(first + place) % 2], protocol) for place, protocol in enumerate(PROTOCOLS)]


SELECTED = [
    pytest.param(fault, combinations(number), id=fault) for number, fault in enumerate(FAULTS)
]
OTHERS = [
    pytest.param(
        fault, combinations(number + 1), id=f"{fault}, other modes", marks=pytest.mark.long
    )
    for number, fault in enumerate(FAULTS)
]


@pytest.fixture
def front(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, chance: random.Random
) -> Iterator[ScenarioGroup]:
    fault, combined = (
        request.node.callspec.params["fault"],
        request.node.callspec.params["combined"],
    )
    kafka: ProxiedKafka = request.getfixturevalue("three" if FAULTS[fault].of_brokers else "single")
    with ExitStack() as stack:
        # Whatever becomes of the test, the next one has a whole cluster.
        stack.callback(kafka.restore)
        trials = []
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
            trials.append(FaultScenario(stream, mode, protocol, chance, settings))
        yield ScenarioGroup(kafka, trials, chance)


@pytest.mark.parametrize(("fault", "combined"), SELECTED + OTHERS)
def test_fault(
    front: ScenarioGroup, enter: Callable[[Row], None], fault: str, combined: list[tuple[str, str]]
) -> None:
    for trial in front.trials:
        for _ in range(MEMBERS):
            trial.launch()
    front.settle()
    front.a_moment()
    FAULTS[fault].strike(front)
    front.a_moment()
    rows = [trial.verdict(fault) for trial in front.trials]
    assert [(row.mode, row.protocol) for row in rows] == combined
    for row in rows:
        enter(row)
    for trial, row in zip(front.trials, rows, strict=True):
        row.check()
        trial.stop()
        trial.stream.forget()
