"""deploy/: the manifests are what their platforms know, say the same as one another, and set what the processor honours."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # has no types
import pytest
import yaml  # type: ignore[import-untyped]  # has no types

import config
import dead_letters.arguments
from config.report import resolved
from tests.support.processor import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
KUBERNETES = {path.stem: path for path in (DEPLOY / "kubernetes").glob("*.yaml")}
# What KEDA 2 documents for the fields used: of a ScaledObject's spec, of a trigger, and of the metadata of the Apache Kafka scaler.
KEDA_SPEC = {"scaleTargetRef", "pollingInterval", "cooldownPeriod", "idleReplicaCount", "minReplicaCount", "maxReplicaCount"}
KEDA_SPEC |= {"fallback", "advanced", "triggers"}
KEDA_KAFKA = {"bootstrapServers", "consumerGroup", "topic", "lagThreshold", "activationLagThreshold", "offsetResetPolicy"}
KEDA_KAFKA |= {"allowIdleConsumers", "scaleToZeroOnInvalidOffset", "excludePersistentLag", "limitToPartitionsWithLag", "version"}
BINDINGS = "SPRING_CLOUD_STREAM_BINDINGS"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.fixture
def environ() -> dict[str, str]:
    """What the Deployment's container gets."""
    data: dict[str, str] = read(KUBERNETES["settings"])["data"]
    return data


@pytest.fixture
def pod() -> Any:
    return read(KUBERNETES["deployment"])["spec"]["template"]["spec"]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = read(DEPLOY / "compose.yaml")["services"]
    return found


@pytest.mark.parametrize("name", sorted(KUBERNETES.keys() - {"scaled-object"}))
def test_kubernetes_knows_every_field(name: str) -> None:
    kubernetes_validate.validate(read(KUBERNETES[name]), "1.37", strict=True)


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(read(KUBERNETES["deployment"]) | {"replica": 2}, "1.37", strict=True)


def test_the_pod_gives_the_processor_the_time_it_wants(pod: Any, environ: dict[str, str]) -> None:
    assert pod["terminationGracePeriodSeconds"] > config.load([], environ).shutdown_timeout


def test_the_probes_ask_the_actuator_s_port(pod: Any, environ: dict[str, str]) -> None:
    (container,) = pod["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": config.load([], environ).server_port}]
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    assert {probe["port"] for probe in probes} == {"http"}
    assert [probe["path"] for probe in probes] == ["/actuator/info", "/actuator/health/liveness", "/actuator/health/readiness"]


def test_replay_job_is_like_the_deployment(pod: Any, environ: dict[str, str]) -> None:
    """Image, settings, credentials and restrictions are those of the processor; its arguments are understood."""
    job = read(DEPLOY / "kubernetes" / "jobs" / "replay.yaml")
    kubernetes_validate.validate(job, "1.37", strict=True)
    other = job["spec"]["template"]["spec"]
    (container,), (processor,) = other["containers"], pod["containers"]
    for name in ("image", "envFrom", "securityContext", "resources"):
        assert container[name] == processor[name], name
    assert other["securityContext"] == pod["securityContext"]
    assert container["command"] == ["python", "-m", "dead_letters"]
    options, further = dead_letters.arguments.parse(container["args"])
    settings = config.load(further, environ)
    assert options.topic == settings.dead_letter_topic(*settings.input_destinations)
    assert "name" not in job["metadata"], "each `kubectl create` is a run of its own"


def test_everything_selects_the_pods() -> None:
    deployment, budget, scaled, settings = (
        read(KUBERNETES[name]) for name in ("deployment", "disruption-budget", "scaled-object", "settings")
    )
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels == budget["spec"]["selector"]["matchLabels"]
    assert scaled["spec"]["scaleTargetRef"] == {"name": deployment["metadata"]["name"]}
    sources = deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    assert sources[0]["configMapRef"]["name"] == settings["metadata"]["name"]
    assert "replicas" not in deployment["spec"], "each `kubectl apply` would take back what KEDA has decided"


def test_keda_scales_on_the_lag_of_the_processor_s_group(environ: dict[str, str]) -> None:
    spec = read(KUBERNETES["scaled-object"])["spec"]
    (trigger,) = spec["triggers"]
    metadata = trigger["metadata"]
    settings = config.load([], environ)
    assert spec.keys() <= KEDA_SPEC
    assert trigger.keys() == {"type", "metadata"}
    assert metadata.keys() <= KEDA_KAFKA
    assert all(isinstance(value, str) for value in metadata.values()), "KEDA takes texts only"
    assert metadata["bootstrapServers"].split(",") == list(settings.brokers)
    assert (metadata["consumerGroup"], (metadata["topic"],)) == (settings.input_group, settings.input_destinations)
    assert spec["maxReplicaCount"] == settings.min_partition_count


def by_the_specification(compose: Path) -> subprocess.CompletedProcess[str]:
    """Hold a file against the Compose specification's own schema, which the tool brings along."""
    tool = Path(sys.executable).with_name("check-jsonschema")
    command = [str(tool), "--builtin-schema", "vendor.compose-spec", str(compose)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_compose_knows_every_field(services: dict[str, Any]) -> None:
    checked = by_the_specification(DEPLOY / "compose.yaml")
    assert checked.returncode == 0, checked.stdout
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= services.keys(), name


def test_a_field_that_compose_does_not_know_is_found(tmp_path: Path) -> None:
    other = tmp_path / "compose.yaml"
    other.write_text((DEPLOY / "compose.yaml").read_text().replace("mem_limit", "memory_limit"))
    checked = by_the_specification(other)
    assert checked.returncode == 1
    assert "memory_limit" in checked.stdout


def test_compose_registers_the_apps_of_its_stream(services: dict[str, Any]) -> None:
    said = " ".join(services["apps"]["command"])
    assert [f"docker:{services[name]['image']}&" in said for name in ("http", "log")] == [True, True]


def test_compose_s_services_are_one_stream(services: dict[str, Any]) -> None:
    http, own, log = (services[name]["environment"] for name in ("http", "python-processor", "log"))
    assert http[f"{BINDINGS}_OUTPUT_DESTINATION"] == own[f"{BINDINGS}_INPUT_DESTINATION"]
    assert own[f"{BINDINGS}_OUTPUT_DESTINATION"] == log[f"{BINDINGS}_INPUT_DESTINATION"]
    assert services["http"]["ports"] == ["{0}:{0}".format(http["SERVER_PORT"])]


@pytest.mark.parametrize("platform", ["Kubernetes", "Compose"])
def test_every_setting_is_honoured(platform: str, environ: dict[str, str], services: dict[str, Any]) -> None:
    given = environ if platform == "Kubernetes" else services["python-processor"]["environment"]
    settings = config.load([], given)
    assert not settings.warnings
    assert settings.own_values["reversestring"]
    assert len([each for each in resolved(settings) if each.origin != "default"]) == len(given)
