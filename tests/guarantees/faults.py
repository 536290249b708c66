"""The faults an operator meets. Each hits several streams on one cluster: of processors one stream
after the other, of brokers all at once.

Every fault leaves the cluster whole and the processors running.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from confluent_kafka import Consumer

from tests.guarantees.front import ScenarioGroup
from tests.guarantees.trial import FaultScenario, Settings
from tests.support.brokers.topics import SECONDS, quick
from tests.support.waiting import let_pass, wait_for

BROKER = "spring.cloud.stream.kafka.binder.brokers"
TRANSACTION = 10.0  # seconds a transaction lives where a fault is to outlive it
SHORT_LIVED = {
    "spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": f"{TRANSACTION * 1000:.0f}"  # noqa: E501 - one text
}


# ---- of processors


def killed(front: ScenarioGroup) -> None:
    """A kill -9 at a random moment, also while it starts."""
    for _ in range(3):
        for trial in front.trials:
            victim = front.chance.choice(trial.processors)
            if front.chance.random() < 0.6:
                trial.settle()
            trial.a_moment()
            trial.kill(victim)
            victim.start()
    front.settle()


def stopped(front: ScenarioGroup) -> None:
    """A SIGTERM at a random moment; the exit code is 0."""
    for _ in range(3):
        for trial in front.trials:
            victim = front.chance.choice(trial.processors)
            trial.a_moment()
            trial.terminate(victim)
            victim.start()
    front.settle()


def scaled(front: ScenarioGroup) -> None:
    """From two to three members, then down to one: one is stopped, one killed, and with it its
    transaction stays open.
    """
    for trial in front.trials:
        trial.hits["joined"].append(trial.stream.behind())
        trial.launch()
    front.settle()
    front.a_moment()
    for trial in front.trials:
        trial.terminate(trial.processors[0])
    front.a_moment()
    for trial in front.trials:
        trial.kill(trial.processors[1])
    front.settle()
    front.a_moment()


def rebalanced(front: ScenarioGroup) -> None:
    """A member comes and goes, so that there is a rebalance every second; it commits nothing."""
    with ExitStack() as stack:
        for trial in front.trials:
            stack.enter_context(_guest(trial))
        let_pass(8)
    front.settle()


@contextmanager
def _guest(trial: FaultScenario) -> Iterator[None]:
    settings = quick(trial.stream.kafka.bootstrap) | {
        "group.id": trial.stream.group,
        "enable.auto.commit": False,
    }
    settings |= _of_librdkafka(trial.protocol)
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            guest = Consumer(settings)
            guest.subscribe([trial.stream.source])
            trial.hits["a guest"].append(trial.stream.behind())
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


def frozen(front: ScenarioGroup) -> None:
    """A process stands still until another member has its partitions, and for a moment more; then
    it wakes.
    """
    with front.unharmed(), ExitStack() as stack:
        for trial in front.trials:
            trial.hits["frozen"].append(wait_for(trial.stream.behind, SECONDS, "records in flight"))
            stack.enter_context(front.chance.choice(trial.processors).frozen())
        for trial in front.trials:
            trial.stream.members(trial.alive - 1)
        front.flows()
        front.a_moment()


# ---- of brokers and the network


def a_broker_killed(front: ScenarioGroup) -> None:
    """One of three, back after 10 s."""
    node = front.chance.choice(front.kafka.nodes)
    with front.unharmed():
        front.strike("one broker of three killed", lambda: front.kafka.kill(node))
        let_pass(10)
        front.kafka.restore()


def each_broker_killed(front: ScenarioGroup) -> None:
    """One after the other."""
    for node in front.chance.sample(front.kafka.nodes, 3):
        with front.unharmed():
            front.strike("one broker of three killed", lambda node=node: front.kafka.kill(node))  # type: ignore[misc]  # bound per node
            let_pass(4)
            front.kafka.restore()
        front.a_moment()


def all_brokers_killed(front: ScenarioGroup) -> None:
    """At once, and back after 10 s."""
    with front.unharmed():
        front.strike("all brokers killed", front.kafka.kill_all)
        let_pass(10)
        front.kafka.restore()


def coordinator_moved(front: ScenarioGroup) -> None:
    """The coordinators of groups and transactions move away from a node that dies, and back to it
    without a death.
    """
    node = front.trials[0].stream.topics.group(front.trials[0].stream.group).coordinator.id
    with front.unharmed():
        front.strike("coordinator killed", lambda: front.kafka.kill(node))
        let_pass(3)
        front.kafka.restore()
    front.a_moment()
    with front.unharmed():
        front.strike("coordinator moved back", front.kafka.prefer_leaders)


def network_cut(front: ScenarioGroup) -> None:
    """Silent for 4 s, which is past the session, then refused for 3 s."""
    with front.unharmed(), ExitStack() as stack:
        front.strike("network silent", lambda: stack.enter_context(front.kafka.silent()))
        let_pass(4)
    front.a_moment()
    with front.unharmed(), ExitStack() as stack:
        front.strike("network cut", lambda: stack.enter_context(front.kafka.cut()))
        let_pass(3)


def transaction_outlived(front: ScenarioGroup) -> None:
    """No broker for longer than a transaction lives."""
    with front.unharmed(), ExitStack() as stack:
        front.strike(
            "network cut, longer than a transaction", lambda: stack.enter_context(front.kafka.cut())
        )
        let_pass(TRANSACTION + 5)


def writes_refused(front: ScenarioGroup) -> None:
    """The output topics ask for all of their replicas, and one is away: nothing is taken for three
    seconds.
    """
    node = front.chance.choice(front.kafka.nodes)
    with front.unharmed():
        _in_sync_replicas(front, 3)
        front.strike("writes refused", lambda: front.kafka.kill(node))
        wait_for(lambda: _nothing_arrives(front, 3), SECONDS, "writes refused")
        _in_sync_replicas(front, 2)
        front.kafka.restore()


def _nothing_arrives(front: ScenarioGroup, seconds: float) -> bool:
    arrived = [trial.watch.arrived for trial in front.trials]
    let_pass(seconds)
    return [trial.watch.arrived for trial in front.trials] == arrived


def _in_sync_replicas(front: ScenarioGroup, number: int) -> None:
    for trial in front.trials:
        trial.stream.topics.configure(trial.stream.target, min_insync_replicas=f"{number}")


class Fault(NamedTuple):
    """What is done to a front, and what its processors are told beforehand."""

    strike: Callable[[ScenarioGroup], None]
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
