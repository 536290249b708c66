"""The life of streams on Kubernetes under numbered records, from first to last step."""

from typing import Any, NamedTuple

from tests.support.waiting import wait_for
from tests.system.kubernetes.cluster import Cluster
from tests.system.kubernetes.dataflow import DataFlow
from tests.system.kubernetes.flow import STEP_S, Flow

APP = "python-processor"
PREFIX = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"
# Data Flow's defaults are 10 s each: most of a deployment's time.
PROBES = {
    "deployer.*.kubernetes.startupHttpProbeDelay": "2",
    "deployer.*.kubernetes.startupHttpProbePeriod": "1",
}


class Kind(NamedTuple):
    """How Data Flow deploys the processor."""

    name: str
    chain: str  # the stream's apps
    labels: tuple[str, ...]  # of the processors
    faulted: str  # the label of the processor that steps act on
    replicas: int  # of that one
    properties: dict[str, str]

    @property
    def members(self) -> int:
        """Members of the stream's consumer group: every processor of the chain."""
        return len(self.labels) - 1 + self.replicas

    def promised(self, stream: str) -> dict[str, str]:
        """The properties that make every processor deliver exactly once."""
        return {f"app.{label}.{PREFIX}": f"{stream}-{label}-" for label in self.labels}


ALONE = f"{APP} --reversestring=true"
KINDS = (
    Kind("deployment", ALONE, (APP,), APP, 1, {}),
    Kind("indexed", ALONE, (APP,), APP, 1, {f"deployer.{APP}.indexed": "true"}),
    Kind(
        "partitioned",
        f"one: {ALONE} | two: {ALONE}",
        ("one", "two"),
        "two",
        2,
        {
            "app.one.producer.partitionKeyExpression": "headers['kafka_receivedMessageKey']",
            "deployer.two.count": "2",
        },
    ),
)


class Life(Flow):
    """A stream of one kind between two named destinations."""

    def __init__(
        self,
        cluster: Cluster,
        dataflow: DataFlow,
        kind: Kind,
        name: str,
        properties: dict[str, str],
    ) -> None:
        """`properties`: further deployment properties."""
        self.kind, self.name = kind, name
        self._cluster, self._dataflow = cluster, dataflow
        self._properties = PROBES | kind.properties | properties
        super().__init__(f"{name}-in", f"{name}-out")
        self.killed: set[str] = set()  # uids of pods

    def create(self) -> None:
        self._dataflow.create(self.name, f":{self.source} > {self.kind.chain} > :{self.target}")

    def deploy(self) -> None:
        self._dataflow.deploy(self.name, self._properties)

    def await_deployed(self) -> None:
        self._dataflow.await_status(self.name, "deployed")
        self.await_members()

    def scale(self, replicas: int) -> None:
        self._dataflow.scale(self.name, self.kind.faulted, replicas)

    def update(self) -> None:
        self._dataflow.update(self.name, {f"app.{self.kind.faulted}.reversestring": "false"})

    def roll_back(self) -> None:
        self._dataflow.roll_back(self.name, 1)

    def await_release(self, number: int) -> None:
        self._dataflow.await_release(self.name, number)
        self.await_members()

    def undeploy(self) -> None:
        self._dataflow.undeploy(self.name)

    def await_undeployed(self) -> None:
        self._dataflow.await_status(self.name, "undeployed")

    def destroy(self) -> None:
        self._dataflow.destroy(self.name)

    def await_members(self, more: int = 0) -> None:
        """Wait until the processors share the partitions, `more` of them than were deployed."""
        members = self.kind.members + more
        wait_for(
            lambda: self.topics.settled(self.name, members),
            STEP_S,
            f"{members} members of {self.name} with partitions",
        )

    def await_scaled_down(self) -> None:
        """Wait until the pods that are too many have ended.

        Skipper gives an update as many instances as there are pods.
        """
        self.await_members()
        wait_for(
            lambda: len(self._pods()) == self.kind.replicas,
            STEP_S,
            f"{self.kind.replicas} pods of {self.name}",
        )

    def pod(self) -> Any:
        """A running pod of the processor that faults are for."""
        return next(pod for pod in self._pods() if "deletionTimestamp" not in pod["metadata"])

    def _pods(self) -> list[Any]:
        return self._cluster.pods(
            f"spring-group-id={self.name},spring-application-name={self.kind.faulted}"
        )

    def kill(self) -> None:
        pod = self.pod()
        self.killed.add(pod["metadata"]["uid"])
        self._cluster.kill(pod)

    def force_delete(self) -> None:
        self._cluster.kubectl(
            "delete",
            "pod",
            self.pod()["metadata"]["name"],
            "--grace-period=0",
            "--force",
            "--wait=false",
        )
