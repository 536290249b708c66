"""deploy/kubernetes as it stands, with two replicas and exactly once."""

from collections.abc import Callable
from typing import Any

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.processor import REPOSITORY
from tests.support.waiting import wait_for
from tests.system.kubernetes.cluster import BROKER, Cluster
from tests.system.kubernetes.flow import RATE, Flow, arriving, step, table
from tests.system.kubernetes.pods import Pods

NEWER = {"PodDisruptionBudget"}  # the rig's Kubernetes 1.20 has v1beta1 only
BINDINGS = "SPRING_CLOUD_STREAM_BINDINGS"
BINDER = "SPRING_CLOUD_STREAM_KAFKA_BINDER"
REPLICAS = 2
RESTARTS = 3
STEP_S = 120


def manifests(image: str) -> dict[str, Any]:
    """By kind, what `kubectl apply -f deploy/kubernetes` takes, for this cluster and image."""
    files = sorted((REPOSITORY / "deploy" / "kubernetes").glob("*.yaml"))
    documents = [document for file in files for document in yaml.safe_load_all(file.read_text())]
    found = {document["kind"]: document for document in documents if document["kind"] not in NEWER}
    egress = found["NetworkPolicy"]["spec"]["egress"]
    egress.append({"ports": [{"protocol": "TCP", "port": int(BROKER.rpartition(":")[2])}]})
    found["Deployment"]["spec"]["replicas"] = REPLICAS
    found["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] = image
    found["ConfigMap"]["data"] |= {
        f"{BINDER}_BROKERS": BROKER,
        f"{BINDER}_TRANSACTION_TRANSACTIONIDPREFIX": "manifests-",
    }
    return found


def test_rollout_restart_loses_nothing(
    cluster: Cluster, image: str, pods: Pods, report_figure: Callable[[str], None]
) -> None:
    documents = manifests(image)
    settings, name = documents["ConfigMap"]["data"], documents["Deployment"]["metadata"]["name"]
    group = settings[f"{BINDINGS}_INPUT_GROUP"]
    source, target = (settings[f"{BINDINGS}_{end}_DESTINATION"] for end in ("INPUT", "OUTPUT"))
    flow = Flow(source, target, int(settings[f"{BINDER}_MINPARTITIONCOUNT"]))
    try:
        with arriving([flow]):
            with step([flow], "apply"):
                cluster.apply(list(documents.values()))
                _await_rollout(cluster, name)
                wait_for(
                    lambda: flow.topics.settled(group, REPLICAS),
                    STEP_S,
                    "both replicas with partitions",
                )
            for number in range(RESTARTS):
                with step([flow], f"rollout restart {number + 1}"):
                    cluster.kubectl("rollout", "restart", f"deployment/{name}")
                    _await_rollout(cluster, name)
                    wait_for(
                        lambda: flow.topics.settled(group, REPLICAS),
                        STEP_S,
                        "both replicas with partitions",
                    )
                    flow.numbers.advance(10 * RATE)
            delivery_count, rows = flow.finish(group, 0)
    finally:
        for kind in documents:
            cluster.kubectl(
                "delete",
                kind,
                documents[kind]["metadata"]["name"],
                "--ignore-not-found",
                "--timeout=60s",
            )
        flow.topics.delete(source, target)

    report_figure(f"{delivery_count}; restarts {pods.restarts(name)}\n{table(flow, rows)}")
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0, delivery_count
    assert pods.restarts(name) == []


def _await_rollout(cluster: Cluster, name: str) -> None:
    cluster.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={STEP_S}s")
