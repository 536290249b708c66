"""Pods of Kubernetes without a cluster."""

import uuid
from collections.abc import Mapping
from pathlib import Path

from tests.support.processor import Processor
from tests.support.stream import Stream

CLASSIC = ("range", "cooperative-sticky")
CLIENT = "spring.cloud.stream.kafka.binder.consumer-properties"
LONG_SESSION = {f"{CLIENT}.session.timeout.ms": "600000"}  # nothing here waits as long
CLUSTER = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def pod(name: str = "") -> dict[str, str]:
    """The environment of a new pod's containers, restarted ones too.

    One of a Deployment has a name of its own.
    """
    uid = str(uuid.uuid4())
    return CLUSTER | {
        "HOSTNAME": name or f"processor-v1-{uid[:5]}",
        "SPRING_CLOUD_APPLICATION_GUID": uid,
    }


def config_map(folder: Path, texts: Mapping[str, str]) -> Path:
    """A folder of files as the kubelet lays a ConfigMap out.

    Each name is a link into a folder that it can change at once.
    """
    data = folder / "..2026_11_25"
    data.mkdir(parents=True)
    (folder / "..data").symlink_to(data.name)
    for name, text in texts.items():
        (data / name).write_text(text)
        (folder / name).symlink_to(f"..data/{name}")
    return folder


def processor_in(stream: Stream, environ: dict[str, str], settings: dict[str, str]) -> Processor:
    return stream.processor(
        {"spring.cloud.application.guid": "${SPRING_CLOUD_APPLICATION_GUID}"} | settings,
        environ=environ,
    )


class Kubelet:
    """Starts a container again as soon as it ends, as often as that happens."""

    def __init__(self, *processors: Processor) -> None:
        self._processors = processors
        self.exit_codes: list[int] = []

    def restart_ended(self) -> None:
        for each in self._processors:
            if each.child.poll() is not None:
                self.exit_codes.append(each.exit_code())
                each.start()
