"""A real Kubernetes with its broker, as the rig's scripts start it."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.brokers.java import LIBS
from tests.support.brokers.kafka import brokers_seen
from tests.support.waiting import let_pass, wait_for

BROKER = "10.77.0.1:19092"  # the host's address on the bridge: pods reach it
REGISTRY = "10.77.0.1:5000"
DATAFLOW = ("127.0.0.1", 29371)
SCRIPT_S = 300  # the longest of the rig's scripts takes 30 s on an idle machine
BROKER_S = 60


class Cluster:
    """The rig in the folder K8S_RIG, with its binaries, images and state in the folder K8S_LAB."""

    def __init__(self, rig: Path, lab: Path, scdf_rig: Path) -> None:
        self._rig, self._lab = rig, lab
        state = {"K8S_LAB": str(lab), "SCDF_RIG": str(scdf_rig), "KAFKA_LIBS": str(LIBS.resolve())}
        self._env = os.environ | state
        kubectl = {
            "KUBECONFIG": str(lab / "run" / "admin.kubeconfig"),
            "PATH": f"{lab / 'bin'}:{os.environ['PATH']}",
        }
        self.kubectl_env = self._env | kubectl

    def start(self) -> bool:
        """Start what does not run yet: the node, the broker, Skipper and Data Flow.

        Returns:
            Whether the node had to be started, so that whoever called this stops the rig in the
            end.
        """
        cold = not self._answers()
        self._run("up.sh")
        if not brokers_seen(BROKER):
            self._run("kafka.sh", "start")
            self._await_broker()
        if not _listens(*DATAFLOW):
            self._run("account.sh")
            self._run("scdf.py", "up")
        return cold

    def stop(self) -> None:
        """Stop everything that `start` starts; binaries and images stay."""
        self._run("scdf.py", "down")
        self._run("kafka.sh", "stop")
        self._run("down.sh")

    def push(self, image: str, name: str) -> str:
        """Push an image of podman's into the cluster's registry, with its id as the tag: a node
        does not pull a tag that it has.

        Returns:
            The name by which pods and Data Flow know the image.
        """
        certificates = self._lab / "certs"
        certificates.mkdir(exist_ok=True)
        (certificates / "ca.crt").write_bytes((self._lab / "run" / "pki" / "ca.crt").read_bytes())
        inspect = ["podman", "image", "inspect", "--format", "{{.Id}}", image]
        tag = subprocess.run(
            inspect, check=True, capture_output=True, text=True, timeout=SCRIPT_S
        ).stdout[:12]
        pushed = f"{REGISTRY}/{name}:{tag}"
        command = ["podman", "push", "--cert-dir", str(certificates), image, pushed]
        subprocess.run(command, check=True, capture_output=True, timeout=SCRIPT_S)
        return pushed

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """Call kubectl, with `given` as its input; CalledProcessError with what kubectl wrote when
        it fails.
        """
        done = subprocess.run(
            ["kubectl", *arguments],
            env=self.kubectl_env,
            input=given,
            capture_output=True,
            text=True,
            timeout=SCRIPT_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def apply(self, documents: list[Any]) -> None:
        """Apply manifests."""
        self.kubectl(
            "apply",
            "-f",
            "-",
            given=json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}),
        )

    def pods(self, selector: str) -> list[Any]:
        """The pods with these labels, the oldest first, also those that are ending."""
        found = json.loads(self.kubectl("get", "pods", "-l", selector, "-o", "json"))["items"]
        return sorted(
            found, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"])
        )

    def kill(self, pod: Any) -> None:
        """Kill (SIGKILL) the process of a pod's only container, from the node: inside the container
        signals to process 1 are ignored.
        """
        container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix(
            "containerd://"
        )
        ctr = ["ctr", "-a", str(self._lab / "run" / "containerd.sock"), "-n", "k8s.io"]
        subprocess.run(
            [*ctr, "tasks", "kill", "-s", "SIGKILL", container],
            check=True,
            capture_output=True,
            timeout=SCRIPT_S,
        )

    def take_broker_away(self, seconds: float) -> float:
        """Kill the broker, start it again when `seconds` have passed, wait until it answers.

        Returns:
            The seconds in which the broker did not answer; a broker that was killed comes back some
            10 s after its start.
        """
        began = time.monotonic()
        self._run("kafka.sh", "kill")
        let_pass(seconds)
        self._run("kafka.sh", "start")
        self._await_broker()
        return time.monotonic() - began

    def _await_broker(self) -> None:
        wait_for(lambda: brokers_seen(BROKER), BROKER_S, "the broker answers")

    def _answers(self) -> bool:
        try:
            return self.kubectl("get", "--raw", "/readyz") == "ok"
        except (RuntimeError, OSError):
            return False

    def _run(self, script: str, *arguments: str) -> None:
        log = self._lab / "log" / "tests.log"
        log.parent.mkdir(exist_ok=True)
        interpreter = ["python3"] if script.endswith(".py") else ["bash"]
        # A pipe would stay open as long as the servers that a script starts.
        with log.open("ab") as out:
            command = [*interpreter, str(self._rig / script), *arguments]
            done = subprocess.run(
                command, env=self._env, stdout=out, stderr=out, timeout=SCRIPT_S, check=False
            )
        if done.returncode:
            raise RuntimeError(
                f"{script} {' '.join(arguments)} of the Kubernetes rig ended with "
                f"{done.returncode}, see {log}"
            )


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
