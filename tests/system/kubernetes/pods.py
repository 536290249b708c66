"""Every restart of every pod, however short a pod's life is."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support import children
from tests.system.kubernetes.cluster import Cluster

COLUMNS = {
    "UID": ".metadata.uid",
    "NAME": ".metadata.name",
    "RESTARTS": ".status.containerStatuses[0].restartCount",
    "LAST": ".status.containerStatuses[0].lastState.terminated.exitCode",
}


class Restart(NamedTuple):
    """A container that Kubernetes started again."""

    uid: str
    pod: str
    number: int  # counts from 1 in each pod
    code: str  # the exit code of the container before


class Pods:
    """What `kubectl get pods --watch` has written: a line for each change of a pod."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def restarts(self, stream: str) -> list[Restart]:
        """The restarts of pods whose name begins with `stream`."""
        seen: dict[tuple[str, int], Restart] = {}
        for line in self._output.read_text().splitlines():
            fields = line.split()
            if (
                len(fields) == len(COLUMNS)
                and fields[2].isdigit()
                and fields[1].startswith(stream)
                and int(fields[2])
            ):
                number = int(fields[2])
                seen[fields[0], number] = Restart(fields[0], fields[1], number, fields[3])
        return list(seen.values())

    def keep_logs(self, cluster: Cluster) -> None:
        """Keep the last log of each container that was started again, beside the list of pods.

        The logs are gone with the pod.
        """
        for restart in self.restarts(""):
            kept = self._output.with_name(f"{restart.pod}-{restart.number}.log")
            if not kept.exists():
                try:
                    text = cluster.kubectl("logs", "--previous", restart.pod)
                except RuntimeError as error:  # the pod is gone
                    text = str(error)
                kept.write_text(text)

    def keep_present_logs(self, cluster: Cluster, streams: Sequence[str]) -> None:
        """Keep the logs of the pods that there are now, beside the list of pods.

        Args:
            cluster: The cluster with the pods.
            streams: How the names of the pods begin.
        """
        for name in cluster.kubectl("get", "pods", "-o", "name").split():
            pod = name.removeprefix("pod/")
            if pod.startswith(tuple(streams)):
                text = cluster.kubectl("logs", "--timestamps", pod)
                self._output.with_name(f"{pod}-at-failure.log").write_text(text)


def unexplained(restarts: Sequence[Restart], killed: AbstractSet[str]) -> list[Restart]:
    """The restarts that no fault caused: a killed container is started again once.

    Args:
        restarts: All restarts.
        killed: The uids of pods whose container was killed.
    """
    return [each for each in restarts if each.number > (each.uid in killed)]


@contextmanager
def watched(cluster: Cluster, folder: Path) -> Iterator[Pods]:
    """Watch all pods while the context lasts.

    Raises:
        AssertionError: The watch ended before the context, so that a restart may not have been
            seen.
    """
    output = folder / "pods.txt"
    columns = ",".join(f"{name}:{path}" for name, path in COLUMNS.items())
    command = [
        "kubectl",
        "get",
        "pods",
        "--watch",
        "--no-headers",
        "-o",
        f"custom-columns={columns}",
    ]
    child = children.start(command, output, env=cluster.kubectl_env)
    try:
        yield Pods(output)
        assert child.poll() is None, f"the watch of pods ended: {output.read_text()[-500:]}"
    finally:
        children.end(child)
