"""A function of the user's own on a real Data Flow: its property, an update, a rollback."""

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.reference.image_label import metadata
from tests.support import children
from tests.support.processor import DATAFLOW
from tests.support.waiting import wait_for
from tests.system.scdf.registry import Registry

APP = "orders-processor"
FUNCTION = "--function=orders:enrich"
LABEL = "org.springframework.cloud.dataflow.spring-configuration-metadata.json"
SECONDS = 120  # for anything Data Flow does in some seconds on an idle machine
ROUTE = """
from python_processor import Record

def by_customer(order: dict, record: Record) -> Record:
    headers = {**record.headers, "total": order["total"]}
    return record.replace(key=order["customer"], headers=headers)
"""


@pytest.fixture
def stream(rig: Any) -> Iterator[str]:
    """The name of a stream around an app of this test's own."""
    rig.register(command=f"{sys.executable} {DATAFLOW}", name=APP)
    name = f"orders-{uuid.uuid4().hex[:6]}"
    yield name
    rig.destroy(name)


def deploy(rig: Any, stream: str, middle: str, sink: str = "log") -> Callable[[object], None]:
    """Deploy a stream and return what posts a JSON value to its http source."""
    port = children.free_port()
    status, _ = rig.deploy(stream, f"http --server.port={port} | {APP} {middle} | {sink}")
    assert status == "deployed", rig.log(stream, APP)

    def post(value: object) -> None:
        url = f"http://127.0.0.1:{port}/"
        assert rig.post(json.dumps(value), content_type="application/json", url=url) == 202

    return post


def await_release(rig: Any, stream: str, number: int) -> None:
    """Wait until this release alone is deployed, and its processor runs."""

    def done() -> bool:
        history = rig.df("GET", f"/streams/deployments/history/{stream}")
        deployed = {
            each["version"]
            for each in history
            if each["info"]["status"]["statusCode"] == "DEPLOYED"
        }
        return deployed == {number} and len(rig.app(stream, APP)) == 1

    wait_for(done, SECONDS, f"release {number} of {stream} alone")


def test_property_is_updated_and_rolled_back(rig: Any, stream: str) -> None:
    post = deploy(rig, stream, f"{FUNCTION} --threshold=5")
    post({"id": 1, "total": 7})
    assert rig.log(stream, "log", grep='"id":1', timeout=SECONDS), rig.log(stream, APP)
    assert f'"source":"{stream}.http"' in rig.log(stream, "log")

    post({"id": 2, "total": 4})
    rig.update(stream, {f"app.{APP}.threshold": "3"})
    await_release(rig, stream, 2)
    post({"id": 3, "total": 4})
    assert rig.log(stream, "log", grep='"id":3', timeout=SECONDS), rig.log(stream, APP)

    rig.rollback(stream, 1)
    await_release(rig, stream, 3)
    post({"id": 4, "total": 4})
    post({"id": 5, "total": 9})
    assert rig.log(stream, "log", grep='"id":5', timeout=SECONDS), rig.log(stream, APP)
    passed = [number for number in range(1, 6) if f'"id":{number}' in rig.log(stream, "log")]
    assert passed == [1, 3, 5]


def test_typed_header_reaches_spring_sink(rig: Any, stream: str, tmp_path: Path) -> None:
    """The sink calculates with the header: a text would be an error there."""
    (tmp_path / "route.py").write_text(ROUTE)
    middle = f"--function=route:by_customer --python-processor.function-path={tmp_path}"
    post = deploy(rig, stream, middle, "log --log.consumer.expression=headers.total*1000+1")
    post({"customer": "ada", "total": 7})
    assert rig.log(stream, "log", grep=": 7001", timeout=SECONDS), rig.log(stream, "log")


def test_app_info_lists_function_options(rig: Any, registry: Registry) -> None:
    registry.make({LABEL: metadata(FUNCTION)})
    rig.register_uri("processor", "orders", f"docker:{registry.host}/orders:1.0")
    options = {each["id"]: each for each in rig.df("GET", "/apps/processor/orders")["options"]}
    assert options["threshold"]["description"] == "Smallest total that passes."
    assert options["threshold"]["defaultValue"] == "3"
    assert "reversestring" not in options
