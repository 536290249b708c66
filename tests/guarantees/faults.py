"""The faults an operator meets.

Each hits several streams on one cluster: of processors one stream after the other, of brokers all
at once.

Every fault leaves the cluster whole and the processors running.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from confluent_kafka import Consumer

from tests.guarantees.scenario_group import ScenarioGroup
from tests.support.brokers.admin import quick
from tests.support.brokers.topics import SECONDS
from tests.support.faults.fault_scenario import FaultScenario, Settings
from tests.support.waiting import let_pass, wait_for

TRANSACTION = 10.0  # seconds a transaction lives where a fault is to outlive it
SHORT_LIVED = {
    "spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": f"{TRANSACTION * 1000:.0f}"  # noqa: E501 - one text
}


# ---- of processors


def killed(group: ScenarioGroup) -> None:
    """A kill -9 at a random moment, also while it starts."""
    for _ in range(3):
        for scenario in group.scenarios:
            victim = group.rng.choice(scenario.processors)
            if group.rng.random() < 0.6:
                scenario.await_members()
            scenario.let_records_pass()
            scenario.kill(victim)
            victim.start()
    group.await_members()


def stopped(group: ScenarioGroup) -> None:
    """A SIGTERM at a random moment; the exit code is 0."""
    for _ in range(3):
        for scenario in group.scenarios:
            victim = group.rng.choice(scenario.processors)
            scenario.let_records_pass()
            scenario.terminate(victim)
            victim.start()
    group.await_members()


def scaled(group: ScenarioGroup) -> None:
    """From two to three members, then to one: one is stopped, one killed in a transaction."""
    for scenario in group.scenarios:
        scenario.hits["joined"].append(scenario.stream.behind())
        scenario.launch()
    group.await_members()
    group.let_records_pass()
    for scenario in group.scenarios:
        scenario.terminate(scenario.processors[0])
    group.let_records_pass()
    for scenario in group.scenarios:
        scenario.kill(scenario.processors[1])
    group.await_members()
    group.let_records_pass()


def rebalanced(group: ScenarioGroup) -> None:
    """A member comes and goes, so that there is a rebalance every second; it commits nothing."""
    with ExitStack() as stack:
        for scenario in group.scenarios:
            stack.enter_context(_guest(scenario))
        let_pass(8)
    group.await_members()


@contextmanager
def _guest(scenario: FaultScenario) -> Iterator[None]:
    settings = quick(scenario.stream.kafka.bootstrap) | {
        "group.id": scenario.stream.group,
        "enable.auto.commit": False,
    }
    settings |= _of_librdkafka(scenario.protocol)
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            guest = Consumer(settings)
            guest.subscribe([scenario.stream.source])
            scenario.hits["a guest"].append(scenario.stream.behind())
            for _ in range(20):
                if not over.is_set():
                    guest.poll(0.05)
            guest.close()

    thread = threading.Thread(target=come_and_go, name="guest", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _of_librdkafka(protocol: str) -> dict[str, str | int | float | bool]:
    if protocol == "consumer":
        return {"group.protocol": "consumer"}
    return {
        "partition.assignment.strategy": protocol,
        "session.timeout.ms": 2000,
        "heartbeat.interval.ms": 300,
    }


def frozen(group: ScenarioGroup) -> None:
    """A process is frozen until another member has its partitions, and for a moment more.

    Then it continues.
    """
    with group.unharmed(), ExitStack() as stack:
        for scenario in group.scenarios:
            scenario.hits["frozen"].append(
                wait_for(scenario.stream.behind, SECONDS, "records in flight")
            )
            stack.enter_context(group.rng.choice(scenario.processors).frozen())
        for scenario in group.scenarios:
            scenario.stream.members(scenario.alive - 1)
        group.await_output()
        group.let_records_pass()


# ---- of brokers and the network


def a_broker_killed(group: ScenarioGroup) -> None:
    """One of three, back after 10 s."""
    node = group.rng.choice(group.kafka.nodes)
    with group.unharmed():
        group.inject("one broker of three killed", lambda: group.kafka.kill(node))
        let_pass(10)
        group.kafka.restore()


def each_broker_killed(group: ScenarioGroup) -> None:
    """One after the other."""
    for node in group.rng.sample(group.kafka.nodes, 3):
        with group.unharmed():
            group.inject("one broker of three killed", lambda node=node: group.kafka.kill(node))  # type: ignore[misc]  # bound per node
            let_pass(4)
            group.kafka.restore()
        group.let_records_pass()


def all_brokers_killed(group: ScenarioGroup) -> None:
    """At once, and back after 10 s."""
    with group.unharmed():
        group.inject("all brokers killed", group.kafka.kill_all)
        let_pass(10)
        group.kafka.restore()


def coordinator_moved(group: ScenarioGroup) -> None:
    """The coordinators of groups and transactions move away from a dying node, and back."""
    node = group.scenarios[0].stream.topics.group(group.scenarios[0].stream.group).coordinator.id
    with group.unharmed():
        group.inject("coordinator killed", lambda: group.kafka.kill(node))
        let_pass(3)
        group.kafka.restore()
    group.let_records_pass()
    with group.unharmed():
        group.inject("coordinator moved back", group.kafka.prefer_leaders)


def network_cut(group: ScenarioGroup) -> None:
    """Silent for 4 s, which is past the session, then refused for 3 s."""
    with group.unharmed(), ExitStack() as stack:
        group.inject("network silent", lambda: stack.enter_context(group.kafka.silent()))
        let_pass(4)
    group.let_records_pass()
    with group.unharmed(), ExitStack() as stack:
        group.inject("network cut", lambda: stack.enter_context(group.kafka.cut()))
        let_pass(3)


def transaction_outlived(group: ScenarioGroup) -> None:
    """No broker for longer than a transaction lives."""
    with group.unharmed(), ExitStack() as stack:
        group.inject(
            "network cut, longer than a transaction", lambda: stack.enter_context(group.kafka.cut())
        )
        let_pass(TRANSACTION + 5)


def writes_refused(group: ScenarioGroup) -> None:
    """The output topics ask for all of their replicas, and one is away.

    Nothing is taken for three seconds.
    """
    node = group.rng.choice(group.kafka.nodes)
    with group.unharmed():
        _in_sync_replicas(group, 3)
        group.inject("writes refused", lambda: group.kafka.kill(node))
        wait_for(lambda: _nothing_arrives(group, 3), SECONDS, "writes refused")
        _in_sync_replicas(group, 2)
        group.kafka.restore()


def _nothing_arrives(group: ScenarioGroup, seconds: float) -> bool:
    arrived = [scenario.verifier.arrived for scenario in group.scenarios]
    let_pass(seconds)
    return [scenario.verifier.arrived for scenario in group.scenarios] == arrived


def _in_sync_replicas(group: ScenarioGroup, number: int) -> None:
    for scenario in group.scenarios:
        scenario.stream.topics.configure(scenario.stream.target, min_insync_replicas=f"{number}")


class Fault(NamedTuple):
    """What hits a group of scenarios, and the settings of its processors."""

    inject: Callable[[ScenarioGroup], None]
    settings: Settings = {}  # noqa: RUF012 - never changed
    # The processors go through the proxies, which take time of the processors' own.
    of_network: bool = False
    of_brokers: bool = False  # needs three of them


FAULTS = {
    "kill -9": Fault(killed),
    "SIGTERM": Fault(stopped),
    "scaled 2-3-1": Fault(scaled, SHORT_LIVED),
    "a rebalance every second": Fault(rebalanced),
    # Its transaction has to be given up before others go on.
    "frozen past its session": Fault(frozen, SHORT_LIVED),
    "network cut": Fault(network_cut, of_network=True),
    "no broker, longer than a transaction": Fault(
        transaction_outlived, SHORT_LIVED, of_network=True
    ),
    "a broker killed for 10 s": Fault(a_broker_killed, of_brokers=True),
    "each of three brokers killed": Fault(each_broker_killed, of_brokers=True),
    "all brokers killed for 10 s": Fault(all_brokers_killed, of_brokers=True),
    "coordinator moved": Fault(coordinator_moved, of_brokers=True),
    "writes refused": Fault(writes_refused, of_brokers=True),
}
