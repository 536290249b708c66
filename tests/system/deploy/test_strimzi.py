"""deploy/kubernetes/strimzi fits the processor's settings, and Strimzi knows its fields."""

import copy
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no types
import pytest

import config
from config.librdkafka import client_config
from tests.support.brokers.certificates import party
from tests.support.processor import REPOSITORY
from tests.system.deploy import schemas
from tests.system.deploy.manifests import closed, merge, read_all

KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
STRIMZI = KUBERNETES / "strimzi"
TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}


def resource(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = closed(("strimzi.io/cluster",), **{"strimzi.io/cluster": TEXT})
    return closed(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"const": "kafka.strimzi.io/v1"},
        kind={"const": kind},
        metadata=closed(("name", "labels"), name=TEXT, labels=labels),
        spec=spec,
    )


# What Strimzi 1.2 documents of the two kinds.
OPERATIONS = ["Read", "Write", "Create", "Delete", "Alter", "Describe", "AlterConfigs"]
OPERATIONS += ["ClusterAction", "DescribeConfigs", "IdempotentWrite", "All"]
ACL = closed(
    ("resource", "operations"),
    type={"enum": ["allow", "deny"]},
    host=TEXT,
    operations={"type": "array", "items": {"enum": OPERATIONS}, "minItems": 1},
    resource=closed(
        ("type",),
        type={"enum": ["topic", "group", "cluster", "transactionalId"]},
        name=TEXT,
        patternType={"enum": ["literal", "prefix"]},
    ),
)
SCHEMAS = {
    "KafkaTopic": resource(
        "KafkaTopic",
        closed((), topicName=TEXT, partitions=COUNT, replicas=COUNT, config={"type": "object"}),
    ),
    "KafkaUser": resource(
        "KafkaUser",
        closed(
            (),
            authentication=closed(
                ("type",), type={"enum": ["tls", "tls-external", "scram-sha-512"]}
            ),
            authorization=closed(
                ("type", "acls"),
                type={"const": "simple"},
                acls={"type": "array", "items": ACL, "minItems": 1},
            ),
        ),
    ),
}


@pytest.fixture
def environ() -> dict[str, str]:
    """The settings of the Deployment, from its ConfigMap."""
    (settings,) = read_all(KUBERNETES / "settings.yaml")
    data: dict[str, str] = settings["data"]
    return data


@pytest.fixture
def topics() -> dict[str, Any]:
    return {each["metadata"]["name"]: each for each in read_all(STRIMZI / "topics.yaml")}


@pytest.fixture
def user() -> Any:
    (found,) = read_all(STRIMZI / "user.yaml")
    return found


@pytest.fixture
def patched() -> Any:
    """The Deployment with the patch: lists are merged by the names of their items."""
    (deployment,) = read_all(KUBERNETES / "deployment.yaml")
    (patch,) = read_all(STRIMZI / "patch" / "deployment.yaml")
    return merge(deployment, patch)


@pytest.mark.parametrize("name", ["topics.yaml", "user.yaml"])
def test_strimzi_knows_every_field(name: str) -> None:
    for document in read_all(STRIMZI / name):
        jsonschema.Draft202012Validator(SCHEMAS[document["kind"]]).validate(document)


@pytest.mark.parametrize(
    "change", [{"partition": 3}, {"partitions": "3"}, {"replicas": 0}], ids=str
)
def test_wrong_topic_is_found(change: dict[str, Any], topics: dict[str, Any]) -> None:
    topic = copy.deepcopy(topics["reversal.input"])
    topic["spec"] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMAS["KafkaTopic"]).validate(topic)


def test_topics_match_settings(environ: dict[str, str], topics: dict[str, Any]) -> None:
    settings = config.load([], environ)
    (source,) = settings.input_destinations
    dead_letters = settings.dead_letter_topic(source)
    assert topics.keys() == {source, settings.output_destination, dead_letters}
    counts = {each["spec"]["partitions"] for each in topics.values()}
    assert counts == {settings.min_partition_count}


def test_all_is_of_one_cluster(topics: dict[str, Any], user: Any, patched: Any) -> None:
    labels = [each["metadata"]["labels"] for each in (*topics.values(), user)]
    (cluster,) = {each["strimzi.io/cluster"] for each in labels}
    (stores,) = patched["spec"]["template"]["spec"]["volumes"]
    assert stores["secret"]["secretName"] == f"{cluster}-cluster-ca-cert"
    assert variables(patched)[f"{BINDER}_BROKERS"] == f"{cluster}-kafka-bootstrap:9093"


BINDER = "SPRING_CLOUD_STREAM_KAFKA_BINDER"
JAAS = f"{BINDER}_CONFIGURATION_SASL_JAAS_CONFIG"


def variables(deployment: Any) -> dict[str, str]:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def test_user_may_do_what_processor_does(environ: dict[str, str], user: Any) -> None:
    settings = config.load([], environ)
    acls = user["spec"]["authorization"]["acls"]
    (source,) = settings.input_destinations
    dead_letters = str(settings.dead_letter_topic(source))
    for kind, name, operation in [
        ("topic", source, "Read"),
        ("topic", settings.output_destination, "Write"),
        ("topic", dead_letters, "Write"),
        ("topic", dead_letters, "Read"),
        ("group", settings.input_group, "Read"),
        ("group", f"{settings.input_group}.check", "Read"),
        ("group", f"{dead_letters}.replay", "Read"),
        ("transactionalId", "reversal-0b9c3f0a", "Write"),
    ]:
        assert [each for each in acls if allows(each, kind, name, operation)], (kind, name)
    assert not [each for each in acls if allows(each, "topic", "other", "Read")]


def allows(acl: Any, kind: str, name: str, operation: str) -> bool:
    what: dict[str, str] = acl["resource"]
    if what["type"] != kind or operation not in acl["operations"]:
        return False
    if what.get("patternType", "literal") == "prefix":
        return name.startswith(what["name"])
    return name == what["name"]


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_patched_deployment_is_known(version: str, patched: Any) -> None:
    assert schemas.errors(patched, version) == []


def test_patched_settings_are_used(
    environ: dict[str, str], patched: Any, user: Any, tmp_path: Path
) -> None:
    (container,) = patched["spec"]["template"]["spec"]["containers"]
    (secret,) = [
        each["valueFrom"]["secretKeyRef"] for each in container["env"] if each["name"] == JAAS
    ]
    assert secret == {"name": user["metadata"]["name"], "key": "sasl.jaas.config"}
    store = tmp_path / "ca.crt"
    store.write_bytes(party("authority").pem)
    given = environ | variables(patched)
    location = f"{BINDER}_CONFIGURATION_SSL_TRUSTSTORE_LOCATION"
    assert Path(given[location]).parent == Path(container["volumeMounts"][0]["mountPath"])
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    given |= {location: str(store), JAAS: f'{module} required username="u" password="p";'}
    settings = config.load([], given)
    assert not settings.warnings
    assert not settings.auto_create_topics
    client = client_config.consumer_config(settings)
    assert (client["security.protocol"], client["sasl.username"]) == ("sasl_ssl", "u")


def test_secret_is_not_environment(user: Any, patched: Any) -> None:
    """A Secret of the Deployment's `envFrom` would become its environment, key by key."""
    (container,) = patched["spec"]["template"]["spec"]["containers"]
    taken = {each["secretRef"]["name"] for each in container["envFrom"] if "secretRef" in each}
    assert user["metadata"]["name"] not in taken
