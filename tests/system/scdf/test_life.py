"""The life of streams on a real Data Flow, while numbered records flow from the first step to the
last: nothing is lost in any.
"""

import time
import uuid
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from confluent_kafka import IsolationLevel

from tests.support.brokers.topics import Topics
from tests.support.load.load_generator import LoadGenerator
from tests.support.load.records import Record, read
from tests.support.verify.ledger import Count, count
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long  # some minutes

APP = "python-processor"
PARTITIONS = 4
RATE = 500
SECONDS = 120  # for anything Data Flow does in some seconds on an idle machine
GUARANTEES = pytest.mark.parametrize("guarantee", ["at least once", "exactly once"])
MIN_PARTITIONS = f"app.{APP}.spring.cloud.stream.kafka.binder.min-partition-count"


class Step(NamedTuple):
    name: str
    seconds: float
    first: int  # the number that was the next when it began
    together: int  # most members the group was seen to have


def promised(guarantee: str, name: str, *labels: str) -> dict[str, str]:
    """The properties that make the processors of these labels give the guarantee."""
    prefix = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"
    return (
        {f"app.{label}.{prefix}": f"{name}-{label}-" for label in labels}
        if guarantee == "exactly once"
        else {}
    )


def put_right(arrival: Record) -> Record:
    """As it was sent, whether the processor that it came through reversed it or not: what is sent
    begins with digits.
    """
    value = arrival.value or b""
    return arrival if value[:1].isdigit() else arrival._replace(value=value.decode()[::-1].encode())


class Life:
    """A stream between two named destinations, each step of its life timed and its records
    counted.
    """

    def __init__(self, rig: Any, name: str) -> None:
        self.rig, self.name = rig, name
        self.topics = Topics(f"127.0.0.1:{rig.state['ports']['kafka']}")
        self.source, self.target = f"{name}-in", f"{name}-out"
        for topic in (self.source, self.target):
            self.topics.create(topic, PARTITIONS)
        self.numbers = LoadGenerator(self.bootstrap, self.source, PARTITIONS, RATE)
        self._steps: list[Step] = []
        self._together = 0

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.rig.state['ports']['kafka']}"

    @contextmanager
    def step(self, name: str, members: int = 1) -> Iterator[None]:
        """It is done when what is within is, so many processors share the partitions, and a
        second's records have come since.
        """
        began, first, self._together = time.monotonic(), self.numbers.delivered, 0
        yield
        wait_for(lambda: self._members() == members, SECONDS, f"{name}: {members} members")
        if members:
            wait_for(
                lambda: self.topics.settled(self.name, members),
                SECONDS,
                f"{name}: {members} members with partitions",
            )
        self.numbers.advance(RATE)
        self._steps.append(Step(name, time.monotonic() - began, first, self._together))

    def _members(self) -> int:
        number = len(self.topics.group(self.name).members)
        self._together = max(self._together, number)
        return number

    def deploy(self, *arguments: Any) -> None:
        status, _ = self.rig.deploy(self.name, *arguments)
        assert status == "deployed", self.rig.log(self.name, APP)

    def releases(self) -> list[str]:
        """What has become of each release, the newest first: DEPLOYED, FAILED, DELETED."""
        history = self.rig.df("GET", f"/streams/deployments/history/{self.name}")
        return [
            each["info"]["status"]["statusCode"]
            for each in sorted(history, key=lambda each: -each["version"])
        ]

    def await_release(self, number: int, became: str) -> None:
        """Wait until Skipper is done with the release of this number: it became that, and one
        release is deployed.
        """

        def done() -> bool:
            self._members()  # of both versions, while they overlap
            found = self.releases()
            return len(found) == number and found[0] == became and found.count("DEPLOYED") == 1

        wait_for(done, SECONDS, f"release {number} {became}")

    def decided(self, topic: str) -> bool:
        """No transaction is open in the topic: a reader sees all of it. Offsets may be committed
        before that, by the same transaction.
        """
        return self.topics.ends(topic, IsolationLevel.READ_COMMITTED) == self.topics.ends(topic)

    def read_up(self, group: str, topic: str) -> None:
        """Wait until the group has committed the last record of each partition; behind that there
        may be the marker of a transaction.
        """
        wait_for(partial(self.decided, topic), SECONDS, f"every transaction in {topic} decided")
        after_the_last = {
            record.partition: record.offset + 1 for record in read(self.bootstrap, topic)
        }
        wait_for(
            lambda: self.topics.behind(group, topic, after_the_last) == 0,
            SECONDS,
            f"{topic} read by {group}",
        )

    def behind(self) -> int:
        return self.topics.behind(self.name, self.source)

    def arrived(self) -> list[Record]:
        return read(self.bootstrap, self.target)

    def books(self, *further: tuple[str, str], by_key: bool = False) -> tuple[Count, str]:
        """Let the flow end and everything arrive, also by `further` groups at their topics; the
        books, and a line for each step.

        `by_key`: a topic on the way is partitioned anew, so that there is an order of each key and
        none of each input partition.
        """
        sent = self.numbers.finish()
        for group, topic in ((self.name, self.source), *further):
            self.read_up(group, topic)
        wait_for(
            partial(self.decided, self.target),
            SECONDS,
            f"every transaction in {self.target} decided",
        )
        arrived = [put_right(each) for each in self.arrived()]
        begins = [step.first for step in self._steps]
        where = {record.value: bisect(begins, number) - 1 for number, record in enumerate(sent)}
        times = Counter(each.value for each in arrived)
        lines = [
            (
                f"{'step':28} {'seconds':>8} {'members':>8} {'records in':>11} {'lost':>5} "
                f"{'doubled':>8}"
            )
        ]
        for number, step in enumerate(self._steps):
            of_step = [times[value] for value, at in where.items() if at == number]
            doubled = sum(times - 1 for times in of_step if times)
            lines.append(
                f"{step.name:28} {step.seconds:8.1f} {step.together:8} {len(of_step):11} "
                f"{of_step.count(0):5} {doubled:8}"
            )
        keys = sorted({record.key or b"" for record in sent})
        compared = (
            [record._replace(partition=keys.index(record.key or b"")) for record in sent]
            if by_key
            else sent
        )
        return count(compared, arrived, become=lambda value: value), "\n".join(lines)


@pytest.fixture
def life(rig: Any) -> Iterator[Life]:
    made = Life(rig, f"life-{uuid.uuid4().hex[:6]}")  # Data Flow wants short names
    yield made
    made.numbers.finish()
    rig.destroy(made.name)


@GUARANTEES
def test_nothing_is_lost_from_the_first_deployment_to_the_last(
    life: Life, guarantee: str, tell: Callable[[str], None]
) -> None:
    rig, name = life.rig, life.name
    app = rig.df("GET", f"/apps/processor/{APP}")
    rig.df("DELETE", f"/apps/processor/{APP}/{app['version']}")
    with life.step("register", members=0):
        rig.register_uri("processor", APP, app["uri"], app["version"])
    with life.step("deploy"):
        life.deploy(
            f":{life.source} > {APP} --reversestring=true > :{life.target}",
            promised(guarantee, name, APP),
        )
    with life.step("scale up to 3", members=3):
        rig.scale(name, APP, 3)
    with life.step("scale down to 1"):
        rig.scale(name, APP, 1)
    with life.step("pause, resume by the proxy"):
        rig.actuator(name, APP, "bindings/input", post={"state": "PAUSED"})
        wait_for(
            lambda: rig.actuator(name, APP, "bindings/input")[0]["state"] == "paused",
            SECONDS,
            "the input paused",
        )
        life.numbers.advance(2 * RATE)
        assert life.behind() >= RATE
        rig.actuator(name, APP, "bindings/input", post={"state": "RESUMED"})
        wait_for(lambda: life.behind() < RATE, SECONDS, "the paused records processed")
    with life.step("update a property"):
        rig.update(name, {f"app.{APP}.reversestring": "false"})
        life.await_release(2, "DEPLOYED")
    with life.step("roll back"):
        rig.rollback(name, 1)
        life.await_release(3, "DEPLOYED")
    with life.step("an update that fails"):
        rig.update(name, {MIN_PARTITIONS: "many"})
        wait_for(lambda: rig.status(name) == "failed", SECONDS, "the failure seen")
        # Data Flow's word; the old one runs.
        wait_for(lambda: rig.status(name) == "undeployed", SECONDS, "the new version given up")
    with life.step("undeploy under load", members=0):
        rig.undeploy(name)
    with life.step("deploy again"):
        life.deploy(None, {MIN_PARTITIONS: "1"})  # Data Flow kept the failed one

    books, table = life.books()
    tell(f"{books}\n{table}")
    assert books.nothing_lost, books
    if guarantee == "exactly once":
        assert books.doubled == 0, books
    kinds = Counter((each.value or b"")[:1].isdigit() for each in life.arrived())
    assert min(kinds[True], kinds[False]) >= RATE, "the update and the roll-back took effect"


@GUARANTEES
def test_a_chain_of_processors_and_a_tap_on_it(
    life: Life, guarantee: str, tell: Callable[[str], None]
) -> None:
    """Two of this processor in one stream, reversing twice; a third, in a stream of its own, on the
    topic between them.
    """
    rig, name = life.rig, life.name
    tap, tapped = f"{name}-tap", f"{name}-tapped"
    life.topics.create(tapped, PARTITIONS)
    chain = (
        f":{life.source} > one: {APP} --reversestring=true | two: {APP} --reversestring=true "
        f"> :{life.target}"
    )
    try:
        with life.step("deploy two in a row", members=2):
            life.deploy(chain, promised(guarantee, name, "one", "two"))
        with life.step("tap between them", members=2):
            status, _ = rig.deploy(
                tap,
                f":{name}.one > {APP} --reversestring=true > :{tapped}",
                promised(guarantee, tap, APP),
            )
            assert status == "deployed"
            wait_for(lambda: life.topics.settled(tap, 1), SECONDS, "the tap reading")
        with life.step("undeploy under load", members=0):
            rig.undeploy(name)
        with life.step("deploy again", members=2):
            life.deploy(None)
        books, table = life.books((name, f"{name}.one"), (tap, f"{name}.one"))
        wait_for(partial(life.decided, tapped), SECONDS, f"every transaction in {tapped} decided")
        at_the_tap = Counter(record.value for record in read(life.bootstrap, tapped))
    finally:
        rig.destroy(tap)
    tell(
        f"{books}; at the tap {len(at_the_tap)} and {at_the_tap.total() - len(at_the_tap)} "
        f"doubled\n{table}"
    )
    assert books.nothing_lost, books
    assert at_the_tap.keys() == {record.value for record in life.arrived()}
    if guarantee == "exactly once":
        assert books.doubled == 0, books
        assert max(at_the_tap.values()) == 1


@GUARANTEES
def test_a_partitioned_stream(life: Life, guarantee: str, tell: Callable[[str], None]) -> None:
    """One processor that places its records by their key, as Java would; two that share the
    partitions of what it writes.
    """
    rig, name = life.rig, life.name
    properties = promised(guarantee, name, "one", "two") | {
        "app.one.producer.partitionKeyExpression": "headers['kafka_receivedMessageKey']",
        "deployer.two.count": "2",
    }
    stream = (
        f":{life.source} > one: {APP} --reversestring=true | two: {APP} --reversestring=true "
        f"> :{life.target}"
    )
    with life.step("deploy partitioned", members=3):
        life.deploy(stream, properties)
    with life.step("undeploy under load", members=0):
        rig.undeploy(name)
    with life.step("deploy again", members=3):
        life.deploy(None, properties)  # Data Flow has kept them, but for the count
    between = life.topics.ends(f"{name}.one")
    books, table = life.books((name, f"{name}.one"), by_key=True)
    tell(f"{books}; partitions between them at {sorted(between.values())}\n{table}")
    assert books.nothing_lost, books
    assert min(between.values()) > 0
    if guarantee == "exactly once":
        assert books.doubled == 0, books
