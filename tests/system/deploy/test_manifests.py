"""deploy/: manifests are valid, agree with each other, and set what the processor honours."""

from pathlib import Path
from typing import Any

import pytest

import config
import dead_letters.arguments
from config.report import resolve
from tests.support.brokers.certificates import party
from tests.system.deploy import schemas
from tests.system.deploy.manifests import DEPLOY, KUBERNETES, SECURED, read, read_all

KEDA = DEPLOY / "kubernetes" / "keda" / "scaled-object.yaml"
# What KEDA 2 documents for the fields used: of a ScaledObject's spec, of a trigger, and of the
# metadata of the Apache Kafka scaler.
KEDA_SPEC = {
    "scaleTargetRef",
    "pollingInterval",
    "cooldownPeriod",
    "idleReplicaCount",
    "minReplicaCount",
    "maxReplicaCount",
}
KEDA_SPEC |= {"fallback", "advanced", "triggers"}
KEDA_KAFKA = {
    "bootstrapServers",
    "consumerGroup",
    "topic",
    "lagThreshold",
    "activationLagThreshold",
    "offsetResetPolicy",
}
KEDA_KAFKA |= {
    "allowIdleConsumers",
    "scaleToZeroOnInvalidOffset",
    "excludePersistentLag",
    "limitToPartitionsWithLag",
    "version",
}
BINDER = "SPRING_CLOUD_STREAM_KAFKA_BINDER"
NEWEST = 37  # Kubernetes 1.37: an older release of the schemas would drop it in silence
UIDS = ("0b9c3f0a-6f6b-4d0e-9a56-0c0f2d1a7e11", "7f5d2c44-5f0e-4a83-8a0d-3f1f3c6b9d02")


def test_versions_range_from_1_21_to_newest() -> None:
    """FileNotFoundError or too few.

    `make .kafka/kubernetes-schemas/ready` fetches the older ones.
    """
    minors = list(schemas.FOLDERS)
    assert minors == list(range(schemas.OLDEST, minors[-1] + 1))
    assert minors[-1] >= NEWEST


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_kubernetes_knows_fields(version: str) -> None:
    documents = [read(path) for path in KUBERNETES.values()] + read_all(SECURED)
    assert [error for document in documents for error in schemas.errors(document, version)] == []
    assert len(documents) == len(KUBERNETES) + 2


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_unknown_field_is_found(version: str) -> None:
    deployment = read(KUBERNETES["deployment"])
    deployment["spec"]["template"]["spec"]["containers"][0]["readyProbe"] = {}
    (found,) = schemas.errors(deployment, version)
    assert "readyProbe" in found


def test_field_of_newer_version_is_found() -> None:
    budget = read(KUBERNETES["disruption-budget"])
    budget["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow"
    assert [bool(schemas.errors(budget, version)) for version in ("1.21", "1.27")] == [True, False]


def test_folder_needs_plain_kubernetes_only() -> None:
    groups = {read(path)["apiVersion"].rpartition("/")[0] for path in KUBERNETES.values()}
    assert groups == {"", "apps", "policy", "networking.k8s.io"}


def test_pods_have_distinct_transactional_ids(pod: Any, environ: dict[str, str]) -> None:
    (container,) = pod["containers"]
    (guid,) = container["env"]
    assert guid["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.uid"}}
    prefix = {f"{BINDER}_TRANSACTION_TRANSACTIONIDPREFIX": "tx-"}
    ids = {config.load([], environ | prefix | {guid["name"]: uid}).transactional_id for uid in UIDS}
    assert ids == {f"tx-{uid}" for uid in UIDS}


def test_credentials_and_truststore_are_used(
    pod: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    credentials, stores = read_all(SECURED)
    (container,) = pod["containers"]
    assert container["envFrom"][1]["secretRef"] == {
        "name": credentials["metadata"]["name"],
        "optional": True,
    }
    (volume,), (mount,) = pod["volumes"], container["volumeMounts"]
    assert volume["secret"] == {"secretName": stores["metadata"]["name"], "optional": True}
    assert mount["name"] == volume["name"]
    given = credentials["stringData"]
    location = Path(given[f"{BINDER}_CONFIGURATION_SSL_TRUSTSTORE_LOCATION"])
    assert (str(location.parent), location.name in stores["stringData"]) == (
        mount["mountPath"],
        True,
    )
    store = tmp_path / location.name
    store.write_bytes(party("authority").pem)
    given |= {f"{BINDER}_CONFIGURATION_SSL_TRUSTSTORE_LOCATION": str(store)}
    settings = config.load([], environ | given)
    assert not settings.warnings
    client = config.librdkafka.client_config.consumer_config(settings)
    assert (
        str(client["security.protocol"]).upper(),
        client["sasl.mechanism"],
        client["sasl.username"],
    ) == (
        "SASL_SSL",
        "SCRAM-SHA-512",
        "python-processor",
    )


def test_replay_has_settings_of_deployment(pod: Any) -> None:
    job = read(DEPLOY / "kubernetes" / "jobs" / "replay.yaml")["spec"]["template"]["spec"]
    (replay,), (processor,) = job["containers"], pod["containers"]
    for name in ("image", "envFrom", "volumeMounts"):
        assert replay[name] == processor[name], name
    assert job["volumes"] == pod["volumes"]


def test_network_policy_allows_what_is_needed(pod: Any, environ: dict[str, str]) -> None:
    spec = read(KUBERNETES["network-policy"])["spec"]
    (inwards,), outwards = spec["ingress"], spec["egress"]
    assert [port["port"] for port in inwards["ports"]] == [pod["containers"][0]["ports"][0]["name"]]
    open_ports = {port["port"] for rule in outwards for port in rule["ports"]}
    assert {int(broker.rpartition(":")[2]) for broker in config.load([], environ).brokers} | {
        53
    } <= open_ports


def test_recipes_stream_can_run_beside(environ: dict[str, str]) -> None:
    settings = config.load([], environ)
    names = (*settings.input_destinations, settings.output_destination, settings.input_group)
    assert not [name for name in names if name.startswith("text-reversal")]


def test_pod_grants_shutdown_time(pod: Any, environ: dict[str, str]) -> None:
    assert pod["terminationGracePeriodSeconds"] > config.load([], environ).shutdown_timeout


def test_probes_ask_actuators_port(pod: Any, environ: dict[str, str]) -> None:
    (container,) = pod["containers"]
    assert container["ports"] == [
        {"name": "http", "containerPort": config.load([], environ).server_port}
    ]
    kinds = [container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")]
    assert [(kind.get("initialDelaySeconds", 0), kind["periodSeconds"]) for kind in kinds] == [
        (0, 1),
        (0, 10),
        (0, 2),
    ]
    probes = [kind["httpGet"] for kind in kinds]
    assert {probe["port"] for probe in probes} == {"http"}
    assert [probe["path"] for probe in probes] == [
        "/actuator/info",
        "/actuator/health/liveness",
        "/actuator/health/readiness",
    ]


def test_replay_job_is_like_deployment(pod: Any, environ: dict[str, str]) -> None:
    """Image, settings, credentials and restrictions are those of the processor.

    Its arguments are understood.
    """
    job = read(DEPLOY / "kubernetes" / "jobs" / "replay.yaml")
    assert [error for version in schemas.VERSIONS for error in schemas.errors(job, version)] == []
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


def test_everything_selects_pods() -> None:
    deployment, budget, policy, settings = (
        read(KUBERNETES[name])
        for name in ("deployment", "disruption-budget", "network-policy", "settings")
    )
    scaled = read(KEDA)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert (
        deployment["spec"]["selector"]["matchLabels"]
        == labels
        == budget["spec"]["selector"]["matchLabels"]
    )
    assert policy["spec"]["podSelector"]["matchLabels"] == labels
    assert scaled["spec"]["scaleTargetRef"] == {"name": deployment["metadata"]["name"]}
    sources = deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    assert sources[0]["configMapRef"]["name"] == settings["metadata"]["name"]
    assert "replicas" not in deployment["spec"], (
        "each `kubectl apply` would take back what KEDA, or kubectl scale, has decided"
    )


def test_keda_scales_on_groups_lag(environ: dict[str, str]) -> None:
    spec = read(KEDA)["spec"]
    (trigger,) = spec["triggers"]
    metadata = trigger["metadata"]
    settings = config.load([], environ)
    assert spec.keys() <= KEDA_SPEC
    assert trigger.keys() == {"type", "metadata"}
    assert metadata.keys() <= KEDA_KAFKA
    assert all(isinstance(value, str) for value in metadata.values()), "KEDA takes texts only"
    assert metadata["bootstrapServers"].split(",") == list(settings.brokers)
    assert (metadata["consumerGroup"], (metadata["topic"],)) == (
        settings.input_group,
        settings.input_destinations,
    )
    assert spec["maxReplicaCount"] == settings.min_partition_count


@pytest.mark.parametrize("platform", ["Kubernetes", "Compose"])
def test_every_setting_is_honoured(
    platform: str, environ: dict[str, str], services: dict[str, Any]
) -> None:
    given = environ if platform == "Kubernetes" else services["python-processor"]["environment"]
    settings = config.load([], given)
    assert not settings.warnings
    assert settings.own_values["reversestring"]
    assert len([each for each in resolve(settings) if each.origin != "default"]) == len(given)
