"""Streams of each kind survive all that Data Flow, Kubernetes and a broker do to them."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.system.kubernetes.cluster import Cluster
from tests.system.kubernetes.dataflow import DataFlow
from tests.system.kubernetes.flow import Step, arriving, table
from tests.system.kubernetes.flow import step as timed_step
from tests.system.kubernetes.life import KINDS, Life
from tests.system.kubernetes.pods import Pods, unexplained

AT_LEAST = int(os.environ.get("RECORDS", "0"))  # records of each stream, if the steps take fewer
WANTED = [kind for kind in KINDS if kind.name in os.environ.get("KINDS", kind.name).split()]
# To measure them.
FURTHER = dict(each.split("=", 1) for each in os.environ.get("PROPERTIES", "").split())
OUTAGES_S = (20, 100)  # within the session of a member (45 s), and beyond it


@pytest.mark.parametrize("guarantee", ["at least once", "exactly once"])
def test_no_lifecycle_step_loses_record(
    cluster: Cluster,
    dataflow: DataFlow,
    pods: Pods,
    guarantee: str,
    report_figure: Callable[[str], None],
) -> None:
    """The streams go side by side, so that they share the outages."""
    tag = uuid.uuid4().hex[:4]
    lives = []
    for kind in WANTED:
        name = f"{kind.name}-{tag}"
        properties = FURTHER | (kind.promised(name) if guarantee == "exactly once" else {})
        lives.append(Life(cluster, dataflow, kind, name, properties))
    try:
        with arriving(lives):
            _live(cluster, pods, lives)
            results = [(life, *life.finish(life.name, AT_LEAST)) for life in lives]
    except Exception:
        pods.keep_present_logs(cluster, [life.name for life in lives])
        raise
    finally:
        _each(lives, Life.destroy)

    for life, delivery_count, rows in results:
        report_figure(
            f"{life.kind.name}: {delivery_count}; restarts {pods.restarts(life.name)}\n"
            f"{table(life, rows)}"
        )
    for life, delivery_count, _ in results:
        assert delivery_count.nothing_lost, f"{life.kind.name}: {delivery_count}"
        assert unexplained(pods.restarts(life.name), life.killed) == [], life.kind.name
        if guarantee == "exactly once":
            assert delivery_count.doubled == 0, f"{life.kind.name}: {delivery_count}"


def _live(cluster: Cluster, pods: Pods, lives: list[Life]) -> None:
    @contextmanager
    def step(lives: list[Life], name: str) -> Iterator[list[Step]]:
        with timed_step(lives, name) as steps:
            yield steps
        pods.keep_logs(cluster)

    with step(lives, "deploy"):
        _each(lives, Life.create, Life.deploy, Life.await_deployed)
    if scaled := [life for life in lives if life.kind.replicas == 1]:
        with step(scaled, "scale to 3"):
            _each(scaled, lambda life: life.scale(3), lambda life: life.await_members(more=2))
        with step(scaled, "scale to 1"):
            _each(scaled, lambda life: life.scale(1), Life.await_scaled_down)
    with step(lives, "update"):
        _each(lives, Life.update, lambda life: life.await_release(2))
    with step(lives, "roll back"):
        _each(lives, Life.roll_back, lambda life: life.await_release(3))
    with step(lives, "kill -9"):
        _each(lives, Life.kill)
    with step(lives, "force delete"):
        _each(lives, Life.force_delete)
    for seconds in OUTAGES_S:
        with step(lives, f"no broker for {seconds} s") as steps:
            away = cluster.take_broker_away(seconds)
            for each in steps:
                each.away = away
    with step(lives, "undeploy, deploy again"):
        _each(lives, Life.undeploy, Life.await_undeployed, Life.deploy, Life.await_deployed)


def _each(lives: list[Life], *actions: Callable[[Life], None]) -> None:
    """Do the first action to all streams, then the next one.

    Data Flow works on the streams side by side.
    """
    for action in actions:
        for life in lives:
            action(life)
