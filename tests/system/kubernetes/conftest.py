"""The Kubernetes rig with this processor's image, registered with a real Data Flow."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.kubernetes.cluster import REGISTRY, Cluster
from tests.system.kubernetes.dataflow import DataFlow
from tests.system.kubernetes.life import APP
from tests.system.kubernetes.pods import Pods, watched

STOCK = {"source": ("http", "http-source"), "sink": ("log", "log-sink")}


def folder(variable: str, holding: str) -> Path:
    """The folder that an environment variable names; RuntimeError unless it holds that file."""
    named = Path(os.environ.get(variable, ""))
    if not (named / holding).is_file():
        raise RuntimeError(
            f"{variable} must name the folder with {holding}; `make test-kubernetes` says more"
        )
    return named.resolve()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The rig, running; it is stopped in the end unless it ran before."""
    made = Cluster(
        folder("K8S_RIG", "up.sh"),
        folder("K8S_LAB", "bin/kubelet"),
        folder("SCDF_RIG", "scdf_servers.py"),
    )
    cold = made.start()
    yield made
    if cold:
        made.stop()


@pytest.fixture(scope="session")
def image(cluster: Cluster) -> str:
    """The image IMAGE, in the cluster's registry."""
    local = os.environ.get("IMAGE")
    if not local:
        raise RuntimeError(
            "IMAGE must name the processor's image; `make image` builds it, `make "
            "test-kubernetes` sets IMAGE"
        )
    return cluster.push(local, APP)


@pytest.fixture(scope="session")
def dataflow(image: str) -> DataFlow:
    """Data Flow, with the apps registered."""
    made = DataFlow()
    made.register("processor", APP, image)
    for kind, (name, stock) in STOCK.items():
        made.register(kind, name, f"{REGISTRY}/{stock}:5.1.1")
    return made


@pytest.fixture
def pods(cluster: Cluster, tmp_path: Path) -> Iterator[Pods]:
    """The restarts of this test."""
    with watched(cluster, tmp_path) as watching:
        yield watching
