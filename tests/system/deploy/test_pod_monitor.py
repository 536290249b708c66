"""The PodMonitor of deploy/prometheus finds the pods of the Deployment, and their metrics."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no types
import pytest

from tests.support.processor import REPOSITORY
from tests.system.deploy.manifests import closed, read_all

DEPLOY = REPOSITORY / "deploy"
TEXT = {"type": "string", "minLength": 1}
LABELS = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}
# The fields of the operator's documentation that the manifest uses.
SCHEMA = closed(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "PodMonitor"},
    metadata=closed(("name", "labels"), name=TEXT, labels=LABELS),
    spec=closed(
        ("selector", "podMetricsEndpoints"),
        selector=closed(("matchLabels",), matchLabels=LABELS),
        podMetricsEndpoints={
            "type": "array",
            "minItems": 1,
            "items": closed(("port", "path"), port=TEXT, path=TEXT),
        },
    ),
)


@pytest.fixture
def monitor() -> Any:
    (found,) = read_all(DEPLOY / "prometheus" / "operator" / "pod-monitor.yaml")
    return found


@pytest.fixture
def template() -> Any:
    """The Deployment's pods."""
    (deployment,) = read_all(DEPLOY / "kubernetes" / "deployment.yaml")
    return deployment["spec"]["template"]


def test_operator_knows_every_field(monitor: Any) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(monitor)


def test_monitor_selects_the_pods(monitor: Any, template: Any) -> None:
    wanted = monitor["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= template["metadata"]["labels"].items()


def test_monitor_scrapes_the_actuator(monitor: Any, template: Any) -> None:
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    (container,) = template["spec"]["containers"]
    annotations = template["metadata"]["annotations"]
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    assert ports[endpoint["port"]] == annotations["prometheus.io/port"]
    assert endpoint["path"] == annotations["prometheus.io/path"]
