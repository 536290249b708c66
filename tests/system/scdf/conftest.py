"""The rig: a real Data Flow, and the Java applications that belong to it."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import children
from tests.support.processor import DATAFLOW, REPOSITORY
from tests.system.scdf.registry import Registry, serving

APP = "python-processor"
WORK = REPOSITORY / "scdf-rig-work"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The rig leaves the log files and the processes of its servers to the garbage collector."""
    left = "ignore:Exception ignored in.*(FileIO|Popen):pytest.PytestUnraisableExceptionWarning"
    for item in items:
        item.add_marker(pytest.mark.filterwarnings(left))


@pytest.fixture(scope="session")
def rig_module() -> Any:
    """The rig's Python module."""
    folder = Path(os.environ.get("SCDF_RIG", ""))
    if not (folder / "scdf_rig.py").is_file():
        raise RuntimeError(
            "SCDF_RIG must name the folder of the Data Flow rig (scdf_rig.py); `make test-scdf` "
            "sets it"
        )
    sys.path.insert(0, str(folder))
    return importlib.import_module("scdf_rig")


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A container registry that Data Flow reads labels in."""
    with serving(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def rig(rig_module: Any, registry: Registry) -> Iterator[Any]:
    """Kafka, Skipper and Data Flow, with this processor registered: the container image IMAGE, or a
    plain command where that is unset.
    """
    ports = {
        name: children.free_port()
        for name in ("kafka_port", "controller_port", "skipper_port", "df_port")
    }
    # Data Flow's own properties: the rig has no other way to them.
    known = "-Dspring.cloud.dataflow.container.registry-configurations.tests"
    settings = {
        "registry-host": registry.host,
        "authorization-type": "anonymous",
        "disable-ssl-verification": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "JAVA_TOOL_OPTIONS",
            " ".join(f"{known}.{name}={value}" for name, value in settings.items()),
        )
        made = rig_module.Rig(work=WORK, **ports)
        made.fetch()  # beforehand: the time it gives itself to come up is for the servers
        with made as up:
            if image := os.environ.get("IMAGE"):
                up.register(image=image, name=APP)
            else:
                up.register(command=f"{sys.executable} {DATAFLOW}", name=APP)
            yield up


@pytest.fixture(scope="session")
def transform_processor(rig_module: Any) -> list[str]:
    """The command that starts the stock transform processor; the first time Maven fetches what it
    needs.
    """
    jar = WORK / "apps" / "transform-processor-kafka-5.1.1.jar"
    if not jar.is_file():
        rig_module.Rig(work=WORK).fetch()
    return [
        "java",
        "-Xmx160m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dfile.encoding=UTF-8",
        "-jar",
        str(jar),
    ]
