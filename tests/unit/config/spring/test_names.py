"""Relaxed names: one property in all its spellings, in every source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import properties
from config.spring.names import map_key, uniform
from config.spring.sources.application_json import application_json
from config.spring.sources.source import Environment, Source, command_line, environment

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "written",
    [
        "spring.cloud.stream.kafka.binder.auto-create-topics",
        "spring.cloud.stream.kafka.binder.autoCreateTopics",
        "spring.cloud.stream.kafka.binder.auto_create_topics",
        "spring.cloud.stream.kafka.binder.AUTOCREATETOPICS",
        "SPRING.CLOUD.STREAM.KAFKA.BINDER.AUTO-CREATE-TOPICS",
    ],
)
def test_spellings_are_equal(written: str) -> None:
    source = Source("any", "any", {written: "x"})
    found = source.find("spring.cloud.stream.kafka.binder.auto-create-topics")
    assert found
    assert (found.name, found.value) == (written, "x")


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        (
            "SPRING_CLOUD_STREAM_BINDINGS_INPUT_DESTINATION",
            "spring.cloud.stream.bindings.input.destination",
        ),
        (
            "SPRING_CLOUD_STREAM_BINDINGS_OUTPUT_PRODUCER_REQUIREDGROUPS",
            "spring.cloud.stream.bindings.output.producer.required-groups",
        ),
        (
            "SPRING_CLOUD_STREAM_BINDINGS_OUTPUT_PRODUCER_REQUIRED_GROUPS",
            "spring.cloud.stream.bindings.output.producer.required-groups",
        ),
        ("SPRING_CLOUD_STREAM_INSTANCEINDEX", "spring.cloud.stream.instance-index"),
        ("SPRING_CLOUD_STREAM_INSTANCE_INDEX", "spring.cloud.stream.instance-index"),
        ("SPRING_CLOUD_STREAM_KAFKA_BINDER_ZK_NODES", "spring.cloud.stream.kafka.binder.zk-nodes"),
        (
            "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-USER",
            "spring.cloud.streamapp.security.admin-user",
        ),
        ("REVERSE-STRING", "reversestring"),
        ("spring.cloud.stream.instanceIndex", "spring.cloud.stream.instance-index"),
        ("server_port", "server.port"),
    ],
)
def test_variable_spellings(variable: str, name: str) -> None:
    found = environment({variable: "x"}).find(name)
    assert found
    assert found.origin == f"environment variable {variable}"


@pytest.mark.parametrize("variable", ["SPRING_CLOUD_STREAM_INSTANCE", "SERVERPORT", "XSERVER_PORT"])
def test_other_variables_are_other_names(variable: str) -> None:
    source = environment({variable: "x"})
    assert source.find("server.port") is None
    assert source.find("spring.cloud.stream.instance-index") is None


def test_uniform_variable_wins_over_legacy() -> None:
    source = environment({"A_ZK_NODES": "legacy", "A_ZKNODES": "uniform"})
    found = source.find("a.zk-nodes")
    assert found
    assert found.value == "uniform"


def test_canonical_spelling_wins() -> None:
    assert (
        found := Source("s", "s", {"reverseString": "camel", "reversestring": "plain"}).find(
            "reversestring"
        )
    )
    assert found.value == "plain"


def test_indexed_lists() -> None:
    arguments = command_line(["--brokers[1]=b", "--brokers[0]=a"])
    assert (found := arguments.find("brokers"))
    assert found.value == "a,b"
    assert (found := environment({"BROKERS_0": "c", "BROKERS_1": "d"}).find("brokers"))
    assert found.value == "c,d"
    assert (found := application_json('{"brokers": ["e", "f", null]}', "JSON").find("brokers"))
    assert found.value == "e,f"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.map.security.protocol", "security.protocol"),
        ("a.map[security.protocol]", "security.protocol"),
        ("a.map.saslJaasConfig", "saslJaasConfig"),
        ("a.map.we/ird k$y", "weirdky"),
        ("a.map[we/ird k$y]", "we/ird k$y"),
        ("A.Map.x", "x"),
        ("a.map", None),
        ("a.mapping.x", None),
        ("a.x.map.y", None),
    ],
)
def test_keys_of_a_map(name: str, key: str | None) -> None:
    assert map_key(name, "a.map") == key


def test_map_keys_in_variables_are_lower_case() -> None:
    source = environment(
        {"A_B_C_SECURITY_PROTOCOL": "SASL_SSL", "a.b-c.Ssl.X": "y", "A_BC_ACKS": "1"}
    )
    assert {key: entry.value for key, entry in source.entries("a.b-c")} == {
        "security.protocol": "SASL_SSL",
        "Ssl.X": "y",
        "acks": "1",
    }


def test_service_variables_are_no_settings() -> None:
    links = {
        "SERVER_SERVICE_HOST": "10.0.0.1",
        "SERVER_SERVICE_PORT": "80",
        "SERVER_SERVICE_PORT_HTTP": "80",
        "SERVER_PORT": "tcp://10.0.0.1:80",
        "SERVER_PORT_80_TCP": "tcp://10.0.0.1:80",
        "SERVER_PORT_80_TCP_ADDR": "10.0.0.1",
        "INFO_SERVICE_HOST": "10.0.0.2",
        "INFO_SERVICE_PORT": "80",
        "INFO_PORT": "tcp://10.0.0.2:80",
    }
    assert environment(links | {"SERVER_ADDRESS": "0.0.0.0"}).values == {
        "SERVER_ADDRESS": "0.0.0.0"
    }
    assert environment({"SERVER_PORT": "81"}).values == {"SERVER_PORT": "81"}


PORTS = sorted(prop.name for prop in properties().values() if prop.name.endswith(".port"))


@pytest.mark.parametrize("name", PORTS)
def test_port_beside_service_of_its_name(name: str) -> None:
    """A SERVER_PORT of the user replaces the variable of a Kubernetes service `server`."""
    service = name.removesuffix(".port").upper().replace(".", "_").replace("-", "")
    beside = {
        f"{service}_SERVICE_HOST": "10.0.0.1",
        f"{service}_SERVICE_PORT": "80",
        f"{service}_PORT_80_TCP_PORT": "80",
    }
    assert environment(beside | {f"{service}_PORT": "9099"}).values == {f"{service}_PORT": "9099"}
    for scheme in ("tcp", "udp", "sctp"):
        assert environment(beside | {f"{service}_PORT": f"{scheme}://10.0.0.1:80"}).values == {}


words = st.text(LETTERS, min_size=1, max_size=6)


@given(st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=4))
def test_letter_case_and_dashes_do_not_matter(elements: list[list[str]]) -> None:
    kebab = ".".join("-".join(parts) for parts in elements)
    camel = ".".join(parts[0] + "".join(map(str.capitalize, parts[1:])) for parts in elements)
    snake = ".".join("_".join(parts) for parts in elements)
    shell = "_".join("".join(parts) for parts in elements).upper()
    legacy = "_".join("_".join(parts) for parts in elements).upper()
    assert uniform(kebab) == uniform(camel) == uniform(snake)
    for variable in (shell, legacy, kebab, camel):
        assert Environment("e", "e", {variable: "x"}).find(kebab), variable
