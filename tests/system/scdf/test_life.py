"""The life of streams on a real Data Flow under numbered records: no step loses one."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.support.load.records import read
from tests.support.waiting import wait_for
from tests.system.scdf.life import APP, PARTITIONS, RATE, SECONDS, Life

pytestmark = pytest.mark.long  # some minutes

GUARANTEES = pytest.mark.parametrize("guarantee", ["at least once", "exactly once"])
MIN_PARTITIONS = f"app.{APP}.spring.cloud.stream.kafka.binder.min-partition-count"


def promised(guarantee: str, name: str, *labels: str) -> dict[str, str]:
    """The properties that make the processors of these labels give the guarantee."""
    prefix = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"
    return (
        {f"app.{label}.{prefix}": f"{name}-{label}-" for label in labels}
        if guarantee == "exactly once"
        else {}
    )


@pytest.fixture
def life(rig: Any) -> Iterator[Life]:
    made = Life(rig, f"life-{uuid.uuid4().hex[:6]}")  # Data Flow wants short names
    yield made
    made.numbers.finish()
    rig.destroy(made.name)


@GUARANTEES
def test_lifecycle_loses_nothing(
    life: Life, guarantee: str, report_figure: Callable[[str], None]
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

    delivery_count, table = life.count_deliveries()
    report_figure(f"{delivery_count}\n{table}")
    assert delivery_count.nothing_lost, delivery_count
    if guarantee == "exactly once":
        assert delivery_count.doubled == 0, delivery_count
    kinds = Counter((each.value or b"")[:1].isdigit() for each in life.arrived())
    assert min(kinds[True], kinds[False]) >= RATE, "the update and the roll-back took effect"


@GUARANTEES
def test_processor_chain_with_tap(
    life: Life, guarantee: str, report_figure: Callable[[str], None]
) -> None:
    """Two of this processor in one stream, reversing twice.

    A third, in a stream of its own, on the topic between them.
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
        delivery_count, table = life.count_deliveries((name, f"{name}.one"), (tap, f"{name}.one"))
        wait_for(partial(life.decided, tapped), SECONDS, f"every transaction in {tapped} decided")
        at_the_tap = Counter(record.value for record in read(life.bootstrap, tapped))
    finally:
        rig.destroy(tap)
    report_figure(
        f"{delivery_count}; at the tap {len(at_the_tap)} and "
        f"{at_the_tap.total() - len(at_the_tap)} "
        f"doubled\n{table}"
    )
    assert delivery_count.nothing_lost, delivery_count
    assert at_the_tap.keys() == {record.value for record in life.arrived()}
    if guarantee == "exactly once":
        assert delivery_count.doubled == 0, delivery_count
        assert max(at_the_tap.values()) == 1


@GUARANTEES
def test_partitioned_stream(
    life: Life, guarantee: str, report_figure: Callable[[str], None]
) -> None:
    """One processor that places its records by their key, as Java would.

    Two that share the partitions of what it writes.
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
    delivery_count, table = life.count_deliveries((name, f"{name}.one"), by_key=True)
    report_figure(
        f"{delivery_count}; partitions between them at {sorted(between.values())}\n{table}"
    )
    assert delivery_count.nothing_lost, delivery_count
    assert min(between.values()) > 0
    if guarantee == "exactly once":
        assert delivery_count.doubled == 0, delivery_count
