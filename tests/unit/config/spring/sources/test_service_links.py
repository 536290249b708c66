"""Variables of Kubernetes Services are distinguished from settings by their values."""

from collections.abc import Iterator

import pytest

import config
from config.settings import Settings, properties
from config.spring.sources.source import environment

ADDRESSES = ("10.0.0.1", "fd00::1")
ENDS = ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT")  # of names that links have


def service_links(
    service: str, address: str = ADDRESSES[0], port: int = 80, protocol: str = "tcp"
) -> dict[str, str]:
    """What the kubelet sets in containers for a Service, by its name in upper case."""
    url = f"{protocol}://{f'[{address}]' if ':' in address else address}:{port}"
    link = f"{service}_PORT_{port}_{protocol.upper()}"
    return {
        f"{service}_SERVICE_HOST": address,
        f"{service}_SERVICE_PORT": f"{port}",
        f"{service}_SERVICE_PORT_HTTP": f"{port}",
        f"{service}_PORT": url,
        link: url,
        f"{link}_PROTO": protocol,
        f"{link}_PORT": f"{port}",
        f"{link}_ADDR": address,
    }


def spellings(name: str) -> set[str]:
    """How the environment may spell a property."""
    return {name.replace(".", "_").replace("-", dash).upper() for dash in ("", "_")}


def services() -> Iterator[str]:
    """Every Service that has a variable by which a property could be set.

    A port, a host, or anything below a map.
    """
    for field, prop in properties().items():
        is_map = Settings.model_fields[field].default == {}
        inner = f".{prop.inner}" if prop.inner else ""
        for name in (prop.name, *prop.fallbacks):
            for spelt in spellings(f"{name}{inner}" if is_map else name):
                yield from (
                    (spelt, f"{spelt}_KEY")
                    if is_map
                    else (spelt.removesuffix(end) for end in ENDS if spelt.endswith(end))
                )


SERVICES = sorted(set(services()))


def test_own_ports_are_recognised() -> None:
    assert {
        "SERVER",
        "MANAGEMENT_METRICS_TAGS",
        "LOGGING_LEVEL",
        "SPRING_CLOUD_STREAM_KAFKA_BINDER_DEFAULT_BROKER",
    } <= set(SERVICES)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("protocol", ["tcp", "udp", "sctp"])
def test_service_sets_no_property(address: str, protocol: str) -> None:
    for service in SERVICES:
        assert environment(service_links(service, address, 8443, protocol)).values == {}


@pytest.mark.parametrize(
    "value", ["9099", "0", "", "host", "tcp://broker:9092", "tcp://10.0.0.1", "TCP://10.0.0.1:80"]
)
def test_explicit_port_is_kept(value: str) -> None:
    for service in SERVICES:
        links = service_links(service) | {f"{service}_PORT": value}
        assert environment(links).values == {f"{service}_PORT": value}


@pytest.mark.parametrize(
    "name", sorted(service_links("SERVER").keys() - {"SERVER_SERVICE_HOST", "SERVER_SERVICE_PORT"})
)
def test_other_value_is_a_setting(name: str) -> None:
    assert environment(service_links("SERVER") | {name: "mine"}).values[name] == "mine"


def test_partial_links_set_no_port() -> None:
    assert environment({"SERVER_PORT": "tcp://10.0.0.1:80"}).values == {}
    assert (
        environment({"SERVER_SERVICE_HOST": "10.0.0.1", "SERVER_SERVICE_PORT": "80"}).values == {}
    )
    assert environment(service_links("A_SERVICE_PORT")).values == {}


def test_actuator_listens_where_pod_says() -> None:
    settings = config.load([], service_links("SERVER") | {"SERVER_PORT": "9099"})
    assert settings.server_port == 9099
    assert not settings.warnings
    assert config.load([], service_links("SERVER")).server_port == 8080


@pytest.mark.parametrize(
    "brokers",
    [
        "${KAFKA_SERVICE_HOST}:${KAFKA_SERVICE_PORT}",
        "${KAFKA_PORT_80_TCP_ADDR}:${KAFKA_PORT_80_TCP_PORT}",
    ],
)
def test_placeholder_may_name_link(brokers: str) -> None:
    settings = config.load(
        [f"--spring.cloud.stream.kafka.binder.brokers={brokers}"], service_links("KAFKA")
    )
    assert settings.brokers == ("10.0.0.1:80",)
    assert not settings.warnings


def test_link_is_no_placeholder_property() -> None:
    tag = "--management.metrics.tags.port=${server.port:none}"
    assert config.load([tag], service_links("SERVER")).metric_tags == {"port": "none"}


def test_lookalike_is_a_setting() -> None:
    tags = {
        "MANAGEMENT_METRICS_TAGS_SERVICE_HOST": "db.example",
        "MANAGEMENT_METRICS_TAGS_SERVICE_PORT": "5432",
    }
    assert config.load([], tags).metric_tags == {
        "service.host": "db.example",
        "service.port": "5432",
    }
